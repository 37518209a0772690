import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Passage, seededRandom } from "@rag-instruct/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { storedLength } from "./bm25/formula.ts";
import { bm25Retriever, buildBm25Index, englishAnalyzer, hybridRetriever, openBm25Index } from "./index.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "bm25-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const random = seededRandom(5);
const vocabulary = Array.from({ length: 60 }, (_, i) => `w${String.fromCharCode(97 + (i % 26))}${"x".repeat(i / 26)}`);
const passages: Passage[] = Array.from({ length: 300 }, (_, i) => ({
  id: `p${i}`,
  title: "",
  text: Array.from({ length: 5 + random.integer(40) }, () => vocabulary[Math.floor(random.next() ** 2 * 60)]).join(" "),
}));
const store = { get: async (ids: readonly string[]) => ids.map((id) => passages[Number(id.slice(1))]!) };

/** The formula as the textbooks have it, over plain objects. */
function oracle(query: string, { k1 = 0.9, b = 0.4 } = {}): { id: string; score: number }[] {
  const bags = passages.map(({ text }) => englishAnalyzer.terms(text));
  const mean = bags.reduce((sum, bag) => sum + bag.length, 0) / bags.length;
  const scores = bags.map((bag, i) => {
    let score = 0;
    for (const term of englishAnalyzer.terms(query)) {
      const df = bags.filter((other) => other.includes(term)).length;
      const tf = bag.filter((other) => other === term).length;
      score +=
        (Math.log(1 + (bags.length - df + 0.5) / (df + 0.5)) * tf) /
        (tf + k1 * (1 - b + (b * storedLength(bag.length)) / mean));
    }
    return { id: `p${i}`, score };
  });
  return scores.filter(({ score }) => score > 0).sort((x, y) => y.score - x.score);
}

describe("BM25", () => {
  it("ranks and scores as the formula says", async () => {
    await buildBm25Index({ passages, to: join(folder, "index") });
    await using index = await openBm25Index(join(folder, "index"));
    const queries = Array.from({ length: 20 }, () =>
      Array.from({ length: 4 }, () => random.pick(vocabulary)).join(" "),
    );
    const rankings = await bm25Retriever({ index, passages: store }).retrieve(queries, { limit: 50 });
    for (const [q, ranking] of rankings.entries()) {
      const expected = oracle(queries[q]!).slice(0, 50);
      expect(ranking.length).toBe(expected.length);
      for (const [i, { score, rank }] of ranking.entries()) {
        expect(score).toBeCloseTo(expected[i]!.score, 4);
        expect(rank).toBe(i + 1);
      }
    }
  });

  it("skips leading ranks without reading them, and says fewer where there are fewer", async () => {
    await buildBm25Index({ passages, to: join(folder, "index") });
    await using index = await openBm25Index(join(folder, "index"));
    const read: string[] = [];
    const counting = {
      get(ids: readonly string[]) {
        read.push(...ids);
        return store.get(ids);
      },
    };
    const retriever = bm25Retriever({ index, passages: counting });
    const query = vocabulary[0]!;
    const [whole] = await retriever.retrieve([query], { limit: 60 });
    read.length = 0;
    const [tail] = await retriever.retrieve([query], { limit: 60, skip: 50 });
    expect(tail).toEqual(whole!.slice(50));
    expect(read).toEqual(tail!.map(({ passage }) => passage.id));
    expect(await retriever.retrieve(["nothing fits this", ""], { limit: 5 })).toEqual([[], []]);
  });

  it("refuses an empty corpus and a repeated id, and leaves nothing", async () => {
    await expect(buildBm25Index({ passages: [], to: join(folder, "i") })).rejects.toThrow(/no passages/);
    await expect(buildBm25Index({ passages: [passages[0]!, passages[0]!], to: join(folder, "i") })).rejects.toThrow(
      /p0 occurs twice/,
    );
    expect(await readdir(folder)).toEqual([]);
  });

  it("refuses an index of another corpus", async () => {
    const [to, other] = [join(folder, "index"), join(folder, "other")];
    await buildBm25Index({ passages, to });
    await buildBm25Index({ passages: passages.slice(1), to: other });
    await using index = await openBm25Index(to);
    await expect(openBm25Index(other, { corpus: index.corpus })).rejects.toThrow(
      /other is of the corpus .* and not of/,
    );
    await using same = await openBm25Index(to, { corpus: index.corpus });
    expect(same.corpus).toBe(index.corpus);
    expect(() => bm25Retriever({ index, passages: { ...store, size: 299 } })).toThrow(
      /300 passages and the store 299; build/,
    );
    bm25Retriever({ index, passages: { ...store, size: 300 } });
  });

  it("names a file that is damaged, a newer version and another analyzer", async () => {
    const to = join(folder, "index");
    await buildBm25Index({ passages, to, analyzer: { id: "mine-1", terms: (text) => text.split(" ") } });
    await expect(openBm25Index(to)).rejects.toThrow(/analyzer mine-1; hand that one in/);
    const manifest = JSON.parse(await readFile(join(to, "manifest.json"), "utf8"));
    await writeFile(join(to, "manifest.json"), JSON.stringify({ ...manifest, version: 9 }));
    await expect(openBm25Index(to)).rejects.toThrow(/has version 9/);
    const { files } = manifest;
    for (const lie of [
      ...[{ files: undefined }, { files: { ...files, "lengths.bin": null } }, { corpus: 4 }, { k1: null }, { b: 7 }],
      ...[{ passages: 10 }, { passages: 3000 }, { passages: -1 }, { terms: 5 }, { meanLength: "long" }],
    ]) {
      await writeFile(join(to, "manifest.json"), JSON.stringify({ ...manifest, ...lie }));
      const opened = openBm25Index(to, { analyzer: { id: "mine-1", terms: (text) => text.split(" ") } });
      await expect(opened, JSON.stringify(lie)).rejects.toMatchObject({ code: "file-corrupt" });
    }
    await writeFile(join(to, "manifest.json"), JSON.stringify({ ...manifest, analyzer: "english-1" }));
    const rows = await readFile(join(to, "rows.bin"));
    rows[10]! ^= 1;
    await writeFile(join(to, "rows.bin"), rows);
    await expect(openBm25Index(to)).rejects.toThrow(/rows\.bin does not match its checksum/);
    await expect(openBm25Index(join(folder, "none"))).rejects.toThrow(/holds no BM25 index/);
  });
});

it("keeps lengths as Lucene does: exact to 40, then three significant bits", () => {
  // From Lucene's own table of decoded lengths.
  expect([0, 1, 24, 39, 40, 41, 42, 43, 44, 56, 100, 1000].map(storedLength)).toEqual([
    0, 1, 24, 39, 40, 40, 42, 42, 44, 56, 96, 984,
  ]);
});

it("hybridRetriever adds up reciprocal ranks", async () => {
  const fixed = (ids: number[]) => ({
    id: ids.join(),
    retrieve: async () => [ids.map((i, at) => ({ passage: passages[i]!, score: 9 - at, rank: at + 1 }))],
  });
  const [ranking] = await hybridRetriever([fixed([1, 2, 3]), fixed([3, 4])], { k: 60 }).retrieve(["q"], { limit: 10 });
  expect(ranking!.map(({ passage }) => passage.id)).toEqual(["p3", "p1", "p2", "p4"]);
  expect(ranking![0]!.score).toBeCloseTo(1 / 63 + 1 / 61, 10);
});
