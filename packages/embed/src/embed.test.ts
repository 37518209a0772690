import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { describe, expect, it } from "vitest";
import { batchByLength } from "./batches.ts";
import { aiEmbedder } from "./index.ts";
import { normalizeVector, poolText } from "./pooling.ts";

it("batches by length within the token budget, every row once", () => {
  const lengths = [5, 100, 7, 300, 6, 90];
  const batches = batchByLength(lengths, { tokens: 200 });
  expect(batches.flat().sort()).toEqual([0, 1, 2, 3, 4, 5]);
  for (const batch of batches)
    if (batch.length > 1)
      expect(Math.max(...batch.map((row) => lengths[row]!)) * batch.length).toBeLessThanOrEqual(200);
});

it.each([
  ["mean", [2, 3]],
  ["cls", [1, 2]],
  ["last-token", [3, 4]],
  ["max", [3, 4]],
] as const)("pools by %s over the text's own tokens", (pooling, result) => {
  const into = new Float32Array(2);
  poolText({ data: Float32Array.of(1, 2, 3, 4, 99, 99), tokens: 3, dimensions: 2, lengths: [2] }, 0, pooling, into);
  expect([...into]).toEqual(result);
});

it("normalises to length 1 and leaves a zero vector alone", () => {
  const vector = Float32Array.of(3, 4);
  normalizeVector(vector);
  expect([...vector]).toEqual([0.6000000238418579, 0.800000011920929]);
  const zero = new Float32Array(2);
  normalizeVector(zero);
  expect([...zero]).toEqual([0, 0]);
});

describe("aiEmbedder", () => {
  async function withEndpoint<T>(
    reply: (texts: string[]) => number[][],
    action: (embedder: ReturnType<typeof aiEmbedder>) => Promise<T>,
  ): Promise<T> {
    const server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      const { input } = JSON.parse(Buffer.concat(chunks).toString());
      const data = reply(input).map((embedding, index) => ({ object: "embedding", index, embedding }));
      response.setHeader("content-type", "application/json").end(JSON.stringify({ object: "list", data, model: "m" }));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const baseURL = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
    const provider = createOpenAICompatible({ name: "test", baseURL });
    try {
      return await action(aiEmbedder({ model: provider.embeddingModel("m"), dimensions: 2, batchSize: 2 }));
    } finally {
      server.close();
    }
  }
  it("keeps the order of the texts over batches", async () => {
    const vectors = await withEndpoint(
      (texts) => texts.map((text) => [text.length, 1]),
      (embedder) => embedder.embed(["a", "bb", "ccc", "dddd", "eeeee"], { kind: "passage" }),
    );
    expect([...vectors.data]).toEqual([1, 1, 2, 1, 3, 1, 4, 1, 5, 1]);
  });
  it.each([
    ["too few vectors", () => [[1, 2]], /texts 1 to 2: .*2 embeddings.* 1/],
    ["other dimensions", (texts: string[]) => texts.map(() => [1, 2, 3]), /texts 1 to 2: .*3 dimensions.* not 2/],
  ])("refuses %s and names the texts", async (_, reply, message) => {
    await withEndpoint(reply as (texts: string[]) => number[][], async (embedder) => {
      await expect(embedder.embed(["a", "b", "c"], { kind: "query" })).rejects.toThrow(message);
    });
  });
});
