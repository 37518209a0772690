import type { TrainingExample } from "@rag-instruct/core";
import { type ExportFile, recordJson, textWriter } from "../exports/export-file.ts";

/** One way to write examples for training by rewards or by preferences; its files stand in a folder of its name. */
export interface AlignmentFormat {
  /** The files of a part; those behind the first have its records in other forms. */
  files: readonly AlignmentFile[];
  /** The records of an example, or why it has none. */
  records(example: AlignmentExample): AlignmentRecord[] | string;
  /** What stands beside them, once for the parts that have records: texts by the name of their file. */
  beside: Readonly<Record<string, (parts: readonly string[]) => string>>;
}

/** A file of records. */
export interface AlignmentFile {
  name(part: string): string;
  /** @default JSON lines */
  open?(file: ExportFile): RowWriter;
}

/** A record as the files have it. */
export interface AlignmentRecord {
  /** A row for each file, in their order. */
  rows: readonly object[];
  /** What it is counted as. */
  sort: string;
}

/** An example as it is written. */
export interface AlignmentExample extends TrainingExample {
  /** What the model is shown: documents, question and choices. */
  prompt: string;
  /** Its part, such as `train`. */
  part: string;
  /** Its place among the examples of the part that were written, from 0. */
  index: number;
}

/** Writes one row after another. */
export interface RowWriter {
  write(row: object): Promise<void>;
  /** Writes what is still held back; the file is not in place yet. */
  flush(): Promise<void>;
}

/** Writes rows as lines of JSON. */
export function lineWriter(file: ExportFile): RowWriter {
  const text = textWriter(file);
  return { write: (row) => text.write(`${recordJson(row)}\n`), flush: () => text.flush() };
}

/** The only turn of a prompt. */
export function userTurn(content: string): { role: "user"; content: string }[] {
  return [{ role: "user", content }];
}
