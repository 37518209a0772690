import { wordsOf } from "@rag-instruct/core";
import type { Analyzer } from "./analyzers.ts";
import { scanWords } from "./scan-words.ts";
import { internText, newStringTable, type StringTable, textAt } from "./string-table.ts";

/** Counts the terms of one passage after another. */
export interface TermCounter {
  /** All terms so far. */
  terms: StringTable;
  /** Counts a text's terms; `distinct` and `counts` then hold them. @returns number of terms, repeated ones included */
  count(text: string): number;
  /** The terms of the last text, `found` of them. */
  distinct: Uint32Array;
  /** How often a term stands in the last text, by term. */
  counts: Uint32Array;
  found: number;
}

const unknown = 0;
const stopped = 0xffffffff;

/** A counter over an analyzer; an analyzer that works word by word sees each distinct word once. */
export function termCounter(analyzer: Analyzer): TermCounter {
  const { termOf } = analyzer;
  const words = newStringTable();
  // By word: the term plus one.
  let termsOfWords = new Uint32Array(1 << 12);
  let wordIds = new Uint32Array(1 << 12);

  function add(term: number): void {
    if (term >= counter.counts.length) counter.counts = grown(counter.counts, term);
    if (counter.counts[term]!++ > 0) return;
    if (counter.found >= counter.distinct.length) counter.distinct = grown(counter.distinct, counter.found);
    counter.distinct[counter.found++] = term;
  }
  function addWord(word: number, termOfWord: NonNullable<Analyzer["termOf"]>): 0 | 1 {
    if (word >= termsOfWords.length) termsOfWords = grown(termsOfWords, word);
    let term = termsOfWords[word]!;
    if (term === unknown) {
      const text = termOfWord(textAt(words, word));
      term = text === undefined ? stopped : internText(counter.terms, text) + 1;
      termsOfWords[word] = term;
    }
    if (term === stopped) return 0;
    add(term - 1);
    return 1;
  }
  function countWords(text: string, termOfWord: NonNullable<Analyzer["termOf"]>): number {
    if (wordIds.length < text.length) wordIds = grown(wordIds, text.length);
    let scanned = scanWords(text, words, wordIds);
    if (scanned < 0) {
      scanned = 0;
      for (const word of wordsOf(text)) {
        if (scanned >= wordIds.length) wordIds = grown(wordIds, scanned);
        wordIds[scanned++] = internText(words, word);
      }
    }
    let length = 0;
    for (let i = 0; i < scanned; i++) length += addWord(wordIds[i]!, termOfWord);
    return length;
  }

  const counter: TermCounter = {
    terms: newStringTable(),
    distinct: new Uint32Array(1 << 10),
    counts: new Uint32Array(1 << 12),
    found: 0,
    count(text) {
      for (let i = 0; i < counter.found; i++) counter.counts[counter.distinct[i]!] = 0;
      counter.found = 0;
      if (termOf) return countWords(text, termOf);
      const terms = analyzer.terms(text);
      for (const term of terms) add(internText(counter.terms, term));
      return terms.length;
    },
  };
  return counter;
}

function grown(array: Uint32Array<ArrayBuffer>, needed: number): Uint32Array<ArrayBuffer>;
function grown(array: Uint32Array, needed: number): Uint32Array;
function grown(array: Uint32Array, needed: number): Uint32Array {
  const larger = new Uint32Array(Math.max(needed + 1, array.length * 2));
  larger.set(array);
  return larger;
}
