import { createHash } from "node:crypto";
import { mkdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { type OnProgress, type Passage, RagInstructError, type Source } from "@rag-instruct/core";
import { syncFolder, writeAtomic } from "@rag-instruct/core/node";
import { type Analyzer, type AnalyzerChoice, resolveAnalyzer } from "./analyzers.ts";
import { impactTable, postingCode } from "./impacts.ts";
import { type Bm25Manifest, formatVersion } from "./manifest.ts";
import { mergeRuns, type SectionSummary } from "./merge-runs.ts";
import { type Run, runBuffer } from "./runs.ts";
import { sectionWriter } from "./sections.ts";
import { internText, newStringTable, type StringTable } from "./string-table.ts";
import { termCounter } from "./term-counter.ts";

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
  onProgress?: OnProgress;
  signal?: AbortSignal;
}

const passagesPerReport = 1000;
const passagesPerLook = 16;
// How long the event loop may wait, so that a cancellation comes through in time.
const millisecondsPerTurn = 20;
// A run of two million postings (about 28,000 passages of 100 words) takes 33 MB while it is sorted.
const postingsPerRun = 1 << 21;

/**
 * Builds a BM25 index of titles and texts (k1 0.9 and b 0.4 by default, as Anserini has them) in memory bounded but for the
 * ids and distinct terms. Throws `corpus-empty`, `bad-option`, and `duplicate-id` naming the id; an interrupted build leaves nothing.
 * @returns number of passages and of distinct terms
 */
export async function buildBm25Index(options: BuildBm25Options): Promise<{ passages: number; terms: number }> {
  const { to, k1 = 0.9, b = 0.4, analyzer = "english" } = options;
  if (!(k1 >= 0 && Number.isFinite(k1)) || !(b >= 0 && b <= 1)) {
    throw new RagInstructError("bad-option", `k1 must be 0 or more and b between 0 and 1; they are ${k1} and ${b}`);
  }
  options.signal?.throwIfAborted();
  const folder = `${to}.tmp`;
  await rm(folder, { recursive: true, force: true });
  await mkdir(join(folder, "runs"), { recursive: true });
  try {
    const resolved = resolveAnalyzer(analyzer);
    const collected = await collect(options, { folder: join(folder, "runs"), analyzer: resolved });
    const manifest = await writeSections(collected, { folder, analyzer: resolved.id, k1, b, signal: options.signal });
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

interface Collected {
  runs: Run[];
  ids: StringTable;
  terms: StringTable;
  /** In how many passages each term stands. */
  frequencies: Uint32Array;
  /** Terms of all passages together. */
  length: number;
  corpus: string;
}

async function collect(
  { passages, onProgress, signal }: BuildBm25Options,
  { folder, analyzer }: { folder: string; analyzer: Analyzer },
): Promise<Collected> {
  const counter = termCounter(analyzer);
  const buffer = runBuffer(postingsPerRun);
  const ids = newStringTable();
  const runs: Run[] = [];
  const hash = createHash("sha256");
  let frequencies = new Uint32Array(1 << 12);
  let total = 0;
  let turn = performance.now();
  const flush = async () =>
    runs.push(await buffer.write({ folder, name: String(runs.length), terms: counter.terms.size }));

  for await (const { id, title, text } of passages) {
    const row = ids.size;
    if (internText(ids, id) !== row) {
      throw new RagInstructError("duplicate-id", `passage id ${id} stands there twice; ids must be unique`);
    }
    hash.update(id).update("\n");
    const length = counter.count(title === "" ? text : `${title}\n${text}`);
    total += length;
    if (counter.terms.size > frequencies.length) frequencies = enlarged(frequencies, counter.terms.size);
    for (let i = 0; i < counter.found; i++) {
      const term = counter.distinct[i]!;
      frequencies[term]! += 1;
      buffer.add(term, row, postingCode(counter.counts[term]!, length));
    }
    if (buffer.length >= postingsPerRun) await flush();
    if (ids.size % passagesPerReport === 0) onProgress?.({ stage: "index", done: ids.size });
    if (ids.size % passagesPerLook === 0 && performance.now() > turn + millisecondsPerTurn) {
      await nextTurn();
      signal?.throwIfAborted();
      turn = performance.now();
    }
  }
  if (ids.size === 0) {
    throw new RagInstructError("corpus-empty", "there are no passages to index; ingest documents first");
  }
  await flush();
  onProgress?.({ stage: "index", done: ids.size });
  const { terms } = counter;
  const corpus = hash.digest("hex");
  return { runs, ids, terms, frequencies: frequencies.subarray(0, terms.size), length: total, corpus };
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

function enlarged(old: Uint32Array, needed: number): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(Math.max(needed, old.length * 2));
  larger.set(old);
  return larger;
}
