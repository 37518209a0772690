import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Embedder, hashOf, memoryPassages, type PassageStore, type Retriever, wordsOf } from "@rag-instruct/core";
import { retrieverContract } from "@rag-instruct/core/testing";
import { writeVectorManifest, writeVectorShard } from "@rag-instruct/core/vectors";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  bm25Retriever,
  buildBm25Index,
  denseRetriever,
  hybridRetriever,
  openBm25Index,
  openVectorIndex,
} from "./index.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "retrievers-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const dimensions = 64;
/** Words fall into 64 places by their hashes: crude, and the same for the same text. */
const embedder: Embedder = {
  id: "words by hash",
  dimensions,
  async embed(texts) {
    const data = new Float32Array(texts.length * dimensions);
    for (const [i, text] of texts.entries()) {
      const vector = data.subarray(i * dimensions, (i + 1) * dimensions);
      for (const word of wordsOf(text.toLowerCase()))
        vector[Number.parseInt(hashOf(word).slice(0, 4), 16) % dimensions]! += 1;
      const length = Math.hypot(...vector);
      for (let j = 0; j < dimensions; j++) vector[j]! /= length;
    }
    return { data, count: texts.length, dimensions };
  },
};

type Opened = Retriever & AsyncDisposable;

async function bm25(
  passages: PassageStore,
  place = folder,
): Promise<ReturnType<typeof bm25Retriever> & AsyncDisposable> {
  const to = join(place, "bm25");
  await buildBm25Index({ passages: passages.all(), to, threads: 1 });
  const index = await openBm25Index(to, { threads: 1 });
  return { ...bm25Retriever({ index, passages }), [Symbol.asyncDispose]: () => index.close() };
}

async function dense(passages: PassageStore): Promise<ReturnType<typeof denseRetriever> & AsyncDisposable> {
  const to = join(folder, "vectors");
  const all = await Array.fromAsync(passages.all());
  const vectors = [
    await embedder.embed(
      all.map(({ text }) => text),
      { kind: "passage" },
    ),
  ];
  const shard = {
    to,
    index: 0,
    count: all.length,
    dimensions,
    dtype: "float32" as const,
    vectors,
    ids: all.map(({ id }) => id),
  };
  const shards = [await writeVectorShard(shard)];
  await writeVectorManifest(to, { embedderId: embedder.id, dimensions, dtype: "float32", shards });
  const index = await openVectorIndex({ vectors: to, threads: 1 });
  return { ...denseRetriever({ index, embedder, passages }), [Symbol.asyncDispose]: () => index.close() };
}

async function both(passages: PassageStore): Promise<Opened> {
  const parts = [await bm25(passages), await dense(passages)];
  const close = async () => {
    for (const part of parts) await part[Symbol.asyncDispose]();
  };
  return { ...hybridRetriever(parts), [Symbol.asyncDispose]: close };
}

describe.each<[string, (passages: PassageStore) => Promise<Opened>]>([
  ["bm25Retriever", bm25],
  ["denseRetriever", dense],
  ["hybridRetriever", both],
])("%s", (_, open) => {
  for (const { name, run } of retrieverContract({ open })) it(name, run);
});

describe("hybridRetriever with a retriever that reads as it ranks", () => {
  const open = async (passages: PassageStore): Promise<Opened> => {
    const part = await bm25(passages);
    const all = await Array.fromAsync(passages.all());
    const own: Retriever = {
      id: "shortest texts first",
      async retrieve(queries, { limit, skip = 0, signal }) {
        signal?.throwIfAborted();
        const sorted = all.toSorted((a, b) => a.text.length - b.text.length || (a.id < b.id ? -1 : 1)).slice(0, limit);
        return queries.map(() => sorted.map((passage, i) => ({ passage, score: -i, rank: i + 1 })).slice(skip));
      },
    };
    return { ...hybridRetriever([part, own]), [Symbol.asyncDispose]: () => part[Symbol.asyncDispose]() };
  };
  // It reads what its parts rank, which is more than it returns.
  const contracts = retrieverContract({ open }).filter(({ name }) => !/unread|once|reads nothing/.test(name));
  for (const { name, run } of contracts) it(name, run);
});

describe("a plain list of passages", () => {
  const list = ["the old bridge", "a lighthouse", "the bridge over the harbour"].map((text, i) => {
    return { id: `p${i}`, title: "", text };
  });
  const queries = ["old bridge", "harbour", "lighthouse"];

  it("serves wherever a store does", async () => {
    const store = memoryPassages(list);
    await using words = await bm25(store, join(folder, "listed"));
    await using vectors = await dense(store);
    await using index = await openBm25Index(join(folder, "listed/bm25"), { threads: 1 });
    await using embedded = await openVectorIndex({ vectors: join(folder, "vectors"), threads: 1 });
    const ofList = [
      bm25Retriever({ index, passages: list }),
      denseRetriever({ index: embedded, embedder, passages: list }),
    ];
    const pairs = [
      [ofList[0]!, words],
      [ofList[1]!, vectors],
      [hybridRetriever(ofList), hybridRetriever([words, vectors])],
      [
        hybridRetriever(ofList.map((retriever) => ({ ...retriever, passages: list }))),
        hybridRetriever([words, vectors]),
      ],
    ] as const;
    for (const [one, other] of pairs) {
      const expected = await other.retrieve(queries, { limit: 3 });
      expect(await one.retrieve(queries, { limit: 3 })).toEqual(expected);
      expect(expected[0]![0]!.passage).toEqual(list[0]);
    }
  });

  it("is compared with the index at once, and must hold what is ranked", async () => {
    await using _ = await bm25(memoryPassages(list), join(folder, "compared"));
    await using index = await openBm25Index(join(folder, "compared/bm25"), { threads: 1 });
    expect(() => bm25Retriever({ index, passages: [] })).toThrow(/holds 3 passages and the store 0/);
    expect(() => bm25Retriever({ index, passages: [list[0]!, list[0]!, list[1]!] })).toThrow(/id p0 occurs twice/);
    const others = bm25Retriever({
      index,
      passages: list.map((passage) => ({ ...passage, id: `other ${passage.id}` })),
    });
    await expect(others.retrieve(["lighthouse"], { limit: 1 })).rejects.toMatchObject({ code: "passage-missing" });
  });
});

describe("an index of another corpus", () => {
  const storeOf = (ids: readonly string[]): PassageStore => ({
    size: ids.length,
    get: async (wanted) =>
      wanted.map((id) => ({ id: ids.includes(id) ? id : "another", title: "", text: "the old bridge" })),
    async *all() {
      for (const id of ids) yield { id, title: "", text: "the old bridge" };
    },
  });

  it("is refused by the number of passages, and by a passage that is not the one ranked", async () => {
    await using built = await bm25(storeOf(["a", "b"]), join(folder, "other"));
    expect((await built.retrieve(["bridge"], { limit: 5 }))[0]).toHaveLength(2);
    await using index = await openBm25Index(join(folder, "other/bm25"), { threads: 1 });
    expect(() => bm25Retriever({ index, passages: storeOf(["a", "b", "c"]) })).toThrow(
      /holds 2 passages and the store 3/,
    );
    const stale = bm25Retriever({ index, passages: storeOf(["a", "c"]) });
    await expect(stale.retrieve(["bridge"], { limit: 5 })).rejects.toMatchObject({
      code: "index-mismatch",
      message: expect.stringContaining("ranks the passage b, and the store gives another for it"),
    });
  });
});
