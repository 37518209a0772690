import { mkdir, rename, rm } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import { type OnProgress, type Passage, type PassageStore, RagInstructError, type Source } from "@rag-instruct/core";
import {
  type RunContext,
  type RunFolder,
  type Stage,
  type StageTools,
  syncFolder,
  writeAtomic,
} from "@rag-instruct/core/node";
import type { Analyzer } from "./analysis/analyzer.ts";
import {
  type AnalyzerChoice,
  type AnalyzerName,
  analyzerForCorpus,
  knownAnalyzer,
  resolveAnalyzer,
} from "./analysis/analyzers.ts";
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

const settings = { k1: 0.9, b: 0.4 } as const;

/** The languages of a corpus: shares of its passages by ISO 639-1 code. */
interface Languages {
  shares: Readonly<Record<string, number>>;
}

/**
 * The stage of a run that makes passages to a BM25 index, with the parameters that the method uses (k1 0.9, b 0.4).
 * @param options.to folder of the index in the run folder. @default "bm25"
 * @param options.analyzer how words are read; "auto" goes by the languages of the passages. @default "auto"
 */
export function bm25Stage({
  to = "bm25",
  analyzer: chosen = "auto",
  openPassages,
}: {
  to?: string;
  analyzer?: AnalyzerName | "auto";
  openPassages(folder: RunFolder): Promise<PassageStore & AsyncDisposable & { languages?(): Languages | undefined }>;
}): Stage<RunContext & StageTools> {
  return {
    name: "index",
    needs: ["ingest"],
    // As it was recorded before there were other analyzers: an index of that time is still this one.
    inputs: { kind: "bm25", ...settings, analyzer: "english", chosen: chosen === "auto" ? undefined : chosen },
    outputs: [to],
    stakes: { isUnedited: true },
    async run({ folder, signal, onProgress, replacing }) {
      await replacing();
      await using store = await openPassages(folder);
      const analyzer = chosen === "auto" ? analyzerForCorpus(store.languages?.()?.shares ?? {}) : chosen;
      await buildBm25Index({ passages: store.all(), to: folder.path(to), ...settings, analyzer, onProgress, signal });
      return { counts: { passages: store.size }, note: `words read as ${analyzer}` };
    },
  };
}
