import { wordsOf as everyWord } from "@rag-instruct/core";
import type { Analyzer } from "./analysis/analyzer.ts";
import { type TextTerms, unindexed } from "./runs.ts";
import { hashBytes, internBytes, internText, newStringTable, type StringTable } from "./string-table.ts";

/** Reads the terms of one text after another. What it gives holds until the next text. */
export interface TermReader {
  /** All terms so far. */
  terms: StringTable;
  read(text: string): TextTerms;
  /** As `read`, of an ASCII text's bytes, for an analyzer that works word by word. */
  readAscii(text: AsciiText): TextTerms;
}

const encoder = new TextEncoder();

/** A reader by an analyzer; an analyzer that works word by word sees each distinct word once, but for text beyond ASCII. */
export function termReader(analyzer: Analyzer): TermReader {
  const { termOf, wordsOf = everyWord } = analyzer;
  const terms = newStringTable();
  const words = wordTerms();
  let values = new Int32Array(1 << 12);
  let scratch = new Uint8Array(1 << 12);

  function newValue(word: string): number {
    const text = termOf!(word);
    return text === undefined ? unindexed : internText(terms, text) + 1;
  }
  function knownValue(word: string): number {
    if (scratch.length < word.length * 3) scratch = new Uint8Array(word.length * 3);
    const known = words.long(scratch, 0, encoder.encodeInto(word, scratch).written);
    if (words.values[known] === 0) words.values[known] = newValue(word);
    return words.values[known]!;
  }
  /** @returns the bytes of a text that is all ASCII, with a byte of no word behind them */
  function asciiOf(text: string): AsciiText | undefined {
    if (scratch.length <= text.length) scratch = new Uint8Array(text.length * 2);
    const { read, written } = encoder.encodeInto(text, scratch);
    scratch[written] = 0;
    return read === text.length && written === read ? { bytes: scratch, from: 0, to: written } : undefined;
  }
  const reader: TermReader = {
    terms,
    read(text) {
      const ascii = termOf && asciiOf(text);
      if (ascii) return reader.readAscii(ascii);
      const found = termOf
        ? wordsOf(text).map(knownValue)
        : analyzer.terms(text).map((term) => internText(terms, term) + 1);
      return { values: Int32Array.from(found), count: found.length, known: terms.size };
    },
    readAscii(text) {
      if (values.length < text.to - text.from) values = new Int32Array((text.to - text.from) * 2);
      const count = scanWords(text, { words, into: values, newValue });
      return { values, count, known: terms.size };
    },
  };
  return reader;
}

// Bits of a character in a word's numbers, and characters that one number holds.
const bitsPerCharacter = 6;
const charactersPerNumber = 5;

const apostrophe = 0x27;
const comma = 0x2c;
const fullStop = 0x2e;

const other = 0;
const letter = 1;
const digit = 2;
const underscore = 3;
const kinds = new Uint8Array(128);
const lowerCase = Array.from({ length: 128 }, (_, byte) => String.fromCharCode(byte).toLowerCase());
// A character's six bits, case apart: 0 for one that no word holds, and the least for those that occur only inside one.
const codes = new Uint8Array(256);
const inWords = `'.,_0123456789abcdefghijklmnopqrstuvwxyz`;
const leastOfWord = inWords.indexOf("_") + 1;
for (let byte = 0; byte < 128; byte++) {
  const char = String.fromCharCode(byte);
  kinds[byte] = /[a-z]/i.test(char) ? letter : /\d/.test(char) ? digit : char === "_" ? underscore : other;
  codes[byte] = inWords.indexOf(char.toLowerCase()) + 1;
}
const lowMask = 2 ** (bitsPerCharacter * charactersPerNumber) - 1;
// Says in a slot that the word has characters before its last five.
const longer = 1 << (bitsPerCharacter * charactersPerNumber);

/** A piece of ASCII text; the byte behind it must be one that no word holds. */
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

/**
 * What words became: a value by the word, 0 standing for a word not seen yet. A word of up to ten characters is found by two
 * numbers, which hold its characters in six bits each; the number of a word's last five decides almost always, so that a
 * slot takes eight bytes and more of the table stays in the core's cache.
 */
export interface WordTerms {
  /** @param low the word's last five characters @param high those before, 0 where there are none */
  short(low: number, high: number): number;
  setShort(low: number, high: number, value: number): void;
  /** Number of a longer word, counted from 0; `values` holds its value. */
  long(source: Uint8Array, from: number, to: number): number;
  values: Int32Array;
}

export function wordTerms(): WordTerms {
  const long = newStringTable();
  let mask = (1 << 12) - 1;
  let used = 0;
  // Per slot the last five characters and the value.
  let slots = new Int32Array(2 * (mask + 1));
  let highs = new Int32Array(mask + 1);

  function find(key: number, high: number): number {
    let hash = Math.imul(key, 0x9e3779b1) ^ Math.imul(high, 0x85ebca6b);
    hash ^= hash >>> 15;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      if (slots[2 * slot + 1] === 0) return slot;
      if (slots[2 * slot] === key && (high === 0 || highs[slot] === high)) return slot;
    }
  }
  function put(key: number, high: number, value: number): void {
    const slot = find(key, high);
    slots[2 * slot] = key;
    slots[2 * slot + 1] = value;
    highs[slot] = high;
  }
  function grow(): void {
    const old = { slots, highs };
    mask = mask * 2 + 1;
    slots = new Int32Array(2 * (mask + 1));
    highs = new Int32Array(mask + 1);
    for (let slot = 0; slot < old.highs.length; slot++) {
      if (old.slots[2 * slot + 1] !== 0) put(old.slots[2 * slot]!, old.highs[slot]!, old.slots[2 * slot + 1]!);
    }
  }
  const words: WordTerms = {
    short: (low, high) => slots[2 * find(high === 0 ? low : low | longer, high) + 1]!,
    setShort(low, high, value) {
      // Four of five slots may be taken: a table half as large is worth more than fewer steps.
      if (++used * 5 > mask * 4) grow();
      put(high === 0 ? low : low | longer, high, value);
    },
    long(source, from, to) {
      const word = internBytes(long, { source, from, to, hash: hashBytes(source, from, to) });
      if (word >= words.values.length) {
        const larger = new Int32Array(word * 2);
        larger.set(words.values);
        words.values = larger;
      }
      return word;
    },
    values: new Int32Array(1 << 10),
  };
  return words;
}
