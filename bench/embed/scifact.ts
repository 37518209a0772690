import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { gunzipSync } from "node:zlib";
import { embedPassages, onnxEmbedder } from "@rag-instruct/embed";
import { measureRetrieval, parseQrels } from "@rag-instruct/eval";
import { openVectorIndex } from "@rag-instruct/retrieve";

/**
 * nDCG@10 of BEIR's SciFact by a model's vectors and the exact search; some minutes:
 *   node --conditions=@rag-instruct/source bench/embed/scifact.ts --model FOLDER --scifact FOLDER
 * The folder holds corpus.jsonl.gz and the topics and judgements in Anserini's names. all-MiniLM-L6-v2 is published with 0.645.
 */
const { values } = parseArgs({
  options: {
    model: { type: "string", default: "../shared/models/all-MiniLM-L6-v2" },
    scifact: { type: "string", default: "../shared/data/retrieval/scifact-beir" },
    quantized: { type: "boolean", default: false },
  },
});
const linesOf = async (name: string) =>
  gunzipSync(await readFile(join(values.scifact, name)))
    .toString()
    .trim()
    .split("\n");
const passages = (await linesOf("corpus.jsonl.gz")).map((line) => {
  const { _id, title, text } = JSON.parse(line) as { _id: string; title: string; text: string };
  return { id: _id, title, text };
});
const topics = (await linesOf("topics.beir-v1.0.0-scifact.test.tsv.gz")).map((line) => line.split("\t"));
const qrels = parseQrels(await readFile(join(values.scifact, "qrels.beir-v1.0.0-scifact.test.txt"), "utf8"));

const to = await mkdtemp(join(tmpdir(), "scifact-"));
try {
  await using embedder = await onnxEmbedder({ model: values.model, quantized: values.quantized });
  const begun = performance.now();
  await embedPassages({ passages, embedder, to });
  const seconds = (performance.now() - begun) / 1000;
  await using index = await openVectorIndex({ vectors: to });
  const queries = await embedder.embed(
    topics.map(([, text]) => text!),
    { kind: "query" },
  );
  const limit = 100;
  const { rows, scores } = await index.search(queries, { limit });
  const run = new Map(
    topics.map(([id], query) => [
      id!,
      Array.from({ length: limit }, (_, rank) => ({
        id: index.idOf(rows[query * limit + rank]!),
        score: scores[query * limit + rank]!,
      })),
    ]),
  );
  const { means } = measureRetrieval(run, qrels, { measures: ["ndcg_cut_10", "recall_100"] });
  console.log("| passages | seconds | nDCG@10 | recall@100 |\n|---|---|---|---|");
  console.log(
    `| ${passages.length} | ${seconds.toFixed(0)} | ${means.ndcg_cut_10!.toFixed(4)} | ${means.recall_100!.toFixed(4)} |`,
  );
} finally {
  await rm(to, { recursive: true });
}
