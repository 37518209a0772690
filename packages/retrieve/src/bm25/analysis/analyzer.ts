import { scriptWords } from "./script-words.ts";

/** Turns a text into index terms. */
export interface Analyzer {
  /** Names what it does; an index is searched with the analyzer it was built with. */
  id: string;
  terms(text: string): string[];
  /**
   * Where present, `terms(text)` is this of each word of `wordsOf(text)`, without those it gives undefined for. Each
   * distinct word is then analysed once, which makes indexing several times as fast.
   */
  termOf?(word: string): string | undefined;
  /** The words that `termOf` is of; those of a text that is all ASCII must be core's. @default core's `wordsOf` */
  wordsOf?(text: string): string[];
}

/** An analyzer that works word by word, on the words of each script. */
export function wordAnalyzer(id: string, termOf: (word: string) => string | undefined): Analyzer {
  return { id, terms: (text) => scriptWords(text).flatMap((word) => termOf(word) ?? []), termOf, wordsOf: scriptWords };
}
