/**
 * Milliseconds from the order to stop to the rejection, and to the end of one query more, which waits for what goes on:
 * median and most of 50 times, each stopped at another moment of the search.
 *   pnpm exec node --conditions=@rag-instruct/source bench/retrieve/cancel.ts
 * 100,000 random vectors x 768 and as many passages of 100 words, made in the system's folder for temporary files.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Embedder, type Passage, seededRandom, type Vectors } from "@rag-instruct/core";
import {
  bm25Retriever,
  buildBm25Index,
  denseRetriever,
  hybridRetriever,
  openBm25Index,
  openVectorIndex,
} from "@rag-instruct/retrieve";
import { unitVectors, writeUnitVectors } from "../dense/made-vectors.ts";

const [count, dimensions, limit, times] = [100_000, 768, 250, 50];
const random = seededRandom(7);
const textOf = (length: number) => Array.from({ length }, () => `w${Math.floor(100_000 ** random.next())}`).join(" ");
function* passages(end: number): Generator<Passage> {
  for (let i = 0; i < end; i++) yield { id: String(i), title: "", text: textOf(100) };
}
const [block] = unitVectors(1000, dimensions, 3);
const vectorsOf = (queries: number): Vectors => ({
  data: block!.data.subarray(0, queries * dimensions),
  count: queries,
  dimensions,
});

type Run = (queries: number, signal?: AbortSignal) => Promise<unknown>;

async function measure(name: string, run: Run, probe?: Run): Promise<void> {
  const [rejected, free]: [number[], number[]] = [[], []];
  for (let time = 0; time < times; time++) {
    const stop = new AbortController();
    const search = run(1000, stop.signal).then(
      () => undefined,
      () => performance.now(),
    );
    await sleep(10 + time * 4);
    const told = performance.now();
    stop.abort();
    const ended = await search;
    if (ended === undefined) continue;
    rejected.push(ended - told);
    if (!probe) continue;
    await probe(1);
    free.push(performance.now() - told);
  }
  console.log(`| ${name} | ${rejected.length} | ${figures(rejected)} | ${probe ? figures(free) : "|"} |`);
}

function figures(took: number[]): string {
  const sorted = took.toSorted((a, b) => a - b);
  return [sorted[sorted.length >> 1], sorted.at(-1)].map((ms) => (ms === undefined ? "" : ms.toFixed(1))).join(" | ");
}

const folder = await mkdtemp(join(tmpdir(), "cancel-"));
try {
  const vectors = join(folder, "vectors");
  await writeUnitVectors(vectors, { count, dimensions, dtype: "float16", seed: 11 });
  await buildBm25Index({ passages: passages(count), to: join(folder, "bm25") });
  await using words = await openBm25Index(join(folder, "bm25"), { threads: 2 });
  await using float32 = await openVectorIndex({ vectors, threads: 2 });
  await using int8 = await openVectorIndex({ vectors, threads: 2, precision: "int8" });
  const store = { get: async (ids: readonly string[]) => ids.map((id) => ({ id, title: "", text: id })) };
  const embedder: Embedder = { id: "random", dimensions, embed: async (texts) => vectorsOf(texts.length) };
  const hybrid = hybridRetriever([
    bm25Retriever({ index: words, passages: store }),
    denseRetriever({ index: float32, embedder, passages: store }),
  ]);
  const texts = Array.from({ length: 1000 }, () => textOf(10));
  const given = (signal?: AbortSignal) => ({ limit, signal });
  console.log("| what is stopped | times | rejected after, ms: median | most | free again after: median | most |");
  console.log("|---|---|---|---|---|---|");
  const dense32: Run = (n, signal) => float32.search(vectorsOf(n), given(signal));
  const dense8: Run = (n, signal) => int8.search(vectorsOf(n), given(signal));
  const bm25: Run = (n, signal) => words.search(texts.slice(0, n), given(signal));
  const both: Run = (n, signal) => hybrid.retrieve(texts.slice(0, n), given(signal));
  const build: Run = (_, signal) => buildBm25Index({ passages: passages(1e7), to: join(folder, "stopped"), signal });
  await measure("float32", dense32, dense32);
  await measure("int8", dense8, dense8);
  await measure("BM25", bm25, bm25);
  await measure("hybrid", both, both);
  await measure("building BM25", build);
} finally {
  await rm(folder, { recursive: true });
}
