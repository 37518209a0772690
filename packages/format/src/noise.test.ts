import type { Passage } from "@rag-instruct/core";
import { describe, expect, it } from "vitest";
import { madeCorpus, madePassage, rankAll } from "../test/made-set.ts";
import { countNoise, type NoiseRanks, rankingWhole, relaxedNoiseLine, sampleNoise } from "./noise.ts";

const corpus = madeCorpus(400);
const ranked = rankAll(corpus, "a question");
const sources = [ranked[0]!.passage];
const base = { ranked, sources, count: 9, seed: 7, id: "pair-1" };

function withText(rank: number, text: string): typeof ranked {
  return ranked.map((hit) => (hit.rank === rank ? { ...hit, passage: { ...hit.passage, text } } : hit));
}

describe("sampleNoise", () => {
  it("draws from ranks 201 to 250 alone, each once, marked with its rank", () => {
    const { documents, missing } = sampleNoise(base);
    expect(missing).toBe(0);
    expect(documents).toHaveLength(9);
    expect(new Set(documents.map(({ id }) => id)).size).toBe(9);
    for (const { role, rank, relaxed } of documents) {
      expect(role).toBe("noise");
      expect(rank).toBeGreaterThan(200);
      expect(rank).toBeLessThanOrEqual(250);
      expect(relaxed).toBeUndefined();
    }
  });

  it("depends on seed and id alone, not on the order of the hits or on leading ranks being there", () => {
    const draw = sampleNoise(base).documents;
    expect(sampleNoise({ ...base, ranked: ranked.slice(200, 250).reverse() }).documents).toEqual(draw);
    expect(sampleNoise({ ...base, id: "pair-2" }).documents).not.toEqual(draw);
    expect(sampleNoise({ ...base, seed: 8 }).documents).not.toEqual(draw);
  });

  it("draws every rank of the window equally often", () => {
    const counts = new Map<number, number>();
    for (let i = 0; i < 1_000; i++) {
      for (const { rank } of sampleNoise({ ...base, id: `pair-${i}` }).documents)
        counts.set(rank!, (counts.get(rank!) ?? 0) + 1);
    }
    expect(counts.size).toBe(50);
    for (const count of counts.values()) expect(Math.abs(count - 180)).toBeLessThan(70);
  });

  it("refuses sources, near copies, repetitions and documents that state the answer, and counts each", () => {
    const sourceWords = sources[0]!.text.split(" ");
    const nearCopy = [...sourceWords.slice(0, -3), "and", "so", "on"].join(" ");
    let hits = withText(201, nearCopy);
    hits = hits.map((hit) => (hit.rank === 202 ? { ...hit, passage: sources[0]! } : hit));
    hits = hits.map((hit) =>
      hit.rank === 203 ? { ...hit, passage: { ...hit.passage, text: "The Eiffel Tower stands there." } } : hit,
    );
    hits = hits.map((hit) => (hit.rank === 204 ? { ...hit, passage: { ...hits[204]!.passage, id: "copy" } } : hit));
    const { documents, refused, missing } = sampleNoise({
      ...base,
      ranked: hits,
      count: 46,
      answers: ["the Eiffel tower"],
    });
    expect(refused).toEqual({ source: 1, "near-copy": 1, "states-answer": 1, repeated: 1 });
    expect(missing).toBe(0);
    expect(documents.filter(({ relaxed }) => relaxed)).toHaveLength(0);
  });

  it("reads an answer in a title too", () => {
    const titled = ranked.map((hit) =>
      hit.rank === 201 ? { ...hit, passage: { ...hit.passage, title: "Eiffel Tower" } } : hit,
    );
    const { refused } = sampleNoise({ ...base, ranked: titled, count: 49, answers: ["Eiffel Tower"] });
    expect(refused["states-answer"]).toBe(1);
  });

  it("takes the lowest ranks there are from a small corpus, and marks them", () => {
    const small = ranked.slice(0, 12);
    const { documents, missing } = sampleNoise({ ...base, ranked: small });
    expect(missing).toBe(0);
    expect(documents.map(({ rank }) => rank)).toEqual([12, 11, 10, 9, 8, 7, 6, 5, 4]);
    expect(documents.every(({ relaxed }) => relaxed === "small-corpus")).toBe(true);
  });

  it("goes up from rank 200 when the guards refuse too many, and says that it was the guards", () => {
    const full = ranked.map((hit) =>
      hit.rank > 203 && hit.rank <= 250 ? { ...hit, passage: { ...hit.passage, text: "It was Bergen." } } : hit,
    );
    const { documents } = sampleNoise({ ...base, ranked: full, answers: ["Bergen"] });
    expect(documents.map(({ rank }) => rank!).sort((a, b) => b - a)).toEqual([
      203, 202, 201, 200, 199, 198, 197, 196, 195,
    ]);
    expect(documents.filter(({ relaxed }) => relaxed === "guards")).toHaveLength(6);
  });

  it("says how many documents a ranking cannot give", () => {
    const { documents, missing } = sampleNoise({ ...base, ranked: ranked.slice(0, 5) });
    expect(documents).toHaveLength(4);
    expect(missing).toBe(5);
  });

  it("is counted where it ranks better than asked for, with why", () => {
    const ranks: NoiseRanks = { documents: 0, relaxed: { "small-corpus": 0, guards: 0 }, beyond: 200 };
    countNoise(ranks, sampleNoise(base).documents);
    expect(relaxedNoiseLine(ranks)).toBe("");
    countNoise(ranks, sampleNoise({ ...base, ranked: ranked.slice(0, 205) }).documents);
    expect(relaxedNoiseLine(ranks)).toMatch(
      /^4 of 18 noise documents come from the first 200 ranks .*: 4 because the corpus has too few passages\./,
    );
  });

  it("keeps a passage's metadata", () => {
    const passage: Passage = { ...madePassage(1), metadata: { page: 4 } };
    const { documents } = sampleNoise({ ...base, count: 1, ranked: [{ passage, rank: 201, score: 0 }] });
    expect(documents[0]).toEqual({ ...passage, role: "noise", rank: 201 });
  });
});

describe("rankingWhole", () => {
  // As a search by words, which finds what shares one with the question.
  const few = corpus.slice(0, 30);
  const byWords = {
    id: "words",
    retrieve: async (queries: readonly string[], { limit, skip = 0 }: { limit: number; skip?: number }) =>
      queries.map((query) => rankAll(few.slice(0, Number(query)), query).slice(skip, limit)),
  };
  const passages = {
    size: few.length,
    get: async () => [],
    async *all() {
      yield* few;
    },
  };
  const whole = rankingWhole(byWords, { passages, seed: 1 });

  it("puts the other passages of a small corpus behind what a question finds, each once, with ranks that go on", async () => {
    const [short, none] = await whole.retrieve(["4", "0"], { limit: 250 });
    expect(short!.slice(0, 4)).toEqual(rankAll(few.slice(0, 4), "4"));
    for (const ranked of [short!, none!]) {
      expect(new Set(ranked.map(({ passage }) => passage.id)).size).toBe(30);
      expect(ranked.map(({ rank }) => rank)).toEqual(Array.from({ length: 30 }, (_, i) => i + 1));
    }
    expect(await whole.retrieve(["4", "0"], { limit: 250 })).toEqual([short, none]);
    expect(await whole.retrieve(["4"], { limit: 20, skip: 10 })).toEqual([short!.slice(10, 20)]);
  });

  it("reads nothing where a ranking is as long as it was asked for, or the corpus is large", async () => {
    const unread = { ...passages, all: () => expect.unreachable("the corpus was read") };
    const enough = await rankingWhole(byWords, { passages: unread, seed: 1 }).retrieve(["30"], { limit: 250 });
    expect(enough[0]).toHaveLength(30);
    const large = { ...unread, size: 5_000 };
    expect((await rankingWhole(byWords, { passages: large, seed: 1 }).retrieve(["4"], { limit: 250 }))[0]).toHaveLength(
      4,
    );
  });
});
