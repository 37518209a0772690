import { mkdtemp, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Passage, seededRandom, wordsOf } from "@rag-instruct/core";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { growthInFifty } from "../test/memory-growth.ts";
import { codeOfLength, impactTable, inverseDocumentFrequency, postingCode } from "./bm25/formula.ts";
import { scanWords, wordTerms } from "./bm25/term-reader.ts";
import { bm25Retriever, buildBm25Index, hybridRetriever, openBm25Index, retrieveAll } from "./index.ts";

// Zipf's law over 3,000 words: some stand in every second passage, most in a few, so that every way of scoring is taken.
const random = seededRandom(11);
const zipf = () => `w${Math.floor(3000 ** random.next())}`;
const text = (words: number) => Array.from({ length: words }, zipf).join(" ");
const passages: Passage[] = Array.from({ length: 6000 }, (_, i) => ({
  id: `p${i}`,
  title: "",
  text: text(20 + random.integer(60)),
}));
const queries = Array.from({ length: 200 }, () => text(1 + random.integer(12)));
const store = { get: async (ids: readonly string[]) => ids.map((id) => passages[Number(id.slice(1))]!) };

let folder: string;
let built: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bm25-search-"));
  built = join(folder, "index");
  await buildBm25Index({ passages, to: built, analyzer: "simple" });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Scores of all passages, every posting read. */
function scoreAll(query: string, bags: Map<string, number>[], lengths: number[]): number[] {
  const meanLength = lengths.reduce((sum, length) => sum + length, 0) / lengths.length;
  const impacts = impactTable({ k1: 0.9, b: 0.4, meanLength });
  const scores = bags.map(() => 0);
  for (const word of wordsOf(query)) {
    const idf = inverseDocumentFrequency(bags.length, bags.filter((bag) => bag.has(word)).length);
    for (const [i, bag] of bags.entries()) {
      if (bag.has(word)) scores[i]! += idf * impacts[postingCode(bag.get(word)!, codeOfLength(lengths[i]!))]!;
    }
  }
  return scores;
}

it("finds what reading every posting finds, whether it skips or not", async () => {
  const words = passages.map((passage) => wordsOf(passage.text));
  const bags = words.map((list) => {
    const bag = new Map<string, number>();
    for (const word of list) bag.set(word, (bag.get(word) ?? 0) + 1);
    return bag;
  });
  const lengths = words.map(({ length }) => length);
  await using index = await openBm25Index(built, { threads: 1 });
  for (const query of queries.slice(0, 40)) {
    const all = scoreAll(query, bags, lengths);
    const sorted = all.filter((score) => score > 0).sort((a, b) => b - a);
    for (const limit of [1, 10, 250]) {
      const { rows, scores } = await index.search([query], { limit });
      const found = Array.from(rows).filter((row) => row >= 0);
      expect(found.length).toBe(Math.min(limit, sorted.length));
      expect(new Set(found).size).toBe(found.length);
      for (const [at, row] of found.entries()) {
        expect(scores[at]).toBeCloseTo(sorted[at]!, 4);
        expect(all[row]).toBeCloseTo(sorted[at]!, 4);
      }
    }
  }
});

it("gives the same hits on threads, and in searches that run at the same time", async () => {
  await using alone = await openBm25Index(built, { threads: 1 });
  await using threaded = await openBm25Index(built, { threads: 2 });
  const expected = await alone.search(queries, { limit: 100 });
  const found = await Promise.all([1, 2, 3].map(() => threaded.search(queries, { limit: 100 })));
  for (const hits of found) expect(hits).toEqual(expected);
});

it("cuts ASCII text into the words that core's wordsOf gives", () => {
  const all: string[] = [];
  const words = wordTerms();
  const sample = fc.string({ unit: fc.constantFrom(..."aZ09_'.,- \n\0"), maxLength: 40 });
  fc.assert(
    fc.property(fc.oneof(sample, fc.string({ maxLength: 60 })), (written) => {
      const bytes = new TextEncoder().encode(`${written}\n`);
      if (bytes.length !== written.length + 1) return true;
      const seen: string[] = [];
      const into = new Int32Array(written.length + 1);
      const options = { words, into, newValue: (word: string) => seen.push(word) };
      const text = () => ({ bytes, from: 0, to: written.length });
      const cut = Array.from(
        into.subarray(0, scanWords(text(), { ...options, words: wordTerms() })),
        (n) => seen[n - 1],
      );
      // A table that holds other words already gives each the same number again.
      options.newValue = (word) => all.push(word);
      const again = Array.from(into.subarray(0, scanWords(text(), options)), (n) => all[n - 1]);
      const expected = JSON.stringify(wordsOf(written));
      return JSON.stringify(cut) === expected && JSON.stringify(again) === expected;
    }),
    { numRuns: 2000 },
  );
});

it("builds the same files on any number of threads", async () => {
  const mixed = passages.map(({ text, ...rest }, i) => ({
    ...rest,
    text: i % 7 ? `${text}.` : `Größe naïve’s ${text} extraordinarily`,
  }));
  const filesOf = async (threads: number) => {
    const to = join(folder, `threads-${threads}`);
    // Repeated so that there is more than one chunk.
    const many = [0, 1, 2, 3, 4].flatMap((round) =>
      mixed.map((passage) => ({
        ...passage,
        id: `${passage.id}-${round}`,
        text: `${passage.text} r${round} ${passage.text}`,
      })),
    );
    await buildBm25Index({ passages: many, to, threads });
    return JSON.parse(await readFile(join(to, "manifest.json"), "utf8"));
  };
  expect(await filesOf(2)).toEqual(await filesOf(1));
});

it("names a file that is cut short, also without checksums, and one left by an older version", async () => {
  const to = join(folder, "damaged");
  await buildBm25Index({ passages: passages.slice(0, 50), to });
  const { size } = await stat(join(to, "codes.bin"));
  await truncate(join(to, "codes.bin"), size - 2);
  await expect(openBm25Index(to, { verify: false })).rejects.toThrow(/codes\.bin has \d+ bytes and should have/);
  const manifest = JSON.parse(await readFile(join(to, "manifest.json"), "utf8"));
  await writeFile(join(to, "manifest.json"), JSON.stringify({ ...manifest, version: 1 }));
  await expect(openBm25Index(to)).rejects.toThrow(/has version 1, and this release reads version 3/);
});

it("refuses options that cannot be meant, and a closed index", async () => {
  await expect(buildBm25Index({ passages, to: join(folder, "no"), b: 2 })).rejects.toThrow(/b between 0 and 1/);
  const index = await openBm25Index(built);
  await expect(index.search(["w1"], { limit: 0 })).rejects.toThrow(/limit is 0/);
  expect(() => index.idOf(6000)).toThrow(/no row 6000/);
  await index.close();
  await index.close();
  await expect(index.search(["w1"], { limit: 1 })).rejects.toThrow(/closed/);
});

it("gives memory back when closed, on threads too", async () => {
  const round = async (i: number) => {
    await using index = await openBm25Index(built, { threads: i % 20 === 0 ? 2 : 1 });
    await index.search(queries.slice(0, 64), { limit: 10 });
  };
  // An index is 4 MB: fifty that were kept would take 200 MB.
  expect(await growthInFifty(round, 50)).toBeLessThan(50);
});

it("a hybrid fuses ids and reads each text once, only behind the ranks skipped", async () => {
  await using index = await openBm25Index(built);
  const read: string[] = [];
  const counting = {
    get(ids: readonly string[]) {
      read.push(...ids);
      return store.get(ids);
    },
  };
  const one = bm25Retriever({ index, passages: counting });
  const hybrid = hybridRetriever([one, one], { weights: [1, 2] });
  const [ranking] = await hybrid.retrieve([queries[0]!], { limit: 250, skip: 200 });
  const [plain] = await bm25Retriever({ index, passages: store }).retrieve([queries[0]!], { limit: 250, skip: 200 });
  expect(ranking!.map(({ passage, rank }) => [passage.id, rank])).toEqual(
    plain!.map(({ passage, rank }) => [passage.id, rank]),
  );
  expect(ranking![0]!.score).toBeCloseTo(3 / 261, 10);
  expect(read).toEqual(ranking!.map(({ passage }) => passage.id));
});

it("retrieveAll keeps the order of a stream of queries, batch by batch, and says how far it is", async () => {
  await using index = await openBm25Index(built);
  const retriever = bm25Retriever({ index, passages: store });
  const seen: number[] = [];
  const rankings = await Array.fromAsync(
    retrieveAll({ retriever, queries, limit: 5, batchSize: 90, onProgress: ({ done }) => seen.push(done) }),
  );
  expect(seen).toEqual([90, 180, 200]);
  expect(rankings).toEqual(await retriever.retrieve(queries, { limit: 5 }));
});
