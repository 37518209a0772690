import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { hashText, RagInstructError, wordsOf } from "@rag-instruct/core";
import { stemmer } from "stemmer";
import {
  type Analyzer,
  baseWord,
  languageAnalyzer,
  plainAnalyzer,
  type StemmedLanguage,
  stemmedLanguage,
  stemmedLanguages,
  wordAnalyzer,
} from "./analyzer.ts";

/** A language whose words are stemmed, or "simple" for words of any language as they are. */
export type AnalyzerName = "english" | "simple" | StemmedLanguage;

/** An analyzer by name, or one of your own. */
export type AnalyzerChoice = AnalyzerName | Analyzer;

/** The names of analyzers. */
export const analyzerNames: readonly AnalyzerName[] = ["simple", "english", ...stemmedLanguages];

/** The analyzer for a language, by its ISO 639-1 code: "simple" where it has no stemmer. */
export function analyzerFor(language: string): AnalyzerName {
  return language === "en" ? "english" : (stemmedLanguage(language) ?? "simple");
}

// The stop words of Lucene's EnglishAnalyzer.
const englishStopWords = new Set(
  "a an and are as at be but by for if in into is it no not of on or such that the their then there these they this to was will with".split(
    " ",
  ),
);

// Their words are cut in the same way by every analyzer.
const cutByScript: ReadonlySet<string> = new Set(["zh", "ja", "ko", "th"]);
const minMajority = 0.5;

/**
 * The analyzer for a corpus: that of the language that most of its passages are in, those apart that every analyzer cuts alike (Chinese,
 * Japanese, Korean, Thai); "simple" where no language has half of them, and "english" where none can be told.
 * @param shares by ISO 639-1 code, as `ingest` of `@rag-instruct/corpus` gives them
 */
export function analyzerForCorpus(shares: Readonly<Record<string, number>>): AnalyzerName {
  const told = Object.entries(shares).filter(([, share]) => share > 0);
  const spaced = told.filter(([language]) => !cutByScript.has(language)).sort(([, a], [, b]) => b - a);
  const [first] = spaced;
  if (first === undefined) return told.length > 0 ? "simple" : "english";
  const all = spaced.reduce((sum, [, share]) => sum + share, 0);
  return first[1] >= minMajority * all ? analyzerFor(first[0]) : "simple";
}

/**
 * English: words without stop words and possessives, Porter stems (Porter 1980), as Lucene's EnglishAnalyzer has them; what else stands in
 * the text, such as Chinese, as "simple" has it.
 */
export const englishAnalyzer: Analyzer = wordAnalyzer("english-2", (word) => englishTerm(baseWord(word)));

/** Words of any language in lower case, as they are, with straight apostrophes; scripts without spaces in pairs of signs. */
export const simpleAnalyzer: Analyzer = plainAnalyzer;

function englishTerm(base: string): string | undefined {
  if (englishStopWords.has(base)) return undefined;
  return /^[a-z]+$/.test(base) ? stemmer(base) : base;
}

/** Analyzers of earlier releases, whose indexes are searched as they were built. */
const formerAnalyzers: readonly Analyzer[] = [
  { id: "simple-1", terms: wordsOf, termOf: (word) => word },
  {
    id: "english-1",
    terms: (text) => wordsOf(text).flatMap((word) => englishTerm(word.replace(/['’]s$/, "")) ?? []),
    termOf: (word) => englishTerm(word.replace(/['’]s$/, "")),
  },
];

/** The analyzer of a name, or the one handed in. Throws `bad-option` for a name that there is not. */
export async function resolveAnalyzer(analyzer: AnalyzerChoice): Promise<Analyzer> {
  if (typeof analyzer !== "string") return analyzer;
  if (analyzer === "english") return englishAnalyzer;
  if (analyzer === "simple") return simpleAnalyzer;
  if (stemmedLanguages.includes(analyzer)) return languageAnalyzer(analyzer);
  throw new RagInstructError(
    "bad-option",
    `there is no analyzer "${String(analyzer)}"; there are ${analyzerNames.join(", ")}`,
  );
}

/** The analyzer with an id, among those that need nothing but their id. */
export async function knownAnalyzer(id: string): Promise<Analyzer | undefined> {
  const found = [englishAnalyzer, simpleAnalyzer, ...formerAnalyzers].find((analyzer) => analyzer.id === id);
  const language = stemmedLanguages.find((name) => id === `${name}-1`);
  return found ?? (language && languageAnalyzer(language));
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
