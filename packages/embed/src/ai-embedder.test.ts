import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { openCalls } from "@rag-instruct/core/calls";
import { MockEmbeddingModelV4 } from "ai/test";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type AiEmbedderOptions, aiEmbedder, embedPassages } from "./index.ts";

/** An OpenAI-compatible endpoint on loopback; a number instead of vectors is a status. */
let reply: (texts: string[]) => Promise<number[][] | number | Refusal> | number[][] | number | Refusal;
/** A status with a body. */
interface Refusal {
  status: number;
  body: object;
}
let asked: string[][] = [];
/** What a reply says of the place of a vector. */
let places: (index: number, count: number) => number | undefined;
const server = createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const { input } = JSON.parse(Buffer.concat(chunks).toString());
  asked.push(input);
  const answer = await reply(input);
  response.setHeader("content-type", "application/json");
  if (typeof answer === "number") return response.writeHead(answer).end(JSON.stringify({ error: { message: "no" } }));
  if ("status" in answer) return response.writeHead(answer.status).end(JSON.stringify(answer.body));
  const data = answer.map((embedding, index) => ({
    object: "embedding",
    index: places(index, answer.length),
    embedding,
  }));
  response.end(JSON.stringify({ object: "list", data, model: "m", usage: { prompt_tokens: 3, total_tokens: 3 } }));
});
const byLength = (texts: string[]) => texts.map((text) => [text.length, 1]);
beforeEach(async () => {
  reply = byLength;
  places = (index) => index;
  asked = [];
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

function embedder(options: Partial<AiEmbedderOptions> = {}) {
  const baseURL = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  const model = createOpenAICompatible({ name: "test", baseURL }).embeddingModel("m");
  return aiEmbedder({ model, dimensions: 2, batchSize: 2, ...options });
}
const texts = ["a", "bb", "ccc", "dddd", "eeeee"];

describe("aiEmbedder", () => {
  it("keeps the order of the texts whichever call is answered first, and the bound on calls at once", async () => {
    let [active, most] = [0, 0];
    reply = async (input) => {
      most = Math.max(most, ++active);
      await sleep(input[0] === "a" ? 40 : 5);
      active--;
      return byLength(input);
    };
    const { data } = await embedder({ concurrency: 2 }).embed(texts, { kind: "passage" });
    expect([...data]).toEqual([1, 1, 2, 1, 3, 1, 4, 1, 5, 1]);
    expect(most).toBe(2);
  });
  it("goes by the places that a reply names, and refuses a reply that names one twice", async () => {
    reply = (input) => byLength(input).reverse();
    places = (index, count) => count - 1 - index;
    const { data } = await embedder({ batchSize: 3 }).embed(texts, { kind: "passage" });
    expect([...data]).toEqual([1, 1, 2, 1, 3, 1, 4, 1, 5, 1]);
    places = () => 0;
    const twice = embedder({ batchSize: 3 }).embed(texts, { kind: "passage" });
    await expect(twice).rejects.toThrow(
      "embedding texts 1 to 3: the index fields of the reply are not one place for each vector",
    );
    [reply, places] = [byLength, () => undefined];
    expect((await embedder().embed(texts, { kind: "passage" })).data).toEqual(data);
  });
  it.each([{ dimensions: 0 }, { batchSize: 0 }, { concurrency: 1.5 }])("refuses %j", (options) => {
    expect(() => embedder(options)).toThrow(/is (0|1\.5); give a whole number from 1 on/);
  });
  it("sends the prompt of the kind and tells it in the id", async () => {
    const prompts = { query: "q: ", passage: "" };
    await embedder({ prompts }).embed(["a"], { kind: "query" });
    expect(asked).toEqual([["q: a"]]);
    expect(embedder({ prompts }).id).not.toBe(embedder().id);
  });
  it.each<[string, (texts: string[]) => number[][] | number, RegExp]>([
    ["too few vectors", () => [[1, 2]], /texts 1 to 2: .*2 embeddings.* 1|texts 1 to 2: 1 vectors/],
    ["other dimensions", (input) => input.map(() => [1, 2, 3]), /texts 1 to 2: .*3 dimensions.* not 2/],
    ["a failure", () => 500, /texts 1 to 2: no/],
  ])("refuses %s and names the texts", async (_, answer, message) => {
    reply = answer;
    await expect(embedder({ concurrency: 1 }).embed(texts, { kind: "query" })).rejects.toThrow(message);
    expect(asked).toHaveLength(1);
  });
  it("refuses a value that is not a number and names the texts", async () => {
    const doEmbed = async ({ values }: { values: string[] }) => ({
      embeddings: values.map((text) => [text === "ccc" ? Number.NaN : 1, 1]),
      warnings: [],
    });
    const model = new MockEmbeddingModelV4({ doEmbed });
    const embedding = embedder({ model, concurrency: 1 }).embed(texts, { kind: "query" });
    await expect(embedding).rejects.toThrow("embedding texts 3 to 3: a value that is not a number came back");
  });
  it.each<[string, Refusal]>([
    [
      "413, as TEI",
      { status: 413, body: { message: "batch size 4 > maximum allowed batch size 2", type: "Validation" } },
    ],
    [
      "422, as TEI",
      { status: 422, body: { error: "batch size 4 > maximum allowed batch size 2", error_type: "Validation" } },
    ],
    ["400, as OpenAI", { status: 400, body: { error: { message: "Invalid 'input': array too long." } } }],
    ["413 without a word", { status: 413, body: {} }],
  ])("asks in parts where an endpoint refuses so many texts by %s, and once refused no more", async (_, refusal) => {
    reply = (input) => (input.length > 2 ? refusal : byLength(input));
    const made = embedder({ batchSize: 4, concurrency: 1 });
    const expected = [1, 1, 2, 1, 3, 1, 4, 1, 5, 1];
    expect([...(await made.embed(texts, { kind: "passage" })).data]).toEqual(expected);
    expect(asked.map(({ length }) => length)).toEqual([4, 2, 2, 1]);
    expect([...(await made.embed(texts, { kind: "passage" })).data]).toEqual(expected);
    expect(asked.slice(4).map(({ length }) => length)).toEqual([2, 2, 1]);
  });
  it("says which text is too long alone, and splits nothing that is refused for something else", async () => {
    reply = (input) => (input.includes("ccc") ? 413 : byLength(input));
    await expect(embedder({ batchSize: 4, concurrency: 1 }).embed(texts, { kind: "query" })).rejects.toThrow(
      "embedding texts 3 to 3: the endpoint refuses this text of 3 characters (no); make passages of fewer words",
    );
    asked = [];
    reply = () => ({ status: 422, body: { error: "no such field" } });
    await expect(embedder({ batchSize: 4, concurrency: 1 }).embed(texts, { kind: "query" })).rejects.toThrow(
      "texts 1 to 4",
    );
    expect(asked).toHaveLength(1);
  });
  it("passes the caller's reason on when told to stop", async () => {
    const stop = new AbortController();
    const reason = new Error("enough");
    reply = async (input) => {
      stop.abort(reason);
      await sleep(20);
      return byLength(input);
    };
    await expect(embedder().embed(texts, { kind: "query", signal: stop.signal })).rejects.toBe(reason);
  });
  it("counts what a shard cost that an earlier run had finished, though nobody is asked for it again", async () => {
    const folder = await mkdtemp(join(tmpdir(), "calls-"));
    const passages = Array.from({ length: 10 }, (_, i) => ({ id: `p${i}`, title: "", text: "x".repeat(i + 1) }));
    const stop = new AbortController();
    async function spending(signal?: AbortSignal) {
      await using calls = await openCalls({ ledger: join(folder, "ledger.jsonl") });
      const options = { passages, embedder: embedder({ calls }), to: join(folder, "vectors"), shardRows: 4, signal };
      const onProgress = ({ done }: { done: number }) => signal && done >= 4 && stop.abort(new Error("stopped"));
      await embedPassages({ ...options, onProgress }).catch((error) => expect(error.message).toBe("stopped"));
      return await calls.spending();
    }
    expect((await spending(stop.signal)).embed!.replies).toBeLessThan(5);
    expect(await spending()).toEqual({ embed: { replies: 5, inputTokens: 15, outputTokens: 0, usd: 0 } });
    expect(await spending()).toEqual({ embed: { replies: 5, inputTokens: 15, outputTokens: 0, usd: 0 } });
    expect(asked).toHaveLength(5);
    await rm(folder, { recursive: true });
  });
  it("goes through the run's calls, which repeat what fails and pay for nothing twice", async () => {
    const folder = await mkdtemp(join(tmpdir(), "calls-"));
    await using calls = await openCalls({ ledger: join(folder, "ledger.jsonl"), backOff: 1 });
    let failures = 2;
    reply = (input) => (failures-- > 0 ? 500 : byLength(input));
    const once = await embedder({ calls }).embed(texts, { kind: "passage" });
    expect([...once.data]).toEqual([1, 1, 2, 1, 3, 1, 4, 1, 5, 1]);
    const before = asked.length;
    expect(await embedder({ calls }).embed(texts, { kind: "passage" })).toEqual(once);
    expect(asked).toHaveLength(before);
    expect(calls.summary()).toMatchObject({ made: 3, reused: 3, retried: 2, inputTokens: 9 });
    // A batch is one entry, in however many parts it was asked.
    reply = (input) => (input.length > 1 ? 413 : byLength(input));
    const others = texts.map((text) => text.toUpperCase());
    expect(await embedder({ calls }).embed(others, { kind: "passage" })).toEqual(once);
    reply = () => 500;
    expect(await embedder({ calls }).embed(others, { kind: "passage" })).toEqual(once);
    expect(calls.summary()).toMatchObject({ made: 6, reused: 6, retried: 2 });
    await calls.close();
    await rm(folder, { recursive: true });
  });
});
