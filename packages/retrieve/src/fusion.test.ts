import { type Retriever, seededRandom } from "@rag-instruct/core";
import fc from "fast-check";
import { expect, it } from "vitest";
import { fuseRankings, hybridRetriever, type RankingRetriever } from "./index.ts";

const ranked = (ids: readonly string[]) => ids.map((id, i) => ({ id, score: ids.length - i }));
const passage = (id: string) => ({ id, title: "", text: id });
const store = { get: async (ids: readonly string[]) => ids.map(passage) };

it("is pyserini's reciprocal rank fusion: 1 / (k + rank) summed, sorted by score, then by id", () => {
  const rankings = fc.array(fc.uniqueArray(fc.constantFrom(..."abcdefghij"), { maxLength: 10 }), {
    minLength: 2,
    maxLength: 4,
  });
  const check = (lists: string[][], k: number) => {
    const weights = lists.map(() => 1);
    const fused = fuseRankings(lists.map(ranked), { k, weights });
    // pyserini/fusion/_base.py: doc_scores.get(docid, 0.0) + 1 / (k + rank); sorted by (-score, docid).
    const expected = [..."abcdefghij"]
      .filter((id) => lists.some((list) => list.includes(id)))
      .map((id) => ({
        id,
        score: lists.reduce((sum, list) => sum + (list.includes(id) ? 1 / (k + list.indexOf(id) + 1) : 0), 0),
      }))
      .sort((a, b) => b.score - a.score);
    expect(fused).toEqual(expected);
  };
  fc.assert(fc.property(rankings, fc.integer({ min: 0, max: 100 }), check));
});

it("weighs its retrievers", () => {
  const fused = fuseRankings([ranked(["a", "b"]), ranked(["b", "c"])], { k: 60, weights: [0.25, 2] });
  expect(fused.map(({ id }) => id)).toEqual(["b", "c", "a"]);
  expect(fused.map(({ score }) => score)).toEqual([0.25 / 62 + 2 / 61, 2 / 62, 0.25 / 61]);
});

/** Retrievers that rank once all of them have been asked. */
function together(lists: readonly string[][]): RankingRetriever[] {
  let waiting = lists.length;
  const all = Promise.withResolvers<void>();
  return lists.map((list, i) => ({
    id: `list ${i}`,
    passages: store,
    async rank(queries, { limit }) {
      if (--waiting === 0) all.resolve();
      await all.promise;
      return queries.map(() => ranked(list).slice(0, limit));
    },
    retrieve: () => expect.unreachable(),
  }));
}

it("asks all retrievers at the same time, and as deep as told", async () => {
  const hybrid = hybridRetriever(
    together([
      ["a", "b", "c"],
      ["c", "d"],
    ]),
    { depth: 3 },
  );
  const [ranking] = await hybrid.retrieve(["q"], { limit: 2 });
  expect(ranking!.map(({ passage: { id }, rank }) => [id, rank])).toEqual([
    ["c", 1],
    ["a", 2],
  ]);
});

it("stops the others when one fails or the caller does not wait, and fails with the reason", async () => {
  const asked: AbortSignal[] = [];
  const slow: Retriever = {
    id: "slow",
    retrieve: (_, { signal }) => {
      asked.push(signal!);
      return new Promise((_, reject) => signal!.addEventListener("abort", () => reject(signal!.reason)));
    },
  };
  const broken: Retriever = { id: "broken", retrieve: () => Promise.reject(new Error("no index")) };
  await expect(hybridRetriever([slow, broken]).retrieve(["q"], { limit: 1 })).rejects.toThrow("no index");
  const stop = new AbortController();
  const search = hybridRetriever([slow, slow]).retrieve(["q"], { limit: 1, signal: stop.signal });
  setImmediate(() => stop.abort(new Error("enough")));
  await expect(search).rejects.toThrow("enough");
  expect(asked.map(({ aborted }) => aborted)).toEqual([true, true, true]);
});

it("refuses retrievers that are known to rank different corpora", () => {
  const [one, two] = together([["a"], ["b"]]) as [RankingRetriever, RankingRetriever];
  const of = (retriever: RankingRetriever, corpus: string): RankingRetriever => ({ ...retriever, corpus });
  expect(() => hybridRetriever([of(one, "x"), of(two, "y")])).toThrow(/list 0 and list 1 hold different/);
  expect((hybridRetriever([of(one, "x"), two]) as RankingRetriever).corpus).toBe("x");
  expect(() => hybridRetriever([one])).toThrow(/two or more/);
  expect(() => hybridRetriever([one, two], { weights: [1, -1] })).toThrow(/0 or more/);
});

it("fuses two rankings of 250 for a thousand queries and gives one passage for one id", async () => {
  const random = seededRandom(3);
  const lists = [0, 1].map(() => random.shuffle(Array.from({ length: 300 }, (_, i) => `p${i}`)));
  const queries = Array.from({ length: 1000 }, (_, i) => `q${i}`);
  const found = await hybridRetriever(together(lists)).retrieve(queries, { limit: 250, skip: 200 });
  expect(found).toHaveLength(1000);
  expect(found[999]).toHaveLength(50);
  expect(found[0]![0]!.passage).toBe(found[999]![0]!.passage);
});
