import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { hashText, wordsOf } from "@rag-instruct/core";
import { stemmer } from "stemmer";

/** Turns a text into index terms. */
export interface Analyzer {
  /** Names what it does; an index is searched with the analyzer it was built with. */
  id: string;
  terms(text: string): string[];
  /**
   * Where present, `terms(text)` is this of each word of core's `wordsOf(text)`, without those it gives undefined for. Each
   * distinct word is then analysed once, which makes indexing several times as fast.
   */
  termOf?(word: string): string | undefined;
}

/** An analyzer by name, or one of your own. */
export type AnalyzerChoice = "english" | "simple" | Analyzer;

// The stop words of Lucene's EnglishAnalyzer.
const englishStopWords = new Set(
  "a an and are as at be but by for if in into is it no not of on or such that the their then there these they this to was will with".split(
    " ",
  ),
);

/** Words of any script in lower case, as they are: Intl.Segmenter cuts scripts without spaces. */
export const simpleAnalyzer: Analyzer = { id: "simple-1", terms: wordsOf, termOf: (word) => word };

/** English: words without stop words and possessives, Porter stems (Porter 1980), as Lucene's EnglishAnalyzer has them. */
export const englishAnalyzer: Analyzer = {
  id: "english-1",
  terms: (text) =>
    wordsOf(text)
      .map(englishTerm)
      .filter((term) => term !== undefined),
  termOf: englishTerm,
};

function englishTerm(word: string): string | undefined {
  const base = word.replace(/['’]s$/, "");
  if (englishStopWords.has(base)) return undefined;
  return /^[a-z]+$/.test(base) ? stemmer(base) : base;
}

/** The analyzer of a name, or the one handed in. */
export function resolveAnalyzer(analyzer: AnalyzerChoice): Analyzer {
  if (analyzer === "english") return englishAnalyzer;
  return analyzer === "simple" ? simpleAnalyzer : analyzer;
}

/** The analyzer with an id, among those that need nothing but their id. */
export function knownAnalyzer(id: string): Analyzer | undefined {
  return [englishAnalyzer, simpleAnalyzer].find((analyzer) => analyzer.id === id);
}

/**
 * The tokens of a model's tokenizer as terms, as Python's tokenizers gives them, without special tokens and without a limit of
 * length: as Anserini indexes with `-pretokenized`. Its id changes with the tokenizer. Throws `file-missing`, `file-corrupt` and
 * `unknown-format`.
 * @param options.folder holds `tokenizer.json`
 */
export async function wordPieceAnalyzer({ folder }: { folder: string }): Promise<Analyzer> {
  // Loaded where one is made: whoever has words for terms needs none.
  const { readTokenizer } = await import("@rag-instruct/core/tokenizer");
  const { tokens } = await readTokenizer(folder);
  const file = await readFile(join(folder, "tokenizer.json"), "utf8");
  return { id: `tokenizer-2-${hashText(file).slice(0, 16)}`, terms: tokens };
}
