import type { Passage } from "@rag-instruct/core";
import type { TextWriter } from "../exports/export-file.ts";
import type { JudgedQuery, QueryLeftOut } from "./judged-query.ts";

/** One way to write judged questions for the training or the measuring of retrievers. */
export interface RetrievalFormat {
  /** Whether it has hard negatives, for which questions are ranked. */
  needsNegatives: boolean;
  /** Whether it has the whole corpus. */
  needsCorpus: boolean;
  /** Its files in the output folder. */
  files(splits: readonly string[]): string[];
  open(output: RetrievalOutput): Promise<RetrievalWriter>;
}

/** Where a format writes. */
export interface RetrievalOutput {
  /** One of the files of the format, by its name. */
  file(name: string): TextWriter;
  splits: readonly string[];
  /** Negatives of a question, in formats that need them all. */
  negatives: number;
}

/** Writes one question after another. */
export interface RetrievalWriter {
  /** Resolves to the number of records, or to why there are none. */
  write(query: JudgedQuery, split: string): Promise<number | QueryLeftOut>;
  /** Told of each passage of the corpus, when all questions are written. */
  addPassage?(passage: Passage): Promise<void>;
}

/** A record as a line of JSON. */
export function jsonLine(record: object): string {
  return `${JSON.stringify(record)}\n`;
}

/** BEIR and MS MARCO call the part that settings are chosen on by this name. */
export function shortSplit(split: string): string {
  return split === "validation" ? "dev" : split;
}
