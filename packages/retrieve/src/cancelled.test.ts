import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Embedder, type Passage, seededRandom, type Vectors } from "@rag-instruct/core";
import { writeVectorManifest, writeVectorShard } from "@rag-instruct/core/vectors";
import { afterAll, beforeAll, expect, it } from "vitest";
import { until } from "../../core/test/children.ts";
import { processorTime } from "../../core/test/processor-time.ts";
import {
  type Bm25Index,
  bm25Retriever,
  buildBm25Index,
  type DenseIndex,
  denseRetriever,
  hybridRetriever,
  openBm25Index,
  openVectorIndex,
} from "./index.ts";

const [count, dimensions] = [10_000, 128];
const random = seededRandom(41);
let folder: string;
let words: Bm25Index;
let float32: DenseIndex;
let int8: DenseIndex;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "cancelled-"));
  await buildBm25Index({ passages: endless(count), to: join(folder, "bm25") });
  const [vectors, ids] = [madeVectors(count), Array.from({ length: count }, (_, row) => String(row))];
  const to = join(folder, "vectors");
  const shard = { to, index: 0, count, dimensions, dtype: "float16" as const, vectors: [vectors], ids };
  const shards = [await writeVectorShard(shard)];
  await writeVectorManifest(to, { embedderId: "made", dimensions, dtype: "float16", shards });
  words = await openBm25Index(join(folder, "bm25"), { threads: 2 });
  float32 = await openVectorIndex({ vectors: to, threads: 2 });
  int8 = await openVectorIndex({ vectors: to, threads: 2, precision: "int8" });
});

afterAll(async () => {
  for (const index of [words, float32, int8]) await index?.close();
  await rm(folder, { recursive: true });
});

function madeVectors(rows: number): Vectors {
  return { data: Float32Array.from({ length: rows * dimensions }, () => random.next() - 0.5), count: rows, dimensions };
}

function textOf(length: number): string {
  return Array.from({ length }, () => `w${Math.floor(3000 ** random.next())}`).join(" ");
}

async function* endless(end = Number.POSITIVE_INFINITY): AsyncGenerator<Passage> {
  for (let i = 0; i < end; i++) yield { id: String(i), title: "", text: textOf(20) };
}

type Search = (queries: number, signal?: AbortSignal) => Promise<unknown>;

/**
 * What is computed from the order to stop until the index has answered one query more, which waits for whatever goes on,
 * is a small part of what the whole search computes: times of one machine are compared, so a busy one changes nothing.
 */
async function expectToStop(search: Search, queries: number): Promise<void> {
  const whole = await processorTime(() => search(queries));
  const stop = new AbortController();
  const stopped = expect(search(queries, stop.signal)).rejects.toThrow("enough");
  // Well under way, however busy the machine is: a tenth of it is computed.
  const begun = process.cpuUsage();
  await until(() => {
    const { user, system } = process.cpuUsage(begun);
    return (user + system) / 1000 > whole / 10;
  });
  const rest = await processorTime(async () => {
    stop.abort(new Error("enough"));
    await stopped;
    await search(1);
  });
  expect(rest).toBeLessThan(whole / 3);
}

it.each([
  ["float32 vectors", () => float32],
  ["int8 codes", () => int8],
])("stops a search of %s", async (_, index) => {
  const queries = madeVectors(6000);
  const search: Search = (n, signal) =>
    index().search({ ...queries, data: queries.data.subarray(0, n * dimensions), count: n }, { limit: 250, signal });
  await expectToStop(search, 6000);
});

it("stops a search of words", async () => {
  const queries = Array.from({ length: 12_000 }, () => textOf(8));
  await expectToStop((n, signal) => words.search(queries.slice(0, n), { limit: 250, signal }), 12_000);
});

it("stops both sides of a hybrid search", async () => {
  const passages = { get: async (ids: readonly string[]) => ids.map((id) => ({ id, title: "", text: id })) };
  const embedder: Embedder = { id: "made", dimensions, embed: async (texts) => madeVectors(texts.length) };
  const both = hybridRetriever([
    bm25Retriever({ index: words, passages }),
    denseRetriever({ index: float32, embedder, passages }),
  ]);
  const queries = Array.from({ length: 4000 }, () => textOf(8));
  await expectToStop((n, signal) => both.retrieve(queries.slice(0, n), { limit: 10, signal }), 4000);
});

it("stops building an index of words, and leaves nothing of it", async () => {
  const to = join(folder, "stopped");
  const stop = new AbortController();
  setTimeout(() => stop.abort(new Error("enough")), 50);
  // Of a corpus without end: only the order to stop ends it.
  await expect(buildBm25Index({ passages: endless(), to, signal: stop.signal })).rejects.toThrow("enough");
  expect((await readdir(folder)).filter((name) => name.startsWith("stopped"))).toEqual([]);
});
