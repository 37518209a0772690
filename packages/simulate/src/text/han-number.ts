import type { ReadNumber } from "./read-number.ts";

const digits = new Map([..."〇一二三四五六七八九"].map((sign, value): [string, number] => [sign, value]));
digits.set("零", 0).set("两", 2).set("兩", 2);
const units = new Map([
  ["十", 10],
  ["百", 100],
  ["千", 1000],
]);
const scales = new Map([
  ["万", 1e4],
  ["萬", 1e4],
  ["亿", 1e8],
  ["億", 1e8],
]);

/** Whether a number in Chinese numerals can begin with a token. */
export function isHanNumeral(token: string): boolean {
  return digits.has(token) || units.has(token);
}

/**
 * Reads a number in Chinese numerals from tokens of one character each, such as 一百五十万, or undefined. A single numeral is left as it is:
 * it is part of many words.
 */
export function readHanNumber(tokens: readonly string[], start: number): ReadNumber | undefined {
  let [total, section, digit] = [0, 0, 0];
  let hasUnit = false;
  let at = start;
  for (; at < tokens.length; at++) {
    const token = tokens[at]!;
    const unit = units.get(token);
    const scale = scales.get(token);
    if (digits.has(token)) digit = digits.get(token)!;
    else if (unit !== undefined) {
      section += (digit || 1) * unit;
      digit = 0;
    } else if (scale !== undefined && at > start) {
      total += (section + digit) * scale;
      [section, digit] = [0, 0];
    } else break;
    hasUnit ||= unit !== undefined || scale !== undefined;
  }
  return hasUnit && at - start > 1 ? { token: String(total + section + digit), next: at } : undefined;
}
