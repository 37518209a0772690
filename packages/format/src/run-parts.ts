import { rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import {
  listText,
  numberText,
  programName,
  RagInstructError,
  type Reviews,
  type Source,
  shellWord,
  type TrainingExample,
} from "@rag-instruct/core";
import { hashFile, isThere, type RunContext, type RunFolder, readJsonFile } from "@rag-instruct/core/node";
import type { WrittenFile } from "./exports/export-file.ts";
import { readExamples } from "./read-examples.ts";
import { type SplitsReport, splitsFile } from "./split-examples.ts";

/** What is written of a run by the parts of its examples. */
export interface WrittenParts<Format extends string> {
  files: (WrittenFile & { format: Format; split?: string })[];
  /** What was left out, as the counts of a stage. */
  counts: Record<string, number>;
  /** What was written and left out, in words for a dataset card. */
  lines: string[];
  /** Name of the file that says so in figures. */
  report: string;
}

/** What the parts of a run are read with. */
export interface ReadingParts<Context extends Pick<RunContext, "folder" | "signal" | "onProgress">> {
  context: Context;
  reviews: Reviews;
  onlyAccepted?: boolean;
}

/** Hash of how a run's examples are divided; undefined where they are not. */
export async function hashSplits(run: string): Promise<string | undefined> {
  const path = join(run, "splits", splitsFile);
  return (await isThere(path)) ? (await hashFile(path)).sha256 : undefined;
}

/** A run's examples by the name of their part, one part where they are not divided. Throws `bad-input` where the splits are of other examples. */
export async function readParts<Context extends Pick<RunContext, "folder" | "signal" | "onProgress">>({
  context: { folder, signal },
  reviews,
  onlyAccepted,
}: ReadingParts<Context>): Promise<Record<string, Source<TrainingExample>>> {
  const paths = Object.entries(await partsOf(folder));
  return Object.fromEntries(paths.map(([name, path]) => [name, readExamples(path, { reviews, onlyAccepted, signal })]));
}

async function partsOf(folder: RunFolder): Promise<Record<string, string>> {
  return (await runParts(folder.path("."))) ?? { train: folder.path("train.jsonl") };
}

/**
 * The files of the parts that a run's examples are divided into, by name; undefined where they are not divided. Throws `bad-input` where
 * the parts are of other examples than there are now, or were left by a division that did not end.
 */
export async function runParts(run: string): Promise<Record<string, string> | undefined> {
  const [all, splits] = [join(run, "train.jsonl"), join(run, "splits")];
  const report = await readJsonFile<SplitsReport>(join(splits, splitsFile));
  const isLeft = !report && (await isThere(join(splits, "train.jsonl")));
  if (!report && !isLeft) return undefined;
  if (report && (!(await isThere(all)) || report.sha256 === (await hashFile(all)).sha256))
    return Object.fromEntries(Object.keys(report.shares).map((name) => [name, join(splits, `${name}.jsonl`)]));
  const what = report ? "divides other examples than there are now" : "was not written to its end";
  throw new RagInstructError(
    "bad-input",
    `${splits} ${what}; divide them again with: ${programName()} split ${shellWord(run)} --replace`,
  );
}

/** Removes what an earlier export left of parts that there are no longer, so that none is taken for a part of this one. */
export async function removeOtherParts(
  formats: readonly string[],
  { folder, files }: { folder: RunFolder; files: readonly WrittenFile[] },
): Promise<void> {
  const written = new Set(files.map(({ path }) => resolve(path)));
  const before = Object.keys(folder.last("export")?.outputs ?? {});
  for (const name of before.filter((name) => formats.some((format) => name.startsWith(`exports/${format}/`))))
    if (!written.has(resolve(folder.path(name)))) await rm(folder.path(name), { force: true });
}

/** Counts in words: "3 helpful-not-ranked and 1 too-few-negatives". Empty where there are none. */
export function countedText(counts: Readonly<Record<string, number>>): string {
  return listText(Object.entries(counts).map(([name, count]) => `${numberText(count)} ${name}`));
}
