import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type FaultyServerOptions, faultyServer } from "../testing/index.ts";
import type { ChatRequest } from "../testing/model-answers.ts";
import { type CallsOptions, openCalls } from "./calls.ts";

let folder: string;
let ledger: string;

beforeAll(() => {
  // The AI SDK prints its warnings otherwise.
  Object.assign(globalThis, { AI_SDK_LOG_WARNINGS: false });
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "settings-"));
  ledger = join(folder, "ledger.jsonl");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Asks questions of a server, and gives what it was sent. */
async function asked(
  prompts: readonly string[],
  { server: serverOptions = {}, ...options }: Partial<CallsOptions> & { server?: FaultyServerOptions },
) {
  const requests: ChatRequest[] = [];
  const { reply } = serverOptions;
  await using server = await faultyServer({
    ...serverOptions,
    reply(request) {
      requests.push(request);
      return reply?.(request) ?? "fine";
    },
  });
  await using calls = await openCalls({ ledger, ...options });
  const model = createOpenAICompatible({ name: "test", baseURL: server.url })("m");
  const texts: string[] = [];
  for (const prompt of prompts) texts.push((await calls.ask({ model, prompt, version: "1" })).text);
  return { requests, texts, counts: server.counts(), summary: calls.summary() };
}

describe("settings of a run", () => {
  const settings = {
    temperature: 0.3,
    topP: 0.9,
    maxOutputTokens: 321,
    seed: 7,
    stopSequences: ["END"],
    reasoningEffort: "low",
    body: { enable_thinking: false, chat_template_kwargs: { thinking: false } },
  } as const;

  it("reach the endpoint with every request, fields of the body too", async () => {
    const { requests } = await asked(["a"], { settings: { ...settings, stopSequences: ["END"] } });
    expect(requests[0]).toMatchObject({
      temperature: 0.3,
      top_p: 0.9,
      max_tokens: 321,
      seed: 7,
      stop: ["END"],
      reasoning_effort: "low",
      enable_thinking: false,
      chat_template_kwargs: { thinking: false },
    });
  });

  it("are part of the key, and a request without any keeps the key it always had", async () => {
    const count = async (settings?: CallsOptions["settings"]) => (await asked(["a"], { settings })).counts.requests;
    expect(await count()).toBe(1);
    // Written by a version that knew no settings of a run, with its provider, model and version.
    expect(JSON.parse((await readFile(ledger, "utf8")).trim()).key).toBe("3973df08687ab1a48abe80b7dcc73aec");
    expect([await count({ body: { enable_thinking: false } }), await count({ temperature: 0 }), await count()]).toEqual(
      [1, 1, 0],
    );
    expect(await count({ body: { enable_thinking: false } })).toBe(0);
  });

  it("send headers, whose keys are in no file, no error and no ledger key", async () => {
    const seen: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      seen.push(request.headers["x-api-key"] as string, request.headers["x-title"] as string);
      response.writeHead(400, { "content-type": "application/json" });
      response.end(JSON.stringify({ error: { message: `bad: ${request.headers["x-api-key"]}` } }));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const headers = { "x-api-key": "plain words", "x-title": "pairs" };
    await using calls = await openCalls({ ledger, settings: { headers } });
    const model = createOpenAICompatible({ name: "test", baseURL: `http://127.0.0.1:${port}/v1` })("m");
    const error = await calls.ask({ model, prompt: "p", version: "1" }).catch((thrown) => thrown);
    expect(seen).toEqual(["plain words", "pairs"]);
    expect(error.message).toBe("the endpoint answered 400: bad: [key]");
    await new Promise((resolve) => server.close(resolve));
    const count = async (headers: Record<string, string>) =>
      (await asked(["a"], { ledger: join(folder, "other.jsonl"), settings: { headers } })).counts.requests;
    expect([
      await count(headers),
      await count({ ...headers, "x-api-key": "renewed" }),
      await count({ ...headers, "x-title": "other" }),
    ]).toEqual([1, 0, 1]);
  });

  it("refuse fields of the body for a model that cannot carry them, at once", async () => {
    await using calls = await openCalls({ ledger, settings: { body: { enable_thinking: false } } });
    const model = { specificationVersion: "v4", provider: "own", modelId: "m", supportedUrls: {} } as never;
    await expect(calls.ask({ model, prompt: "p", version: "1" })).rejects.toThrow(/own m takes no `body`/);
  });

  it("reach OpenAI's own models by either of their addresses", async () => {
    await using server = await faultyServer({});
    const bodies: Record<string, unknown>[] = [];
    const openai = createOpenAI({
      baseURL: server.url,
      apiKey: "k",
      fetch(url, init) {
        bodies.push(JSON.parse(String(init?.body)));
        return fetch(url, init);
      },
    });
    await using calls = await openCalls({ ledger, settings: { body: { service_tier: "flex" } } });
    for (const model of [openai.chat("gpt-4o-mini"), openai("gpt-4o-mini")])
      await calls.ask({ model, prompt: "p", version: "1" });
    expect(bodies.map(({ service_tier }) => service_tier)).toEqual(["flex", "flex"]);
  });
});

const refusal = (message: string) => ({ status: 400, code: "BadRequestError", message });

describe("the ceiling on output", () => {
  it("is sent always, so that a model that loops ends", async () => {
    const { requests } = await asked(["a"], {});
    expect(requests[0]!.max_tokens).toBe(2048);
  });

  it("goes as max_completion_tokens where max_tokens is refused, after one refusal", async () => {
    const refuse = ({ max_tokens }: ChatRequest) =>
      max_tokens === undefined
        ? undefined
        : refusal(
            "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
          );
    const { requests, counts } = await asked(["a", "b", "c"], { server: { refuse }, budget: { tokens: 50_000 } });
    expect(counts.statuses).toEqual({ 400: 1, 200: 3 });
    // Once a reply has come, a budget asks for no more than replies here need.
    expect(requests.map((each) => each.max_completion_tokens)).toEqual([2048, 256, 256]);
  });

  // As vLLM words it now and before, SGLang, and OpenAI.
  it.each([
    (input: number, asked: number) =>
      `'max_tokens' or 'max_completion_tokens' is too large: ${asked}. This model's maximum context length is 4096 tokens and your request has ${input} input tokens (${asked} > 4096 - ${input}).`,
    (input: number, asked: number) =>
      `This model's maximum context length is 4096 tokens. However, you requested ${input + asked} tokens (${input} in the messages, ${asked} in the completion). Please reduce the length of the messages or completion.`,
    (input: number, asked: number) =>
      `Requested token count exceeds the model's maximum context length of 4096 tokens. You requested a total of ${input + asked} tokens: ${input} tokens from the input messages and ${asked} tokens for the completion.`,
    (input: number, asked: number) =>
      `You passed ${input} input tokens and requested ${asked} output tokens. However, the model's context length is only 4096 tokens.`,
  ])("is what the context has room for, as the refusal says, and from then on", async (words) => {
    const countTokens = ({ messages }: ChatRequest) =>
      Math.ceil(messages.reduce((n, m) => n + m.content.length, 0) / 3);
    const refuse = (request: ChatRequest) => {
      const input = countTokens(request);
      return input + request.max_tokens! > 4096 ? refusal(words(input, request.max_tokens!)) : undefined;
    };
    const prompts = Array.from({ length: 20 }, (_, i) => `${i} ${"word ".repeat(1400 + 20 * i)}`);
    const { requests, counts } = await asked(prompts, { server: { refuse } });
    expect(counts.statuses).toEqual({ 400: 1, 200: 20 });
    expect(requests[0]!.max_tokens).toBe(4096 - countTokens(requests[0]!));
    for (const each of requests) expect(each.max_tokens).toBeGreaterThan(900);
  });

  it("that is refused for a prompt that is too long alone fails that call alone, in the endpoint's words", async () => {
    const words = "This model's maximum context length is 4096 tokens and your request has 5000 input tokens";
    const refuse = ({ messages }: ChatRequest) =>
      messages[0]!.content.startsWith("long") ? refusal(words) : undefined;
    await expect(asked(["long"], { server: { refuse } })).rejects.toThrow(/has 5000 input tokens/);
    expect((await asked(["short"], { server: { refuse } })).texts).toEqual(["fine"]);
  });

  it("is lowered to the most that a model gives", async () => {
    const refuse = ({ max_tokens }: ChatRequest) =>
      max_tokens! > 1024
        ? refusal(`max_tokens is too large: ${max_tokens}. This model supports at most 1024 completion tokens.`)
        : undefined;
    const { requests, counts } = await asked(["a", "b"], { server: { refuse } });
    expect(requests.map(({ max_tokens }) => max_tokens)).toEqual([1024, 1024]);
    expect(counts.statuses).toEqual({ 400: 1, 200: 2 });
  });
});

describe("a reply that is cut at the usual ceiling", () => {
  /** A server whose replies need so many tokens. */
  async function cutting(needed: (prompt: string) => number, options: Partial<CallsOptions> = {}) {
    const ceilings: number[] = [];
    const server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const { max_tokens, messages } = JSON.parse(Buffer.concat(chunks).toString()) as ChatRequest;
      ceilings.push(max_tokens!);
      const need = needed(messages[0]!.content);
      const finish = max_tokens! < need ? "length" : "stop";
      const message = { role: "assistant", content: finish === "stop" ? "whole" : "half" };
      const usage = { prompt_tokens: 10, completion_tokens: Math.min(need, max_tokens!) };
      response.writeHead(200, { "content-type": "application/json" });
      response.end(JSON.stringify({ id: "1", choices: [{ index: 0, message, finish_reason: finish }], usage }));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const calls = await openCalls({ ledger, ...options });
    const model = createOpenAICompatible({ name: "test", baseURL: `http://127.0.0.1:${port}/v1` })("m");
    const ask = async (prompt: string) => (await calls.ask({ model, prompt, version: "1" })).text;
    return {
      ceilings,
      ask,
      calls,
      async [Symbol.asyncDispose]() {
        await calls.close();
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      },
    };
  }

  it("is asked for once more under a larger one, which the model keeps where it helped", async () => {
    await using server = await cutting(() => 3000);
    expect([await server.ask("a"), await server.ask("b")]).toEqual(["whole", "whole"]);
    expect(server.ceilings).toEqual([2048, 8192, 8192]);
    // Both replies were paid for, and the ledger gives the whole one.
    expect(server.calls.summary()).toMatchObject({ made: 3, outputTokens: 2048 + 3000 + 3000 });
    expect(await server.calls.spending()).toMatchObject({
      other: { replies: 2, outputTokens: 2048 + 3000 },
      repeat: { replies: 1, outputTokens: 3000 },
    });
    expect(await server.ask("a")).toBe("whole");
    expect(server.ceilings).toHaveLength(3);
  });

  it("is kept where the larger one cuts it too, and others are asked as before", async () => {
    await using server = await cutting((prompt) => (prompt === "loops" ? 100_000 : 500));
    expect([await server.ask("loops"), await server.ask("b")]).toEqual(["half", "whole"]);
    expect(server.ceilings).toEqual([2048, 8192, 2048]);
  });

  it("is kept where the settings give the ceiling, or the budget has no room", async () => {
    await using set = await cutting(() => 3000, { settings: { maxOutputTokens: 1000 } });
    expect([await set.ask("a"), set.ceilings]).toEqual(["half", [1000]]);
    await set.calls.close();
    await using poor = await cutting(() => 3000, { ledger: join(folder, "poor.jsonl"), budget: { tokens: 4000 } });
    expect([await poor.ask("a"), poor.ceilings]).toEqual(["half", [2048]]);
  });
});
