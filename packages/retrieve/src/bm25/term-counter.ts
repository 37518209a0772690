import { wordsOf } from "@rag-instruct/core";
import type { Analyzer } from "./analyzers.ts";
import { type AsciiText, scanWords } from "./scan-words.ts";
import { internText, newStringTable, type StringTable } from "./string-table.ts";
import { wordTerms } from "./word-terms.ts";

/** Counts the terms of one passage after another. */
export interface TermCounter {
  /** All terms so far. */
  terms: StringTable;
  /** Counts a text's terms; `distinct` and `counts` then hold them. @returns number of terms, repeated ones included */
  count(text: string): number;
  /** As `count`, of an ASCII text's bytes, for an analyzer that works word by word. */
  countAscii(text: AsciiText): number;
  /** The terms of the last text, `found` of them. */
  distinct: Uint32Array;
  /** How often a term stands in the last text, by term. */
  counts: Uint32Array;
  found: number;
}

const stopped = 0xffffffff;
const encoder = new TextEncoder();

/** A counter over an analyzer; an analyzer that works word by word sees each distinct word once, but for text beyond ASCII. */
export function termCounter(analyzer: Analyzer): TermCounter {
  const { termOf } = analyzer;
  const words = wordTerms();
  let values = new Uint32Array(1 << 12);
  let scratch = new Uint8Array(1 << 12);

  function add(term: number): void {
    if (term >= counter.counts.length) counter.counts = grown(counter.counts, term);
    if (counter.counts[term]!++ > 0) return;
    if (counter.found >= counter.distinct.length) counter.distinct = grown(counter.distinct, counter.found);
    counter.distinct[counter.found++] = term;
  }
  function clear(): void {
    for (let i = 0; i < counter.found; i++) counter.counts[counter.distinct[i]!] = 0;
    counter.found = 0;
  }
  function newValue(word: string): number {
    const text = termOf!(word);
    return text === undefined ? stopped : internText(counter.terms, text) + 1;
  }
  function knownValue(word: string): number {
    if (scratch.length < word.length * 3) scratch = new Uint8Array(word.length * 3);
    const known = words.long(scratch, 0, encoder.encodeInto(word, scratch).written);
    if (words.values[known] === 0) words.values[known] = newValue(word);
    return words.values[known]!;
  }
  function addValues(of: Uint32Array, count: number): number {
    let length = 0;
    for (let i = 0; i < count; i++) {
      if (of[i] === stopped) continue;
      add(of[i]! - 1);
      length++;
    }
    return length;
  }

  const counter: TermCounter = {
    terms: newStringTable(),
    distinct: new Uint32Array(1 << 10),
    counts: new Uint32Array(1 << 12),
    found: 0,
    count(text) {
      if (termOf) {
        if (scratch.length <= text.length) scratch = new Uint8Array(text.length * 2);
        const { read, written } = encoder.encodeInto(text, scratch);
        scratch[written] = 0;
        if (read === text.length && written === read) {
          return counter.countAscii({ bytes: scratch, from: 0, to: written });
        }
      }
      clear();
      const terms = termOf
        ? wordsOf(text).map(knownValue)
        : analyzer.terms(text).map((term) => internText(counter.terms, term) + 1);
      return addValues(Uint32Array.from(terms), terms.length);
    },
    countAscii(text) {
      clear();
      if (values.length < text.to - text.from) values = new Uint32Array((text.to - text.from) * 2);
      return addValues(values, scanWords(text, { words, into: values, newValue }));
    },
  };
  return counter;
}

function grown(array: Uint32Array, needed: number): Uint32Array {
  const larger = new Uint32Array(Math.max(needed + 1, array.length * 2));
  larger.set(array);
  return larger;
}
