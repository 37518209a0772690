import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Embedder } from "@rag-instruct/core";
import { expect, it } from "vitest";
import { checkEmbedding, cutPassagesOf } from "./open-embedder.ts";

const passages = [
  { title: "A", text: "Short words." },
  { title: "B", text: "many more words ".repeat(300) },
];

it("says which share of passages is longer than a model's files allow, and nothing where they say nothing", async () => {
  const model = await mkdtemp(join(tmpdir(), "model-"));
  await writeFile(join(model, "config.json"), '{"model_type":"bert","max_position_embeddings":512}');
  await writeFile(join(model, "sentence_bert_config.json"), '{"max_seq_length":256}');
  expect(await cutPassagesOf({ model }, passages)).toMatch(
    /reads 256 tokens, and 1 of the 2 passages looked at are longer: the longest has about [\d,]+$/,
  );
  expect(await cutPassagesOf({ model, maxTokens: 128 }, passages)).toContain("reads 128 tokens");
  expect(await cutPassagesOf({ model }, passages.slice(0, 1))).toBeUndefined();
  expect(await cutPassagesOf({ model: join(model, "nowhere") }, passages)).toBeUndefined();
  expect(
    await cutPassagesOf({ name: "served", dimensions: 8, baseUrl: "http://127.0.0.1:9/v1" }, passages),
  ).toBeUndefined();
  await rm(model, { recursive: true });
});

it("is a warning of the check, with what to do, also of passages that are whole documents", async () => {
  const embedder: Embedder = {
    ...{ id: "of my own", dimensions: 1, maxTokens: 256 },
    embed: async (texts) => ({ count: texts.length, dimensions: 1, data: new Float32Array(texts.length) }),
  };
  const calls = { open: () => Promise.reject(new Error("no call is made")) };
  const check = (few: typeof passages) =>
    checkEmbedding(embedder, { words: 100, passages: few, findVectors: async () => {}, calls });
  expect(await check(passages)).toMatchObject({
    status: "warning",
    found: expect.stringContaining("of my own reads 256 tokens, and 1 of the 2 passages"),
    mend: expect.stringContaining("corpus.words=192"),
  });
  expect(await check(passages.slice(0, 1))).toMatchObject({ status: "ok" });
});
