import { mkdir, rename, rm } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import { type OnProgress, type Passage, RagInstructError, type Source } from "@rag-instruct/core";
import { syncFolder, writeAtomic } from "@rag-instruct/core/node";
import type { Analyzer } from "./analysis/analyzer.ts";
import { type AnalyzerChoice, knownAnalyzer, resolveAnalyzer } from "./analysis/analyzers.ts";
import { BuildThreads } from "./build-threads.ts";
import { countTerms } from "./count-terms.ts";
import type { Bm25Manifest } from "./index-folder.ts";
import { type MergePlan, rangeMerger } from "./merge-ranges.ts";
import { writeIndex } from "./write-index.ts";

/** Options of {@link buildBm25Index}. */
export interface BuildBm25Options {
  passages: Source<Passage>;
  /** The index folder; one that is there is replaced when the new one is whole. */
  to: string;
  /** Saturation of term frequency. @default 0.9 */
  k1?: number;
  /** Weight of the passage's length, 0 to 1. @default 0.4 */
  b?: number;
  /** @default "english" */
  analyzer?: AnalyzerChoice;
  /** Threads that texts are analysed on; few texts, and an analyzer of your own, run on the caller's. @default one a core */
  threads?: number;
  onProgress?: OnProgress;
  signal?: AbortSignal;
}

/**
 * Builds a BM25 index of titles and texts (k1 0.9 and b 0.4 by default, as Anserini has them) in memory bounded but for the
 * ids and distinct terms. Throws `corpus-empty`, `bad-option`, and `duplicate-id` naming the id; an interrupted build leaves nothing.
 * @returns number of passages and of distinct terms
 */
export async function buildBm25Index(options: BuildBm25Options): Promise<{ passages: number; terms: number }> {
  const { to, k1 = 0.9, b = 0.4, analyzer = "english", threads = availableParallelism() } = options;
  if (!(k1 >= 0 && Number.isFinite(k1)) || !(b >= 0 && b <= 1)) {
    throw new RagInstructError("bad-option", `k1 must be 0 or more and b between 0 and 1; they are ${k1} and ${b}`);
  }
  options.signal?.throwIfAborted();
  const folder = `${to}.tmp`;
  await rm(folder, { recursive: true, force: true });
  await mkdir(join(folder, "runs"), { recursive: true });
  try {
    const manifest = await build(options, { analyzer: await resolveAnalyzer(analyzer), folder, threads, k1, b });
    await rm(join(folder, "runs"), { recursive: true });
    await writeAtomic(join(folder, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
    options.signal?.throwIfAborted();
    await rm(to, { recursive: true, force: true });
    await rename(folder, to);
    await syncFolder(dirname(to));
    return { passages: manifest.passages, terms: manifest.terms };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function build(
  options: BuildBm25Options,
  settings: { analyzer: Analyzer; folder: string; threads: number; k1: number; b: number },
): Promise<Bm25Manifest> {
  const { passages, onProgress, signal } = options;
  const { analyzer, folder, threads, k1, b } = settings;
  const runs = join(folder, "runs");
  const useThreads = threads > 1 && (await knownAnalyzer(analyzer.id)) === analyzer;
  const pool = useThreads ? new BuildThreads(threads, { analyzer: analyzer.id, folder: runs }) : undefined;
  try {
    const counted = await countTerms({ passages, analyzer, folder: runs, threads: pool, onProgress, signal });
    const mergers = (plan: MergePlan) => (pool?.isStarted ? pool.mergers(plan) : [rangeMerger(plan)]);
    return await writeIndex(counted, { folder, analyzer: analyzer.id, k1, b, mergers, signal });
  } finally {
    await pool?.close();
  }
}
