import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import type { Passage } from "@rag-instruct/core";
import { expect, it } from "vitest";
import { type Analyzer, buildBm25Index, openBm25Index, wordPieceAnalyzer } from "./index.ts";

const shared =
  process.env.RAG_INSTRUCT_SHARED_DATA ?? fileURLToPath(new URL("../../../../shared/data/", import.meta.url));
const scifact = join(shared, "retrieval/scifact-beir");
const cranfield = join(shared, "retrieval/cranfield");
const bert = join(shared, "tokenizer/bert-uncased");

interface Collection {
  passages: Passage[];
  queries: { id: string; text: string }[];
  /** Grades above 0, by query, then by passage. */
  judged: Map<string, Map<string, number>>;
}

/** Lines of text, a gzipped one unpacked. */
async function lines(path: string): Promise<string[]> {
  const bytes = await readFile(path);
  return (path.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString().trim().split("\n");
}

async function readScifact(): Promise<Collection> {
  const records = (await lines(join(scifact, "corpus.jsonl.gz"))).map((line) => JSON.parse(line));
  const topics = await lines(join(scifact, "topics.beir-v1.0.0-scifact.test.tsv.gz"));
  return {
    passages: records.map(({ _id, title, text }) => ({ id: _id, title, text })),
    queries: topics.map((line) => ({ id: line.split("\t")[0]!, text: line.split("\t")[1]! })),
    judged: judgements(await lines(join(scifact, "qrels.beir-v1.0.0-scifact.test.txt"))),
  };
}

/** Cranfield's judgements name queries by position, not by number. */
async function readCranfield(): Promise<Collection> {
  const documents = await readFile(join(cranfield, "cran.all.1400.xml"), "utf8");
  const queries = await readFile(join(cranfield, "cran.qry.xml"), "utf8");
  return {
    passages: [...documents.matchAll(/<docno>(\d+)<\/docno>[\s\S]*?<text>([\s\S]*?)<\/text>/g)].map(([, id, text]) => ({
      id: id!,
      title: "",
      text: text!,
    })),
    queries: [...queries.matchAll(/<title>([\s\S]*?)<\/title>/g)].map(([, text], i) => ({
      id: String(i + 1),
      text: text!,
    })),
    judged: judgements(await lines(join(cranfield, "cranqrel.trec.txt"))),
  };
}

function judgements(rows: string[]): Collection["judged"] {
  const judged: Collection["judged"] = new Map();
  for (const row of rows) {
    const [query, , passage, grade] = row.trim().split(/\s+/) as [string, string, string, string];
    if (Number(grade) <= 0) continue;
    if (!judged.has(query)) judged.set(query, new Map());
    judged.get(query)!.set(passage, Number(grade));
  }
  return judged;
}

/** Mean nDCG@10 and recall@100 over the judged queries. */
async function measure(collection: Collection, analyzer: "english" | Analyzer) {
  const folder = await mkdtemp(join(tmpdir(), "quality-"));
  try {
    await buildBm25Index({ passages: collection.passages, to: join(folder, "index"), analyzer });
    await using index = await openBm25Index(join(folder, "index"), analyzer === "english" ? {} : { analyzer });
    const queries = collection.queries.filter(({ id }) => collection.judged.has(id));
    const { rows } = await index.search(
      queries.map(({ text }) => text),
      { limit: 100 },
    );
    const sums = { ndcg: 0, recall: 0 };
    for (const [q, { id }] of queries.entries()) {
      const grades = collection.judged.get(id)!;
      const found = Array.from(rows.subarray(q * 100, q * 100 + 100), (row) =>
        row < 0 ? 0 : (grades.get(index.idOf(row)) ?? 0),
      );
      sums.ndcg += gain(found) / gain([...grades.values()].sort((a, b) => b - a));
      sums.recall += found.filter((grade) => grade > 0).length / grades.size;
    }
    return { ndcg: sums.ndcg / queries.length, recall: sums.recall / queries.length };
  } finally {
    await rm(folder, { recursive: true });
  }
}

function gain(grades: number[]): number {
  return grades.slice(0, 10).reduce((sum, grade, at) => sum + grade / Math.log2(at + 2), 0);
}

it.skipIf(!existsSync(scifact))("the shared SciFact: nDCG@10 within 0.001 of Anserini's 0.6789", async () => {
  const { ndcg, recall } = await measure(await readScifact(), "english");
  expect(Math.abs(ndcg - 0.6789)).toBeLessThan(0.001);
  expect(Math.abs(recall - 0.9253)).toBeLessThan(0.001);
});

it.skipIf(!existsSync(scifact) || !existsSync(bert))(
  "the shared SciFact and BERT tokenizer: WordPiece terms give Anserini's nDCG@10 of 0.6718 to four decimals",
  async () => {
    const { ndcg, recall } = await measure(await readScifact(), await wordPieceAnalyzer({ folder: bert }));
    expect(ndcg.toFixed(4)).toBe("0.6718");
    expect(recall.toFixed(4)).toBe("0.9213");
  },
);

it.skipIf(!existsSync(cranfield))(
  "the shared Cranfield: nDCG@10 within 0.002 of the 0.3570 that bm25s 0.3.16 reaches with the same words, stems and parameters",
  async () => {
    const { ndcg } = await measure(await readCranfield(), "english");
    expect(Math.abs(ndcg - 0.357)).toBeLessThan(0.002);
  },
);
