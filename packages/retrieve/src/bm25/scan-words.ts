import { bitsPerCharacter, charactersPerNumber, type WordTerms } from "./word-terms.ts";

const apostrophe = 0x27;
const comma = 0x2c;
const fullStop = 0x2e;

const other = 0;
const letter = 1;
const digit = 2;
const underscore = 3;
const kinds = new Uint8Array(128);
const lowerCase = Array.from({ length: 128 }, (_, byte) => String.fromCharCode(byte).toLowerCase());
// A character's six bits, case apart: 0 for one that stands in no word, and the least for those that stand only inside one.
const codes = new Uint8Array(256);
const inWords = `'.,_0123456789abcdefghijklmnopqrstuvwxyz`;
const leastOfWord = inWords.indexOf("_") + 1;
for (let byte = 0; byte < 128; byte++) {
  const char = String.fromCharCode(byte);
  kinds[byte] = /[a-z]/i.test(char) ? letter : /\d/.test(char) ? digit : char === "_" ? underscore : other;
  codes[byte] = inWords.indexOf(char.toLowerCase()) + 1;
}
const lowMask = 2 ** (bitsPerCharacter * charactersPerNumber) - 1;

/** Where words are found: ASCII text, behind which another byte that is of no word must stand. */
export interface AsciiText {
  bytes: Uint8Array;
  from: number;
  to: number;
}

/**
 * Puts the values of an ASCII text's words into `into`, the words being those of core's `wordsOf`, without making a string
 * of any that was seen before: ten times as fast.
 * @param options.into as long as the text at least
 * @param options.newValue the value of a word seen for the first time, not 0
 * @returns number of words
 */
export function scanWords(
  { bytes, from, to }: AsciiText,
  { words, into, newValue }: { words: WordTerms; into: Int32Array; newValue(word: string): number },
): number {
  let count = 0;
  for (let at = from; at < to; ) {
    let code = codes[bytes[at]!]!;
    if (code < leastOfWord) {
      at++;
      continue;
    }
    const start = at;
    let last = 0;
    do {
      last = (last << bitsPerCharacter) | code;
      code = codes[bytes[++at]!]!;
    } while (code >= leastOfWord || (code !== 0 && joins(bytes, at)));
    const length = at - start;
    if (length > 2 * charactersPerNumber) {
      into[count++] = longValue({ bytes, from: start, to: at }, words, newValue);
      continue;
    }
    const high = length > charactersPerNumber ? packed(bytes, start, at - charactersPerNumber) : 0;
    const low = last & lowMask;
    let value = words.short(low, high);
    if (value === 0) {
      value = newValue(textOf(bytes, start, at));
      words.setShort(low, high, value);
    }
    into[count++] = value;
  }
  return count;
}

function packed(bytes: Uint8Array, from: number, to: number): number {
  let characters = 0;
  for (let i = from; i < to; i++) characters = (characters << bitsPerCharacter) | codes[bytes[i]!]!;
  return characters;
}

function longValue({ bytes, from, to }: AsciiText, words: WordTerms, newValue: (word: string) => number): number {
  for (let i = from; i < to; i++) if (kinds[bytes[i]!] === letter) bytes[i]! |= 0x20;
  const word = words.long(bytes, from, to);
  if (words.values[word] === 0) words.values[word] = newValue(textOf(bytes, from, to));
  return words.values[word]!;
}

function textOf(bytes: Uint8Array, from: number, to: number): string {
  let text = "";
  for (let i = from; i < to; i++) text += lowerCase[bytes[i]!];
  return text;
}

/** Whether the sign at a place, which follows a character of a word, holds the word together. */
function joins(bytes: Uint8Array, at: number): boolean {
  const sign = bytes[at]!;
  if (sign !== apostrophe && sign !== fullStop && sign !== comma) return false;
  const before = kinds[bytes[at - 1]!];
  if (before !== kinds[bytes[at + 1]!]) return false;
  return before === letter ? sign !== comma : before === digit && sign !== apostrophe;
}
