import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Embedder, seededRandom, type Vectors } from "@rag-instruct/core";
import { decodeFloat16, encodeFloat16, writeVectorManifest, writeVectorShard } from "@rag-instruct/core/vectors";
import { afterAll, beforeAll, expect, it } from "vitest";
import { denseRetriever, openVectorIndex } from "./index.ts";

const dimensions = 24;
const count = 3000;
const random = seededRandom(3);
const passages = asFloat16(randomVectors(count));
// A row twice and one of nothing but zeros.
passages.data.copyWithin(700 * dimensions, 20 * dimensions, 21 * dimensions);
passages.data.fill(0, 5 * dimensions, 6 * dimensions);
const queries = randomVectors(150);

function randomVectors(rows: number): Vectors {
  return { data: Float32Array.from({ length: rows * dimensions }, () => random.next() - 0.5), count: rows, dimensions };
}

function asFloat16(vectors: Vectors): Vectors {
  const halves = new Uint16Array(vectors.data.length);
  encodeFloat16(vectors.data, halves);
  const data = new Float32Array(vectors.data.length);
  decodeFloat16(halves, data);
  return { ...vectors, data };
}

/** Inner products with every row in float64. */
function productsOf(query: number): number[] {
  return Array.from({ length: count }, (_, row) => {
    let product = 0;
    for (let i = 0; i < dimensions; i++) {
      product += queries.data[query * dimensions + i]! * passages.data[row * dimensions + i]!;
    }
    return product;
  });
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "dense-"));
  const ids = Array.from({ length: count }, (_, row) => `p${row}`);
  const shard = { to: folder, index: 0, count, dimensions, dtype: "float16" as const, vectors: [passages], ids };
  await writeVectorManifest(folder, {
    embedderId: "made",
    dimensions,
    dtype: "float16",
    shards: [await writeVectorShard(shard)],
  });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it("finds what an exact float64 search finds, whatever the memory", async () => {
  for (const memory of [2 ** 28, 200_000]) {
    await using index = await openVectorIndex({ vectors: folder, memory, threads: 2 });
    const { rows, scores } = await index.search(queries, { limit: 50 });
    for (let q = 0; q < queries.count; q++) {
      const products = productsOf(q);
      const best = products.toSorted((a, b) => b - a);
      const found = Array.from(rows.subarray(q * 50, q * 50 + 50));
      expect(new Set(found).size).toBe(50);
      for (const [at, row] of found.entries()) {
        expect(scores[q * 50 + at]).toBeCloseTo(best[at]!, 5);
        expect(products[row]).toBeCloseTo(best[at]!, 5);
      }
    }
  }
});

it("puts equal rows in their order, and scores 0 for a query of zeros", async () => {
  await using index = await openVectorIndex({ vectors: folder, memory: 200_000 });
  const twice = { data: passages.data.slice(20 * dimensions, 21 * dimensions), count: 1, dimensions };
  const { rows } = await index.search(twice, { limit: count });
  expect(rows.indexOf(700) - rows.indexOf(20)).toBe(1);
  const zeros = { data: new Float32Array(dimensions), count: 1, dimensions };
  const nothing = await index.search(zeros, { limit: 3 });
  expect(Array.from(nothing.rows)).toEqual([0, 1, 2]);
  expect(Array.from(nothing.scores)).toEqual([0, 0, 0]);
});

it("leaves places empty beyond the last row, and answers searches at the same time", async () => {
  await using index = await openVectorIndex({ vectors: folder });
  const [one, two] = await Promise.all([1, 2].map(() => index.search(queries, { limit: count + 2 })));
  expect(one).toEqual(two);
  expect(Array.from(one!.rows.subarray(count, count + 2))).toEqual([-1, -1]);
  expect(one!.scores[count]).toBe(Number.NEGATIVE_INFINITY);
});

it("refuses other dimensions, numbers that are none, and another embedder", async () => {
  await using index = await openVectorIndex({ vectors: folder });
  const wide = { data: new Float32Array(25), count: 1, dimensions: 25 };
  await expect(index.search(wide, { limit: 1 })).rejects.toThrow(/25 dimensions and the index 24/);
  const broken = { data: new Float32Array(48).fill(Number.NaN, 30, 31), count: 2, dimensions };
  await expect(index.search(broken, { limit: 1 })).rejects.toThrow(/query 1 holds NaN/);
  const embedder: Embedder = { id: "other", dimensions, embed: async () => queries };
  expect(() => denseRetriever({ index, embedder, passages: { get: async () => [] } })).toThrow(/embedder made/);
  await expect(openVectorIndex({ vectors: folder, memory: 10 })).rejects.toThrow(/does not hold one row/);
});

it("stops when told to, and is closed for good", async () => {
  const index = await openVectorIndex({ vectors: folder, memory: 20_000 });
  const stop = new AbortController();
  const search = index.search(queries, { limit: 250, signal: stop.signal });
  stop.abort(new Error("enough"));
  await expect(search).rejects.toThrow("enough");
  await index.close();
  await expect(index.search(queries, { limit: 1 })).rejects.toThrow(/closed/);
});

it("denseRetriever reads the passages behind the ranks skipped", async () => {
  await using index = await openVectorIndex({ vectors: folder });
  const embedder: Embedder = { id: "made", dimensions, embed: async () => ({ ...queries, count: 2 }) };
  const get = async (ids: readonly string[]) => ids.map((id) => ({ id, title: "", text: id }));
  const retriever = denseRetriever({ index, embedder, passages: { get } });
  const whole = await retriever.retrieve(["a", "b"], { limit: 9 });
  expect(await retriever.retrieve(["a", "b"], { limit: 9, skip: 6 })).toEqual(whole.map((ranking) => ranking.slice(6)));
});
