import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { RagInstructError, type Reviews, type TrainingExample } from "@rag-instruct/core";
import { hashFile, isThere, readJsonFile, writeAtomic } from "@rag-instruct/core/node";
import { readExamples } from "./read-examples.ts";
import { type SplitExamplesOptions, splitExamples } from "./split-examples.ts";

/** Options of {@link writeSplits}. */
export interface WriteSplitsOptions extends Omit<SplitExamplesOptions, "examples"> {
  /** File of examples, as `readExamples` reads it. */
  from: string;
  /** Folder that gets a file a split, such as `train.jsonl`, and `splits.json`; made when it is not there. */
  to: string;
  /** What people decided of the examples, as `readExamples` takes it. */
  reviews?: Reviews;
  onlyAccepted?: boolean;
  /** Write other splits over those that are there. @default false */
  overwrite?: boolean;
}

/** What {@link writeSplits} wrote; `splits.json` holds it too. */
export interface SplitsReport {
  /** Hash of the file of examples. */
  sha256: string;
  shares: Readonly<Record<string, number>>;
  documents: "all" | "sources";
  nearQuestion: number;
  seed: number | string;
  /** Examples of each split. */
  counts: Readonly<Record<string, number>>;
  /** Examples of the largest group that has to stay together. */
  largestGroup: number;
}

/** Name of the file that says how a folder of splits was made. */
export const splitsFile = "splits.json";

/**
 * Divides a file of examples as `splitExamples` does, and writes a file of JSON lines for each split, whole or not at all. The same
 * examples and options leave the files that are there. Throws `file-exists` where the folder holds others, and what `splitExamples` throws.
 */
export async function writeSplits(options: WriteSplitsOptions): Promise<SplitsReport> {
  const { from, to, overwrite = false, reviews, onlyAccepted, signal } = options;
  const examples = () => readExamples(from, { reviews, onlyAccepted, signal });
  const { shares = { train: 0.9, validation: 0.05, test: 0.05 }, documents = "all", nearQuestion = 0.7 } = options;
  const { sha256 } = await hashFile(from, { signal });
  const splits = await splitExamples({ ...options, shares, examples: examples() });
  const { counts, groups } = splits;
  const largestGroup = groups[0] ?? 0;
  const report: SplitsReport = { sha256, shares, documents, nearQuestion, seed: options.seed, counts, largestGroup };
  const before = await readJsonFile<SplitsReport>(join(to, splitsFile)).catch(() => undefined);
  const names = Object.keys(shares).map((split) => `${split}.jsonl`);
  if (isDeepStrictEqual(before, report) && (await areThere(to, names))) return report;
  if (!overwrite && (await readdir(to).catch(() => [])).length > 0) {
    throw new RagInstructError(
      "file-exists",
      `${to} holds something else already; choose another folder, or replace it`,
    );
  }
  // Of an interrupted or an earlier division nothing may be taken for this one.
  await rm(join(to, splitsFile), { force: true });
  for (const split of Object.keys(before?.shares ?? {})) {
    if (!(split in shares)) await rm(join(to, `${split}.jsonl`), { force: true });
  }
  for (const split of Object.keys(shares)) {
    const lines = jsonLines(splits.only(split, examples()));
    await writeAtomic(join(to, `${split}.jsonl`), lines, { signal });
  }
  await writeAtomic(join(to, splitsFile), `${JSON.stringify(report, null, 2)}\n`);
  return report;
}

async function areThere(folder: string, names: readonly string[]): Promise<boolean> {
  for (const name of names) if (!(await isThere(join(folder, name)))) return false;
  return true;
}

async function* jsonLines(examples: AsyncIterable<TrainingExample>): AsyncGenerator<string> {
  for await (const example of examples) yield `${JSON.stringify(example)}\n`;
}
