import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
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

const everyFourth = (made: Made[]) => made.filter((_, i) => i % 4 === 0);

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
    it("gives the published vectors of SciFact's queries, of which every fourth is embedded", async () => {
      const queries = await readQueries();
      expect(queries).toHaveLength(1109);
      expect(await lowestCosine(everyFourth(queries), {})).toBeGreaterThan(0.99999);
    });
    it("stays within 0.98 of them in int8", async () => {
      expect(await lowestCosine(everyFourth(await readQueries()), { quantized: true })).toBeGreaterThan(0.98);
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
