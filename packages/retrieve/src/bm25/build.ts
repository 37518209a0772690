import { mkdir, rename, rm } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import { type OnProgress, type Passage, RagInstructError, type Source } from "@rag-instruct/core";
import { syncFolder, writeAtomic } from "@rag-instruct/core/node";
import { type AnalyzerChoice, resolveAnalyzer } from "./analyzers.ts";
import { type Collected, collect } from "./collect.ts";
import { impactTable } from "./impacts.ts";
import { type Bm25Manifest, formatVersion } from "./manifest.ts";
import { mergeRuns, type SectionSummary } from "./merge-runs.ts";
import { sectionWriter } from "./sections.ts";

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
  /** Threads that texts are analysed on; an analyzer of your own runs on the caller's. @default one a core */
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
    const resolved = resolveAnalyzer(analyzer);
    const { passages, onProgress, signal } = options;
    const runs = join(folder, "runs");
    const collected = await collect({ passages, analyzer: resolved, folder: runs, threads, onProgress, signal });
    const manifest = await writeSections(collected, { folder, analyzer: resolved.id, k1, b, signal });
    await rm(runs, { recursive: true });
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

async function writeSections(
  { runs, ids, terms, frequencies, length, corpus }: Collected,
  options: { folder: string; analyzer: string; k1: number; b: number; signal: AbortSignal | undefined },
): Promise<Bm25Manifest> {
  const { folder, analyzer, k1, b, signal } = options;
  const meanLength = length / ids.size || 1;
  const impacts = impactTable({ k1, b, meanLength });
  const files: Record<string, SectionSummary> = {
    ...(await mergeRuns({ runs, frequencies, passages: ids.size, impacts, folder, signal })),
    "ids.bin": await writeFile(folder, "ids.bin", ids.bytes.subarray(0, ids.offsets[ids.size])),
    "id-offsets.bin": await writeFile(folder, "id-offsets.bin", ids.offsets.subarray(0, ids.size + 1)),
    "terms.bin": await writeFile(folder, "terms.bin", terms.bytes.subarray(0, terms.offsets[terms.size])),
    "term-offsets.bin": await writeFile(folder, "term-offsets.bin", terms.offsets.subarray(0, terms.size + 1)),
    "term-slots.bin": await writeFile(folder, "term-slots.bin", terms.slots),
  };
  const counts = { passages: ids.size, meanLength, terms: terms.size };
  return { format: "rag-instruct-bm25", version: formatVersion, analyzer, k1, b, ...counts, corpus, files };
}

async function writeFile(folder: string, name: string, numbers: Uint8Array | Uint32Array): Promise<SectionSummary> {
  const writer = await sectionWriter(join(folder, name));
  try {
    await writer.write(numbers);
    return await writer.finish();
  } finally {
    await writer.close();
  }
}
