import { wordsOf } from "@rag-instruct/core";
import type { Analyzer } from "./analyzers.ts";
import { type TextTerms, unindexed } from "./run-buffer.ts";
import { type AsciiText, scanWords } from "./scan-words.ts";
import { internText, newStringTable, type StringTable } from "./string-table.ts";
import { wordTerms } from "./word-terms.ts";

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
  const { termOf } = analyzer;
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
