import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { inputTokenizer } from "@rag-instruct/core/tokenizer";
import { parseNpyHeader } from "@rag-instruct/core/vectors";
import { describe, expect, it } from "vitest";
import { cosine, miniLm, sharedData } from "../test/shared-data.ts";
import { onnxEmbedder } from "./index.ts";

interface Made {
  text: string;
  vector: ArrayLike<number>;
}

async function readLinesOf(path: string): Promise<Record<string, unknown>[]> {
  const text = await readFile(join(sharedData, path), "utf8");
  return text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
}

async function readPages(): Promise<Made[]> {
  return (await readLinesOf("embeddings/minilm-103.text-vector.jsonl")) as unknown as Made[];
}

async function readQueries(): Promise<Made[]> {
  const bytes = await readFile(join(sharedData, "embeddings/scifact-minilm/scifact_qemb.npy"));
  const { dataOffset } = parseNpyHeader(bytes, "scifact_qemb.npy");
  const vectors = new Float32Array(bytes.buffer.slice(bytes.byteOffset + dataOffset, bytes.byteOffset + bytes.length));
  const queries = await readLinesOf("embeddings/scifact-minilm/queries.jsonl");
  return queries.map(({ text }, i) => ({ text: text as string, vector: vectors.subarray(i * 384, (i + 1) * 384) }));
}

async function lowestCosine(made: Made[], options: { quantized?: boolean }): Promise<number> {
  await using embedder = await onnxEmbedder({ model: miniLm, ...options });
  const { data } = await embedder.embed(
    made.map(({ text }) => text),
    { kind: "query" },
  );
  return Math.min(...made.map(({ vector }, i) => cosine(data.subarray(i * 384, (i + 1) * 384), vector)));
}

const needs = `needs ${miniLm} and ${sharedData}/embeddings`;
describe.skipIf(!existsSync(miniLm) || !existsSync(join(sharedData, "embeddings")))(
  `all-MiniLM-L6-v2, ${needs}`,
  () => {
    it("gives the vectors that sentence-transformers gave for 103 pages", async () => {
      expect(await lowestCosine(await readPages(), {})).toBeGreaterThan(0.99999);
    });
    it("gives the published vectors of 1,109 SciFact queries", async () => {
      const queries = await readQueries();
      expect(queries).toHaveLength(1109);
      expect(await lowestCosine(queries, {})).toBeGreaterThan(0.99999);
    });
    it("stays within 0.98 of them in int8", async () => {
      expect(await lowestCosine(await readQueries(), { quantized: true })).toBeGreaterThan(0.98);
    });
    it("gives a text the same vector alone and in a batch, whatever it holds", async () => {
      const odd = [
        "",
        " \t\n",
        "word ".repeat(10_000),
        "x".repeat(50_000),
        "🙂🙂🙂 👩‍👩‍👧‍👦",
        "a\u0000b\u0007c\uFFFD",
        "\ud83d",
      ];
      const texts = [...odd, "مرحبا بالعالم", "我喜欢机器学习", "naïve ﬁancée İstanbul", "short"];
      await using embedder = await onnxEmbedder({ model: miniLm });
      const together = await embedder.embed(texts, { kind: "passage" });
      for (const [i, text] of texts.entries()) {
        const alone = await embedder.embed([text], { kind: "passage" });
        for (let d = 0; d < 384; d++) expect(Math.abs(alone.data[d]! - together.data[i * 384 + d]!)).toBeLessThan(1e-5);
      }
      const [zeroes, blank] = [0, 1].map((i) => together.data.subarray(i * 384, (i + 1) * 384));
      expect(blank).toEqual(zeroes);
    });
  },
);

const bert = join(sharedData, "tokenizer/bert-uncased");
describe.skipIf(!existsSync(bert))(`token ids of BERT-uncased, needs ${bert}`, () => {
  const limit = { maxTokens: 512, lowerCase: false };
  it("are the expected ones, special tokens included", async () => {
    const tokenize = await inputTokenizer(bert, limit);
    const path = join(sharedData, "tokenizer/expected/transformersjs.bert.json");
    const cases = JSON.parse(await readFile(path, "utf8"))["Xenova/bert-base-uncased"] as Record<
      string,
      { text: string; text_pair?: string; ids: number[] }
    >;
    expect(Object.keys(cases).length).toBeGreaterThan(20);
    for (const { text, text_pair, ids } of Object.values(cases)) {
      if (text_pair === undefined) expect([text, tokenize(text)]).toEqual([text, ids]);
    }
  });
  it.each(["fiqa", "hotpotqa", "nfcorpus", "nq", "scifact"])(
    "are the published WordPieces of the queries of %s",
    async (name) => {
      const vocabulary = (await readFile(join(bert, "vocab.txt"), "utf8")).split("\n");
      const tokenize = await inputTokenizer(bert, limit);
      const read = async (kind: string) => {
        const path = join(sharedData, `tokenizer/beir-wordpiece/topics.beir-v1.0.0-${name}.test.${kind}.gz`);
        const lines = gunzipSync(await readFile(path))
          .toString("utf8")
          .trim()
          .split("\n");
        return new Map(lines.map((line) => line.split("\t") as [string, string]));
      };
      const pieces = await read("wp.tsv");
      for (const [id, text] of await read("tsv")) {
        const ids = tokenize(text).slice(1, -1);
        expect([text, ids.map((token) => vocabulary[token]).join(" ")]).toEqual([text, pieces.get(id)]);
      }
    },
  );
  it("are those of the whole text, cut, where only the head of a long text is looked at", async () => {
    const short = await inputTokenizer(bert, { maxTokens: 16, lowerCase: false });
    const whole = await inputTokenizer(bert, { maxTokens: 1e6, lowerCase: false });
    for (const text of [
      "unbelievable tokenisation ".repeat(500),
      `${" ".repeat(5000)}late words here`,
      "字".repeat(5000),
    ]) {
      expect(short(text)).toEqual([...whole(text).slice(0, -1).slice(0, 15), 102]);
    }
  });
});
