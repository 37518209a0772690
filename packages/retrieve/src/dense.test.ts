import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Embedder, type Hits, seededRandom, type Vectors } from "@rag-instruct/core";
import {
  decodeFloat16,
  encodeFloat16,
  type VectorDtype,
  writeVectorManifest,
  writeVectorShard,
} from "@rag-instruct/core/vectors";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { denseRetriever, openVectorIndex } from "./index.ts";

const random = seededRandom(3);
let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "dense-"));
});
afterAll(() => rm(root, { recursive: true, force: true }));

function randomVectors(count: number, dimensions: number): Vectors {
  return { data: Float32Array.from({ length: count * dimensions }, () => random.next() - 0.5), count, dimensions };
}

function asFloat16(vectors: Vectors): Vectors {
  const halves = new Uint16Array(vectors.data.length);
  encodeFloat16(vectors.data, halves);
  const data = new Float32Array(vectors.data.length);
  decodeFloat16(halves, data);
  return { ...vectors, data };
}

async function writeFolder(name: string, passages: Vectors, dtype: VectorDtype = "float16"): Promise<string> {
  const { count, dimensions } = passages;
  const folder = join(root, name);
  const ids = Array.from({ length: count }, (_, row) => `p${row}`);
  const shard = await writeVectorShard({ to: folder, index: 0, count, dimensions, dtype, vectors: [passages], ids });
  await writeVectorManifest(folder, { embedderId: "made", dimensions, dtype, shards: [shard] });
  return folder;
}

/** By queries, which always go to the same passages: what several searches are compared with is computed once. */
const known = new WeakMap<Vectors, Map<number, { row: number; score: number }[]>>();

/** Rows and scores of one query by inner products in float64, ties to the earlier row. */
function oracle(passages: Vectors, queries: Vectors, q: number): { row: number; score: number }[] {
  const ofQueries = known.get(queries) ?? new Map<number, { row: number; score: number }[]>();
  known.set(queries, ofQueries);
  const { dimensions } = queries;
  const best = ofQueries.get(q) ?? rank(passages, queries.data.subarray(q * dimensions, (q + 1) * dimensions));
  ofQueries.set(q, best);
  return best;
}

function rank(passages: Vectors, query: Float32Array): { row: number; score: number }[] {
  const { count, dimensions, data } = passages;
  const scored = Array.from({ length: count }, (_, row) => {
    let score = 0;
    for (let i = 0; i < dimensions; i++) score += query[i]! * data[row * dimensions + i]!;
    return { row, score };
  });
  return scored.sort((a, b) => b.score - a.score || a.row - b.row);
}

function expectExact(hits: Hits, passages: Vectors, queries: Vectors): void {
  const { limit } = hits;
  for (let q = 0; q < queries.count; q++) {
    const best = oracle(passages, queries, q);
    const rows = Array.from(hits.rows.subarray(q * limit, (q + 1) * limit));
    const scores = Array.from(hits.scores.subarray(q * limit, (q + 1) * limit));
    // Scores that are equal as float32 may stand in another order than those in float64.
    const expected = best.slice(0, limit).map(({ score }) => Math.fround(score));
    const byRow = new Map(best.map(({ row, score }) => [row, score]));
    // Asserted at once: an assertion for each of so many numbers takes longer than the searches.
    const wrong = expected.flatMap((score, place) => {
      const isNear = Math.abs(scores[place]! - score) <= Math.abs(score) * 2 ** -23;
      const isOfRow = Object.is(Math.fround(byRow.get(rows[place]!)!), scores[place]);
      return isNear && isOfRow ? [] : [{ q, place, row: rows[place], score: scores[place], expected: score }];
    });
    expect(wrong).toEqual([]);
    expect(new Set(rows.slice(0, expected.length)).size).toBe(expected.length);
    expect(rows.slice(expected.length)).toEqual(rows.slice(expected.length).map(() => -1));
  }
}

const shapes = [
  { count: 1, dimensions: 1, limit: 3 },
  { count: 7, dimensions: 3, limit: 7 },
  { count: 500, dimensions: 17, limit: 600 },
  { count: 6000, dimensions: 130, limit: 40 },
  { count: 4000, dimensions: 64, limit: 250 },
].map((shape) => ({
  ...shape,
  passages: asFloat16(randomVectors(shape.count, shape.dimensions)),
  // One whose candidates are read by themselves, a few, enough for ONNX Runtime, and a few when codes are there.
  queries: [1, 5, 70, 9].map((size) => randomVectors(size, shape.dimensions)),
}));
const stores = [
  { kept: true, memory: 2 ** 26 },
  { kept: false, memory: 2_600_000 },
];
for (const precision of ["float32", "int8"] as const) {
  for (const dtype of ["float16", "float32"] as const) {
    it.each(shapes)(
      `$count × $dimensions to depth $limit: ${precision} over ${dtype} equals float64`,
      async (shape) => {
        const { count, limit, passages } = shape;
        const folder = await writeFolder(`${precision}-${dtype}-${count}`, passages, dtype);
        // A few rows are kept in either memory, and by one thread as by two.
        const isSmall = count <= 500;
        for (const { memory } of isSmall ? stores.slice(0, 1) : stores) {
          await using index = await openVectorIndex({ vectors: folder, memory, threads: isSmall ? 1 : 2, precision });
          for (const queries of shape.queries) expectExact(await index.search(queries, { limit }), passages, queries);
        }
      },
    );
  }
}

/** Numbers that codes stand for badly: rows and dimensions of very different sizes, and many that are nearly equal. */
const hostile: [string, (row: number, i: number) => number][] = [
  ["of one number each", (row, i) => (i === row % 24 ? 1 + row / 1e4 : 0)],
  ["that are nearly one", (row, i) => 1 + i / 10 + ((row * 7 + i) % 11) / 1e6],
  ["with one large number", (row, i) => (i === 3 ? 500 : ((row * 31 + i * 17) % 101) / 1e3)],
  ["a thousandth as long as others", (row, i) => (((row * 13 + i * 29) % 97) - 48) * (row % 50 ? 1e-3 : 1)],
  ["of two values", (row, i) => ((row >> (i % 12)) & 1) - 0.5],
  ["all zeros but one", (row) => (row === 9 ? 1 : 0)],
];

describe("on odd vectors", () => {
  const dimensions = 24;
  const count = 3000;
  const passages = asFloat16(randomVectors(count, dimensions));
  // A row twice and one of nothing but zeros.
  passages.data.copyWithin(700 * dimensions, 20 * dimensions, 21 * dimensions);
  passages.data.fill(0, 5 * dimensions, 6 * dimensions);
  let folder: string;
  beforeAll(async () => {
    folder = await writeFolder("odd", passages);
  });

  it("puts equal rows in their order, and scores 0 for a query of zeros", async () => {
    for (const precision of ["float32", "int8"] as const) {
      await using index = await openVectorIndex({ vectors: folder, precision });
      const twice = { data: passages.data.slice(20 * dimensions, 21 * dimensions), count: 1, dimensions };
      const { rows } = await index.search(twice, { limit: count });
      expect(rows.indexOf(700) - rows.indexOf(20)).toBe(1);
      const zeros = { data: new Float32Array(dimensions), count: 1, dimensions };
      const nothing = await index.search(zeros, { limit: 3 });
      expect(Array.from(nothing.rows)).toEqual([0, 1, 2]);
      expect(Array.from(nothing.scores)).toEqual([0, 0, 0]);
    }
  });

  it("finds the first of many equal rows", async () => {
    const same = { data: new Float32Array(6000 * 8).fill(0.5), count: 6000, dimensions: 8 };
    const equal = await writeFolder("equal", same);
    for (const precision of ["float32", "int8"] as const) {
      await using index = await openVectorIndex({ vectors: equal, precision });
      const { rows } = await index.search({ ...same, count: 2 }, { limit: 10 });
      expect(Array.from(rows)).toEqual([0, 1].flatMap(() => [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]));
    }
  });

  it("int8 stays exact where rows differ wildly in length and one direction outweighs all others", async () => {
    const wild = randomVectors(count, 48);
    for (let row = 0; row < count; row++) {
      const length = row % 100 === 0 ? 1000 : 10 ** (random.next() * 4 - 3);
      for (let i = 0; i < 48; i++) wild.data[row * 48 + i]! *= length;
      wild.data[row * 48 + 7]! += 30;
    }
    const stored = await writeFolder("wild", wild, "float32");
    const queries = randomVectors(20, 48);
    for (let q = 0; q < 20; q += 2) queries.data[q * 48 + 7]! *= 500;
    await using index = await openVectorIndex({ vectors: stored, precision: "int8" });
    expectExact(await index.search(queries, { limit: 25 }), wild, queries);
  });

  it.each(hostile)("float32 stays exact over vectors %s", async (name, numberAt) => {
    const data = Float32Array.from({ length: count * dimensions }, (_, i) =>
      Math.fround(numberAt(Math.floor(i / dimensions), i % dimensions)),
    );
    const vectors = { data, count, dimensions };
    const stored = await writeFolder(`hostile ${name}`, vectors, "float32");
    await using index = await openVectorIndex({ vectors: stored });
    for (const size of [70, 9]) {
      const queries = randomVectors(size, dimensions);
      queries.data.set(data.subarray(0, dimensions * 3));
      expectExact(await index.search(queries, { limit: 20 }), vectors, queries);
    }
  });

  it("answers searches at the same time, each as if alone", async () => {
    await using index = await openVectorIndex({ vectors: folder, precision: "int8" });
    const batches = [1, 2, 3, 4].map((size) => randomVectors(size, dimensions));
    const together = await Promise.all(batches.map((batch) => index.search(batch, { limit: count + 2 })));
    for (const [i, batch] of batches.entries()) {
      expect(together[i]).toEqual(await index.search(batch, { limit: count + 2 }));
      expect(together[i]!.scores.at(-1)).toBe(Number.NEGATIVE_INFINITY);
    }
  });

  it("refuses other dimensions, numbers that are none, and another embedder or corpus", async () => {
    await using index = await openVectorIndex({ vectors: folder });
    const wide = { data: new Float32Array(25), count: 1, dimensions: 25 };
    await expect(index.search(wide, { limit: 1 })).rejects.toThrow(/25 dimensions and the index 24/);
    const broken = { data: new Float32Array(48).fill(Number.NaN, 30, 31), count: 2, dimensions };
    await expect(index.search(broken, { limit: 1 })).rejects.toThrow(/query 1 holds NaN/);
    const embedder: Embedder = { id: "other", dimensions, embed: async () => broken };
    expect(() => denseRetriever({ index, embedder, passages: { get: async () => [] } })).toThrow(/embedder made/);
    await expect(openVectorIndex({ vectors: folder, memory: 10 })).rejects.toThrow(/does not hold one row/);
    await expect(openVectorIndex({ vectors: folder, embedderId: "made, mean" })).rejects.toThrow(/embedder made, not/);
    await expect(openVectorIndex({ vectors: folder, corpus: "0a" })).rejects.toThrow(/another corpus/);
    await (await openVectorIndex({ vectors: folder, corpus: index.corpus, embedderId: "made" })).close();
  });

  it("stops when told to, while it runs and while it waits, and is closed for good", async () => {
    const index = await openVectorIndex({ vectors: folder, memory: 2 ** 20 });
    const stop = new AbortController();
    const queries = randomVectors(900, dimensions);
    // Its threads are there then, and take up the next search at once.
    await index.search(randomVectors(1, dimensions), { limit: 3 });
    const searches = [1, 2].map(() => index.search(queries, { limit: 250, signal: stop.signal }));
    setImmediate(() => stop.abort(new Error("enough")));
    for (const search of searches) await expect(search).rejects.toThrow("enough");
    const after = await index.search(randomVectors(1, dimensions), { limit: 3 });
    expect(after.rows).toHaveLength(3);
    await index.close();
    await index.close();
    await expect(index.search(queries, { limit: 1 })).rejects.toThrow(/closed/);
  });

  it("denseRetriever reads the passages behind the ranks skipped", async () => {
    await using index = await openVectorIndex({ vectors: folder });
    const queries = randomVectors(2, dimensions);
    const embedder: Embedder = { id: "made", dimensions, embed: async () => queries };
    const get = async (ids: readonly string[]) => ids.map((id) => ({ id, title: "", text: id }));
    const retriever = denseRetriever({ index, embedder, passages: { get } });
    const whole = await retriever.retrieve(["a", "b"], { limit: 9 });
    expect(await retriever.retrieve(["a", "b"], { limit: 9, skip: 6 })).toEqual(
      whole.map((ranking) => ranking.slice(6)),
    );
  });
});
