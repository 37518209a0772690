import { monthNumber, rewriteDates } from "./dates.ts";
import { foldText } from "./fold.ts";
import { readNumber } from "./numbers.ts";
import { unitSymbol } from "./units.ts";

const spaceless =
  "\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Thai}\\p{Script=Lao}\\p{Script=Khmer}\\p{Script=Myanmar}";
const token = new RegExp(
  [
    String.raw`\d+(?:st|nd|rd|th)(?![\p{L}\p{N}])`,
    String.raw`(?<![\p{L}\p{N})])-?\d{1,3}(?:[,']\d{3})+(?:\.\d+)?(?!\d)`,
    String.raw`\d{1,3}(?:\.\d{3}){2,}(?!\d)`,
    String.raw`(?:(?<![\p{L}\p{N})])-)?\d+(?:\.\d+|,\d{1,2}(?![\d,]))?`,
    // In scripts without spaces every character is a token, so that a run of them is found inside another.
    `[${spaceless}]`,
    `(?![${spaceless}])\\p{L}(?:(?![${spaceless}])[\\p{L}\\p{M}\\p{N}_])*(?:'\\p{L}+)*`,
    "[%°$€£¥]",
  ].join("|"),
  "gu",
);
// The checks of one pair ask for the same texts again and again, and documents serve several pairs.
const mostKnown = 64;
const known = new Map<string, readonly string[]>();

const articles = new Set(["a", "an", "the"]);
const currencies = new Set(["$", "€", "£", "¥"]);

/**
 * A text as tokens in which equal things are equal: letters without case and accents, plurals in -s as singulars, English
 * articles left out, numbers in digits (1,234 and "one thousand two hundred and thirty-four"), units as symbols (45 percent
 * and 45%), dates with the year first. What one text states of another is a run of the same tokens.
 */
export function canonicalTokens(text: string): readonly string[] {
  const before = known.get(text);
  if (before) return before;
  const tokens = tokenize(text);
  if (known.size >= mostKnown) known.delete(known.keys().next().value!);
  known.set(text, tokens);
  return tokens;
}

function tokenize(text: string): string[] {
  const words: string[] = rewriteDates(foldText(text).replaceAll("us$", "$")).match(token) ?? [];
  const tokens: string[] = [];
  let currency: string | undefined;
  for (let at = 0; at < words.length; ) {
    const word = words[at]!;
    const number = readNumber(words, at);
    if (number) {
      tokens.push(number.token);
      at = number.next;
      if (currency) tokens.push(currency);
      currency = undefined;
      continue;
    }
    const isAmount = currencies.has(word) && /^-?\d/.test(words[at + 1] ?? "");
    if (isAmount) currency = unitSymbol(word);
    else pushCanonical(tokens, word, words[at + 1]);
    at += word === "per" && words[at + 1] === "cent" && isNumeric(tokens.at(-2)) ? 2 : 1;
  }
  return tokens;
}

/** Whether a token is a number or part of a date. */
export function isNumeric(token: string | undefined): boolean {
  return token !== undefined && /^(?:-?\d|month\d|day\d)/.test(token);
}

/** Whether the next word may be a unit: a number stands before it, or a number and "square". */
function isMeasured(tokens: readonly string[]): boolean {
  return isNumeric(tokens.at(tokens.at(-1) === "square" ? -2 : -1));
}

function pushCanonical(tokens: string[], word: string, next: string | undefined): void {
  if (articles.has(word) || currencies.has(word)) return;
  const followsNumber = isMeasured(tokens);
  if (followsNumber && word === "per" && next === "cent") {
    tokens.push("%");
    return;
  }
  const plain = singular(word.includes("'") ? word.replace(/'s$/, "").replaceAll("'", "") : word);
  const unit = unitSymbol(plain, { followsNumber });
  if (unit) tokens.push(unit);
  else if (followsNumber && /^[kcm]?m2$/.test(plain)) tokens.push("square", plain.slice(0, -1));
  else {
    const month = monthNumber(plain);
    tokens.push(month === undefined ? plain : `month${month}`);
  }
}

/** The S-stemmer (Harman 1991). */
function singular(word: string): string {
  if (word.length <= 3 || !word.endsWith("s")) return word;
  if (/(?:us|ss)$/.test(word)) return word;
  if (word.endsWith("ies") && !/[ae]ies$/.test(word)) return `${word.slice(0, -3)}y`;
  return word.slice(0, -1);
}
