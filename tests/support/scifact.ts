import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { memoryPassages, type Passage, type Retriever } from "@rag-instruct/core";
import { embedPassages, onnxEmbedder } from "@rag-instruct/embed";
import { measureRetrieval, parseQrels, type Qrels } from "@rag-instruct/eval";
import {
  bm25Retriever,
  buildBm25Index,
  denseRetriever,
  hybridRetriever,
  openBm25Index,
  openVectorIndex,
} from "@rag-instruct/retrieve";
import { miniLm, sharedData } from "./shared.ts";

const folder = join(sharedData, "retrieval/scifact-beir");
/** Whether SciFact and the model all-MiniLM-L6-v2 are there. */
export const hasScifact = existsSync(folder) && existsSync(miniLm);

/** A collection with judgements. */
export interface Collection {
  passages: Passage[];
  queries: { id: string; text: string }[];
  qrels: Qrels;
}

/** BEIR's SciFact. */
export async function readScifact(): Promise<Collection> {
  const file = (name: string) => readFile(join(folder, name));
  const lines = async (name: string) =>
    gunzipSync(await file(name))
      .toString()
      .trim()
      .split("\n");
  const records = (await lines("corpus.jsonl.gz")).map((line) => JSON.parse(line));
  const topics = await lines("topics.beir-v1.0.0-scifact.test.tsv.gz");
  return {
    passages: records.map(({ _id, title, text }) => ({ id: _id, title, text })),
    queries: topics.map((line) => ({ id: line.split("\t")[0]!, text: line.split("\t")[1]! })),
    qrels: parseQrels((await file("qrels.beir-v1.0.0-scifact.test.txt")).toString()),
  };
}

/** nDCG@10 and recall@100 of BM25, of all-MiniLM-L6-v2, and of both fused by reciprocal ranks. */
export async function measureHybrid(
  { passages, queries, qrels }: Collection,
  { to, ...precision }: { to: string; quantized?: boolean; maxTokens?: number },
): Promise<Record<"bm25" | "dense" | "hybrid", { ndcg: number; recall: number }>> {
  const store = memoryPassages(passages);
  await using embedder = await onnxEmbedder({ model: miniLm, ...precision });
  await embedPassages({ passages, embedder, to: join(to, "vectors"), dtype: "float16", shardRows: 256 });
  await buildBm25Index({ passages, to: join(to, "bm25") });
  await using words = await openBm25Index(join(to, "bm25"));
  await using vectors = await openVectorIndex({ vectors: join(to, "vectors") });
  const bm25 = bm25Retriever({ index: words, passages: store });
  const dense = denseRetriever({ index: vectors, embedder, passages: store });
  const measure = async (retriever: Retriever) => {
    const found = await retriever.retrieve(
      queries.map(({ text }) => text),
      { limit: 100 },
    );
    const run = new Map(
      queries.map(({ id }, i) => [id, found[i]!.map(({ passage, score }) => ({ id: passage.id, score }))]),
    );
    const { means } = measureRetrieval(run, qrels, { measures: ["ndcg_cut_10", "recall_100"] });
    return { ndcg: means.ndcg_cut_10!, recall: means.recall_100! };
  };
  return {
    bm25: await measure(bm25),
    dense: await measure(dense),
    hybrid: await measure(hybridRetriever([bm25, dense])),
  };
}
