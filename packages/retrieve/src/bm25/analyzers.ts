import { wordsOf } from "@rag-instruct/core";
import { stemmer } from "stemmer";

/** Turns a text into index terms. */
export interface Analyzer {
  /** Names what it does; an index is searched with the analyzer it was built with. */
  id: string;
  terms(text: string): string[];
}

// The stop words of Lucene's EnglishAnalyzer.
const englishStopWords = new Set(
  "a an and are as at be but by for if in into is it no not of on or such that the their then there these they this to was will with".split(
    " ",
  ),
);

/** Lower-case words of any script, as they are. */
export const simpleAnalyzer: Analyzer = { id: "simple-1", terms: wordsOf };

/** English: words without stop words and possessives, Porter stems (Porter 1980), as Lucene's EnglishAnalyzer has them. */
export const englishAnalyzer: Analyzer = {
  id: "english-1",
  terms(text) {
    const terms: string[] = [];
    for (const word of wordsOf(text)) {
      const base = word.replace(/['’]s$/, "");
      if (!englishStopWords.has(base)) terms.push(stemOf(base));
    }
    return terms;
  },
};

// Stems are looked up again and again: a corpus repeats its words.
const stems = new Map<string, string>();
const mostStems = 200_000;

function stemOf(word: string): string {
  let stem = stems.get(word);
  if (stem === undefined) {
    stem = /^[a-z]+$/.test(word) ? stemmer(word) : word;
    if (stems.size >= mostStems) stems.clear();
    stems.set(word, stem);
  }
  return stem;
}

/** The analyzer of a name, or the one handed in. */
export function resolveAnalyzer(analyzer: "english" | "simple" | Analyzer): Analyzer {
  if (analyzer === "english") return englishAnalyzer;
  return analyzer === "simple" ? simpleAnalyzer : analyzer;
}
