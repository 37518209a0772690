import assert from "node:assert/strict";
import { RagInstructError } from "../errors.ts";
import {
  type Closable,
  type Hits,
  memoryPassages,
  type PassageStore,
  type Retriever,
  type VectorIndex,
  type Vectors,
} from "../plug-points.ts";
import { seededRandom } from "../random.ts";
import type { Passage } from "../types.ts";
import { decodeFloat16, encodeFloat16 } from "../vectors/npy.ts";

/** One thing that every implementation of a plug point must do, for any test runner: `it(name, run)`. */
export interface Contract {
  name: string;
  /** Rejects with an AssertionError that says what is wrong. */
  run(): Promise<void>;
}

/** Closes what can be closed. */
export async function closing<T, R>(opened: T & Partial<AsyncDisposable>, use: (opened: T) => Promise<R>): Promise<R> {
  try {
    return await use(opened);
  } finally {
    await opened[Symbol.asyncDispose]?.();
  }
}

/** Waits for a call whose signal aborts: it may have ended before, but may not fail with anything else than the reason. */
async function endedOrAborted(call: Promise<unknown>, reason: Error): Promise<void> {
  await call.catch((error: unknown) => {
    if (error !== reason) throw error;
  });
}

/** Vectors that an index is to be made of. */
export interface ContractVectors {
  embedderId: string;
  /** Of length 1 but for rounding, two of them equal, one of zeros; all of them are float16 numbers. */
  vectors: Vectors;
  /** An id a row; some hold letters of other scripts. */
  ids: string[];
}

/** Options of {@link vectorIndexContract}. */
export interface VectorIndexContractOptions {
  /** Makes an index of the vectors and opens it. Called once a contract, always with the same vectors. */
  open(made: ContractVectors): Promise<VectorIndex & Partial<Closable>>;
  /** Least share of the exact hits that is found, for an index that approximates. @default 1, and then in exact order */
  recall?: number;
  /** Most that a score may differ from the inner product. @default 1e-5 */
  tolerance?: number;
}

const dimensions = 24;
const count = 1500;
const queryCount = 70;
const equalRows = [20, 700] as const;
const zeroRow = 5;

/** What whoever searches a `VectorIndex` relies on. */
export function vectorIndexContract(options: VectorIndexContractOptions): Contract[] {
  const { recall = 1, tolerance = 1e-5 } = options;
  const made = madeVectors();
  const queries = unitVectors(queryCount, "queries");
  const contract = (name: string, use: (index: VectorIndex & Partial<Closable>) => Promise<void>): Contract => ({
    name,
    run: async () => closing(await options.open(made), use),
  });
  return [
    contract("says how many vectors it holds, and of which embedder", async (index) => {
      assert.deepEqual([index.size, index.embedderId], [count, made.embedderId]);
    }),
    contract(recall === 1 ? "finds what exact search finds" : `finds ${recall} of the exact hits`, async (index) => {
      for (const limit of [1, 10, 250]) {
        const hits = await index.search(queries, { limit });
        assert.deepEqual([hits.queries, hits.limit], [queryCount, limit]);
        checkScores(hits, { passages: made.vectors, queries, tolerance });
        if (limit === 1 && recall < 1) continue;
        const found = recallAgainstExact(hits, { passages: made.vectors, queries, tolerance });
        assert.ok(found >= recall, `recall at ${limit} is ${found}`);
      }
    }),
    contract("gives the id of each row it finds, and no id for a row that is not there", async (index) => {
      const { rows } = await index.search(queries, { limit: 20 });
      for (const row of rows) assert.equal(index.idOf(row), made.ids[row]);
      for (const row of [-1, count, 0.5]) assert.throws(() => index.idOf(row), RagInstructError.is);
    }),
    contract("leaves places empty where there are fewer rows than asked for", async (index) => {
      const limit = count + 3;
      const { rows, scores } = await index.search(first(queries, 2), { limit });
      for (let q = 0; q < 2; q++) {
        const found = rows.subarray(q * limit, (q + 1) * limit);
        assert.deepEqual(Array.from(found.subarray(count)), [-1, -1, -1]);
        assert.equal(scores[q * limit + count], Number.NEGATIVE_INFINITY);
        if (recall === 1) assert.equal(new Set(found.subarray(0, count)).size, count);
      }
    }),
    contract("finds a query alone as among others, and leaves the queries as they are", async (index) => {
      const before = queries.data.slice();
      const together = await index.search(queries, { limit: 10 });
      const alone = await index.search(first(queries, 1), { limit: 10 });
      assertClose(alone.scores, together.scores.subarray(0, 10), tolerance);
      assert.deepEqual(queries.data, before);
    }),
    contract("answers no queries with no hits", async (index) => {
      const { rows, scores } = await index.search(first(queries, 0), { limit: 10 });
      assert.deepEqual([rows.length, scores.length], [0, 0]);
    }),
    contract("scores 0 for a query of zeros, and finds two equal rows side by side", async (index) => {
      const zeros = { data: new Float32Array(dimensions), count: 1, dimensions };
      const { scores } = await index.search(zeros, { limit: 3 });
      assertClose(scores, new Float32Array(3), tolerance);
      const [row, twin] = equalRows;
      const twins = { ...zeros, data: made.vectors.data.slice(row * dimensions, (row + 1) * dimensions) };
      const { rows } = await index.search(twins, { limit: 2 });
      assert.deepEqual(Array.from(rows).sort(numerically), [row, twin]);
    }),
    contract("answers searches at the same time", async (index) => {
      const [one, two] = await Promise.all([10, 10].map((limit) => index.search(queries, { limit })));
      assertClose(one!.scores, two!.scores, tolerance);
    }),
    contract("refuses vectors of another size, numbers that are none, and limits below 1", async (index) => {
      const wide = { data: new Float32Array(dimensions + 1), count: 1, dimensions: dimensions + 1 };
      await refuses(index.search(wide, { limit: 1 }), "index-mismatch");
      const broken = { data: queries.data.slice(0, 2 * dimensions).fill(Number.NaN, 30, 31), count: 2, dimensions };
      await refuses(index.search(broken, { limit: 1 }), "bad-input");
      for (const limit of [0, -1, 1.5]) await refuses(index.search(queries, { limit }), "bad-option");
    }),
    contract("stops when told to, with the reason, and goes on to answer others", async (index) => {
      const reason = new Error("enough");
      const before = index.search(queries, { limit: 10, signal: AbortSignal.abort(reason) });
      await assert.rejects(before, reason);
      const stop = new AbortController();
      const during = index.search(queries, { limit: 250, signal: stop.signal });
      stop.abort(reason);
      await endedOrAborted(during, reason);
      assert.equal((await index.search(queries, { limit: 1 })).rows.length, queryCount);
    }),
    contract("is closed twice without harm, and refuses to search then", async (index) => {
      if (!index.close) return;
      await index.close();
      await index.close();
      await assert.rejects(index.search(queries, { limit: 1 }), RagInstructError.is);
    }),
  ];
}

function madeVectors(): ContractVectors {
  const vectors = unitVectors(count, "passages");
  const halves = new Uint16Array(vectors.data.length);
  encodeFloat16(vectors.data, halves);
  decodeFloat16(halves, vectors.data);
  const [row, twin] = equalRows;
  vectors.data.copyWithin(twin * dimensions, row * dimensions, (row + 1) * dimensions);
  vectors.data.fill(0, zeroRow * dimensions, (zeroRow + 1) * dimensions);
  const ids = Array.from({ length: count }, (_, i) => (i % 3 ? `p${i}` : `é-\u{1F600}-${i}`));
  return { embedderId: "contract", vectors, ids };
}

function unitVectors(rows: number, name: string): Vectors {
  const random = seededRandom(11, name);
  const data = new Float32Array(rows * dimensions);
  for (let row = 0; row < rows; row++) {
    const vector = Float64Array.from({ length: dimensions }, () => random.next() - 0.5);
    const length = Math.hypot(...vector);
    data.set(
      vector.map((number) => number / length),
      row * dimensions,
    );
  }
  return { data, count: rows, dimensions };
}

interface Truth {
  passages: Vectors;
  queries: Vectors;
  tolerance: number;
}

/** Scores fall, and each is the inner product of its row with the query, no row twice. */
function checkScores({ limit, rows, scores }: Hits, { passages, queries, tolerance }: Truth): void {
  for (let q = 0; q < queries.count; q++) {
    const found = Array.from(rows.subarray(q * limit, (q + 1) * limit)).filter((row) => row >= 0);
    assert.equal(new Set(found).size, found.length, "a row is found twice");
    for (const [at, row] of found.entries()) {
      const score = scores[q * limit + at]!;
      const expected = product(queries, q, { vectors: passages, row });
      assert.ok(Math.abs(score - expected) <= tolerance, `row ${row} scores ${score}, not ${expected}`);
      assert.ok(at === 0 || score <= scores[q * limit + at - 1]!, "scores rise");
    }
  }
}

/** Share of the places whose row is as good as the one that belongs there, or better. */
function recallAgainstExact({ limit, rows }: Hits, { passages, queries, tolerance }: Truth): number {
  let good = 0;
  for (let q = 0; q < queries.count; q++) {
    const products = Array.from({ length: passages.count }, (_, row) =>
      product(queries, q, { vectors: passages, row }),
    );
    const last = products.toSorted((a, b) => b - a)[limit - 1]!;
    good += rows
      .subarray(q * limit, (q + 1) * limit)
      .filter((row) => row >= 0 && products[row]! >= last - tolerance).length;
  }
  return good / (queries.count * limit);
}

function product(queries: Vectors, q: number, { vectors, row }: { vectors: Vectors; row: number }): number {
  let sum = 0;
  for (let i = 0; i < dimensions; i++) sum += queries.data[q * dimensions + i]! * vectors.data[row * dimensions + i]!;
  return sum;
}

function first({ data }: Vectors, rows: number): Vectors {
  return { data: data.slice(0, rows * dimensions), count: rows, dimensions };
}

function assertClose(actual: Float32Array, expected: Float32Array, tolerance: number): void {
  assert.equal(actual.length, expected.length);
  for (const [i, score] of actual.entries()) {
    assert.ok(Math.abs(score - expected[i]!) <= tolerance, `score ${i} is ${score}, not ${expected[i]}`);
  }
}

async function refuses(call: Promise<unknown>, code: "index-mismatch" | "bad-input" | "bad-option"): Promise<void> {
  await assert.rejects(call, (error) => RagInstructError.is(error, code));
}

function numerically(a: number, b: number): number {
  return a - b;
}

/** Options of {@link retrieverContract}. */
export interface RetrieverContractOptions {
  /**
   * Makes a retriever over a corpus of a few hundred English passages. The store takes note of what is read: a retriever that
   * reads from it is held to read no passage that it does not return, and none twice in a call.
   */
  open(store: PassageStore): Promise<Retriever & Partial<Closable>>;
}

const passageCount = 400;

/** What whoever asks a `Retriever` relies on. */
export function retrieverContract({ open }: RetrieverContractOptions): Contract[] {
  const passages = madePassages();
  const questions = [
    "harbour bridge opened",
    "old lighthouse painter",
    "where does the northern railway end",
    "harbour bridge opened",
  ];
  const contract = (name: string, use: (opened: Opened) => Promise<void>): Contract => ({
    name,
    async run() {
      const store = countingStore(passages);
      await closing(await open(store), (retriever) => use({ retriever, reads: store.reads }));
    },
  });
  return [
    contract("ranks for each question in order, best first, counting from 1", async ({ retriever }) => {
      const found = await retriever.retrieve(questions, { limit: 20 });
      assert.equal(found.length, questions.length);
      for (const ranking of found) {
        assert.ok(ranking.length > 0 && ranking.length <= 20);
        assert.deepEqual(
          ranking.map(({ rank }) => rank),
          ranking.map((_, i) => i + 1),
        );
        assert.ok(
          ranking.every(({ score }, i) => i === 0 || score <= ranking[i - 1]!.score),
          "scores rise",
        );
        assert.equal(new Set(ranking.map(({ passage }) => passage.id)).size, ranking.length, "a passage twice");
      }
      assert.deepEqual(found[3], found[0]);
      assert.notDeepEqual(found[1], found[0]);
    }),
    contract("returns the passages of the corpus as they are", async ({ retriever }) => {
      const byId = new Map(passages.map((passage) => [passage.id, passage]));
      const found = await retriever.retrieve(questions, { limit: 50 });
      for (const { passage } of found.flat()) assert.deepEqual(passage, byId.get(passage.id));
    }),
    contract("leaves the leading ranks that are skipped unread, and counts them", async ({ retriever, reads }) => {
      const whole = await retriever.retrieve(questions, { limit: 60 });
      reads.length = 0;
      const rest = await retriever.retrieve(questions, { limit: 60, skip: 40 });
      assert.deepEqual(
        rest,
        whole.map((ranking) => ranking.slice(40)),
      );
      assert.equal(rest[0]![0]?.rank, 41);
      const returned = new Set(rest.flat().map(({ passage }) => passage.id));
      assert.deepEqual(
        reads.filter((id) => !returned.has(id)),
        [],
        "passages are read that are not returned",
      );
    }),
    contract("reads each passage once in a call", async ({ retriever, reads }) => {
      await retriever.retrieve(questions, { limit: 60 });
      assert.equal(new Set(reads).size, reads.length);
    }),
    contract("reads nothing where all ranks are skipped or nothing is asked", async ({ retriever, reads }) => {
      assert.deepEqual(
        await retriever.retrieve(questions, { limit: 30, skip: 30 }),
        questions.map(() => []),
      );
      assert.deepEqual(await retriever.retrieve([], { limit: 30 }), []);
      assert.deepEqual(reads, []);
    }),
    contract("ranks a shallower list the same, and goes no deeper than the corpus", async ({ retriever }) => {
      const [deep] = await retriever.retrieve(questions.slice(0, 1), { limit: passageCount * 2 });
      assert.ok(deep!.length <= passageCount);
      const [shallow] = await retriever.retrieve(questions.slice(0, 1), { limit: 5 });
      assert.equal(shallow!.length, 5);
    }),
    contract("answers calls at the same time", async ({ retriever }) => {
      const calls = [20, 20, 20].map((limit) => retriever.retrieve(questions, { limit }));
      const [one, ...others] = await Promise.all(calls);
      for (const other of others) assert.deepEqual(other, one);
    }),
    contract("refuses limits below 1", async ({ retriever }) => {
      for (const limit of [0, -1, 1.5]) {
        await assert.rejects(retriever.retrieve(questions, { limit }), (error) =>
          RagInstructError.is(error, "bad-option"),
        );
      }
    }),
    contract("stops when told to, with the reason, and goes on to answer others", async ({ retriever }) => {
      const reason = new Error("enough");
      const before = retriever.retrieve(questions, { limit: 20, signal: AbortSignal.abort(reason) });
      await assert.rejects(before, reason);
      const stop = new AbortController();
      const during = retriever.retrieve(questions, { limit: 20, signal: stop.signal });
      stop.abort(reason);
      await endedOrAborted(during, reason);
      assert.equal((await retriever.retrieve(questions, { limit: 20 })).length, questions.length);
    }),
    contract("keeps its id", async ({ retriever }) => {
      const { id } = retriever;
      assert.ok(id.length > 0);
      await closing(await open(countingStore(passages)), async (again) => assert.equal(again.id, id));
    }),
  ];
}

interface Opened {
  retriever: Retriever;
  /** Ids in the order in which they were read. */
  reads: string[];
}

function madePassages(): Passage[] {
  const random = seededRandom(5, "passages");
  const words =
    "the a harbour bridge lighthouse railway northern old opened painter painted end market island bell river town stone was by of in".split(
      " ",
    );
  return Array.from({ length: passageCount }, (_, i) => ({
    id: `d${i}`,
    title: `Page ${i}`,
    text: Array.from({ length: 30 }, () => random.pick(words)).join(" "),
  }));
}

function countingStore(passages: readonly Passage[]): PassageStore & { reads: string[] } {
  const store = memoryPassages(passages);
  const reads: string[] = [];
  return {
    ...store,
    reads,
    get(ids) {
      reads.push(...ids);
      return store.get(ids);
    },
  };
}
