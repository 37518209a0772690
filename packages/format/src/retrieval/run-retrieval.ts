import { rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import {
  listText,
  numberText,
  type PassageStore,
  programName,
  RagInstructError,
  type Retriever,
  type Reviews,
  shellWord,
} from "@rag-instruct/core";
import { hashFile, isThere, type RunContext, type RunFolder, readJsonFile, writeAtomic } from "@rag-instruct/core/node";
import type { WrittenFile } from "../exports/export-file.ts";
import { readExamples } from "../read-examples.ts";
import { type SplitsReport, splitsFile } from "../split-examples.ts";
import { exportRetrieval, type RetrievalFormatId, type RetrievalReport, retrievalNeeds } from "./export-retrieval.ts";
import { type NegativeOptions, rankWindow } from "./hard-negatives.ts";
import type { Helps } from "./judged-query.ts";

/** What the exports for retrievers of a run are made with. */
export interface RunRetrievalOptions<Context> {
  /** How hard negatives are chosen. @default as `exportRetrieval` does */
  negatives?: NegativeOptions;
  /** Whether the documents of a paradigm help. @default all but those of `useless-doc` */
  helps?: Helps;
  /** Opens what ranks passages; undefined where there is no corpus. @default negatives are the noise documents of the examples */
  openRetriever?(context: Context): Promise<(Retriever & AsyncDisposable) | undefined>;
  /** Opens the corpus. @default the documents of the examples are the corpus */
  openPassages?(folder: RunFolder): Promise<(PassageStore & AsyncDisposable) | undefined>;
}

/** What {@link writeRunRetrieval} wrote. */
export interface RunRetrieval {
  files: (WrittenFile & { format: RetrievalFormatId; split?: string })[];
  /** Questions left out of each format. */
  counts: Record<string, number>;
  /** What was written and left out, in words for a dataset card. */
  lines: string[];
  /** Name of the file that says so in figures. */
  report: string;
}

const reportFile = "retrieval.json";

/**
 * Writes the exports for retrievers of a run folder, by the parts of its splits where it has some, and `retrieval.json` with what was
 * left out. Throws `bad-input` where the splits are of other examples.
 */
export async function writeRunRetrieval<Context extends Pick<RunContext, "folder" | "signal" | "onProgress">>(
  formats: readonly RetrievalFormatId[],
  options: RunRetrievalOptions<Context> & { documents: number | "any" },
  { context, reviews, onlyAccepted }: { context: Context; reviews: Reviews; onlyAccepted?: boolean },
): Promise<RunRetrieval> {
  const { folder, signal, onProgress } = context;
  const { negatives, helps, documents } = options;
  const needs = retrievalNeeds(formats);
  await using retriever = needs.negatives ? await options.openRetriever?.(context) : undefined;
  await using passages = needs.corpus ? await options.openPassages?.(folder) : undefined;
  const parts = Object.entries(await partsOf(folder));
  const splits = parts.map(([name, path]) => [name, readExamples(path, { reviews, onlyAccepted, signal })] as const);
  const { files, ...report } = await exportRetrieval({
    splits: Object.fromEntries(splits),
    to: folder.path("exports"),
    formats,
    retriever,
    passages,
    negatives,
    helps,
    documents,
    overwrite: true,
    onProgress,
    signal,
  });
  const window = retriever && rankWindow(negatives ?? {});
  const rules = { ranker: retriever?.id, ...negatives, from: window?.from, to: window?.to };
  const about = { splits: parts.map(([name]) => name), rules: needs.negatives ? rules : undefined };
  await writeAtomic(folder.path("exports", reportFile), `${JSON.stringify({ ...about, ...report }, null, 2)}\n`);
  await removeOtherParts(formats, { folder, files });
  const all = Object.entries(report.formats).map(([format, { leftOut }]) => [format, sumOf(leftOut)] as const);
  const counts = Object.fromEntries(
    all.filter(([, count]) => count > 0).map(([format, count]) => [`left out of ${format}`, count]),
  );
  return { files, counts, lines: describeRetrieval(report), report: reportFile };
}

/** Removes what an earlier export left of parts that there are no longer, so that none is taken for a part of this one. */
async function removeOtherParts(
  formats: readonly RetrievalFormatId[],
  { folder, files }: { folder: RunFolder } & Pick<RunRetrieval, "files">,
): Promise<void> {
  const written = new Set(files.map(({ path }) => resolve(path)));
  const before = Object.keys(folder.last("export")?.outputs ?? {});
  for (const name of before.filter((name) => formats.some((format) => name.startsWith(`exports/${format}/`))))
    if (!written.has(resolve(folder.path(name)))) await rm(folder.path(name), { force: true });
}

/** Hash of how a run's examples are divided; undefined where they are not. */
export async function hashSplits(run: string): Promise<string | undefined> {
  const path = join(run, "splits", splitsFile);
  return (await isThere(path)) ? (await hashFile(path)).sha256 : undefined;
}

/** Files of a run's examples by the name of their part. Throws `bad-input` where the splits are of other examples. */
async function partsOf(folder: RunFolder): Promise<Record<string, string>> {
  const [all, splits] = [folder.path("train.jsonl"), folder.path("splits")];
  if (!(await isThere(join(splits, splitsFile)))) return { train: all };
  const { sha256, shares } = (await readJsonFile<SplitsReport>(join(splits, splitsFile)))!;
  if (sha256 === (await hashFile(all)).sha256)
    return Object.fromEntries(Object.keys(shares).map((name) => [name, join(splits, `${name}.jsonl`)]));
  const run = shellWord(folder.path("."));
  throw new RagInstructError(
    "bad-input",
    `${splits} divides other examples than there are now; divide them again with: ${programName()} split ${run} --replace`,
  );
}

/** What was written and left out, a line a format. */
function describeRetrieval({ formats, negatives }: Omit<RetrievalReport, "files">): string[] {
  const lines = Object.entries(formats).map(([format, { questions, withoutNegatives, records, leftOut }]) => {
    const bare = withoutNegatives > 0 ? `, ${numberText(withoutNegatives)} of them without negatives` : "";
    const out = Object.entries(leftOut).map(([reason, count]) => `${numberText(count)} ${reason}`);
    const rest = out.length > 0 ? `; left out: ${listText(out)}` : "";
    return `${format}: ${numberText(questions)} questions${bare}, ${numberText(records)} records${rest}`;
  });
  const { chosen, refused } = negatives;
  if (chosen === 0) return lines;
  const reasons = Object.entries(refused).map(([reason, count]) => `${numberText(count)} ${reason}`);
  return [...lines, `negatives: ${numberText(chosen)} chosen; candidates refused: ${listText(reasons)}`];
}

function sumOf(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}
