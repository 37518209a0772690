import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { beforeAll, describe, expect, it } from "vitest";
import { faultyServer } from "../testing/index.ts";
import { priceOf } from "./account.ts";
import { type CallsOptions, openCalls } from "./calls.ts";
import { memoryLedger } from "./ledger.ts";

beforeAll(() => {
  Object.assign(globalThis, { AI_SDK_LOG_WARNINGS: false });
});

/** Asks so many questions of a server that states this usage with each answer. */
async function billed(usage: object, count: number, options: Partial<CallsOptions> = {}, id = "m") {
  const server = createServer((request, response) => {
    request.resume().on("end", () => {
      const message = { role: "assistant", content: "fine" };
      response.writeHead(200, { "content-type": "application/json" });
      response.end(JSON.stringify({ id: "1", choices: [{ index: 0, message, finish_reason: "stop" }], usage }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await using calls = await openCalls({ ledger: memoryLedger(), ...options });
  const model = createOpenAICompatible({ name: "test", baseURL: `http://127.0.0.1:${port}/v1` })(id);
  const asked = Array.from({ length: count }, (_, i) => calls.ask({ model, prompt: `p${i}`, version: "1" }));
  const results = await Promise.allSettled(asked);
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  return { results, summary: calls.summary() };
}

describe("what is billed", () => {
  it("is an attempt whose answer was lost too, at its worst, and in a later run as well", async () => {
    const ledger = memoryLedger();
    await using server = await faultyServer({ faults: { "lost-answer": 1 } });
    const model = createOpenAICompatible({ name: "test", baseURL: server.url })("m");
    const ask = async (options: Partial<CallsOptions>) => {
      await using calls = await openCalls({ ledger, attempts: 2, backOff: 1, ...options });
      // Without await the calls would be closed before.
      return await calls.ask({ model, prompt: "p", version: "1" }).catch((error) => error);
    };
    const first = await ask({ budget: { tokens: 7000 } });
    expect(first.message).toMatch(/no answer after 2 attempts/);
    const spent = { tokens: 0 };
    await ledger.heads(({ usage: { inputTokens = 0, outputTokens = 0 } }) => {
      spent.tokens += inputTokens + outputTokens;
    });
    expect(spent.tokens).toBe(2 * (2048 + 1024 + 1));
    expect((await ask({ budget: { tokens: spent.tokens } })).code).toBe("budget-exhausted");
    expect(server.counts().requests).toBe(2);
  });

  it("is the thinking too that an endpoint counts in the total alone, so that a budget of tokens holds", async () => {
    const usage = { prompt_tokens: 700, completion_tokens: 40, total_tokens: 2740 };
    const { results, summary } = await billed(usage, 30, { budget: { tokens: 20_000 } });
    const answered = results.filter(({ status }) => status === "fulfilled").length;
    expect(summary.outputTokens).toBe(answered * 2040);
    expect(answered).toBe(7);
    expect(summary.inputTokens + summary.outputTokens).toBeLessThanOrEqual(20_000);
  });

  it.each([
    ["in Anthropic's words", { input_tokens: 700, output_tokens: 40 }, [10, 7000, 400]],
    ["with zeros for what nobody counted", { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 }, [2, 0, 0]],
    ["with the output alone", { completion_tokens: 40 }, [2, 0, 80]],
  ])("is never nothing for a usage %s: the budget holds", async (_, usage, [answered, input, output]) => {
    // Ten at the same time would be let in together.
    const options = { budget: { tokens: 7500 }, concurrency: { max: 1 } };
    const { results, summary } = await billed(usage, 11, options);
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(answered!);
    expect(summary).toMatchObject({ made: answered, inputTokens: input, outputTokens: output });
  });

  it("is cached input at its own price, and counts so in a later run", async () => {
    const usage = { prompt_tokens: 1000, completion_tokens: 100, prompt_tokens_details: { cached_tokens: 800 } };
    const prices = { m: { inputPerMillion: 1000, outputPerMillion: 2000, cachedInputPerMillion: 100 } };
    const ledger = memoryLedger();
    const { summary } = await billed(usage, 1, { prices, ledger });
    expect(summary.usd).toBeCloseTo(0.2 + 0.08 + 0.2, 10);
    await ledger.heads(({ usd, usage }) => expect([usd, usage.cachedInputTokens]).toEqual([summary.usd, 800]));
  });

  it("is nothing by OpenAI's list for a model on this machine, whatever its name", async () => {
    const usage = { prompt_tokens: 1000, completion_tokens: 100 };
    expect((await billed(usage, 1, {}, "gpt-4o")).summary.usd).toBe(0);
    const prices = { "gpt-4o": { inputPerMillion: 1, outputPerMillion: 0 } };
    expect((await billed(usage, 1, { prices }, "gpt-4o")).summary.usd).toBeCloseTo(0.001, 10);
    const { results } = await billed(usage, 1, { budget: { usd: 1 } }, "gpt-4o");
    expect((results[0] as PromiseRejectedResult).reason.message).toMatch(/price of gpt-4o is not known/);
    expect(priceOf({ provider: "localhost:11434.chat", modelId: "gpt-4o" })).toBeUndefined();
    expect(priceOf(createOpenAI({ apiKey: "k" }).chat("gpt-4o"))).toMatchObject({ inputPerMillion: 2.5 });
  });

  it("is nothing where the connection was refused: the budget is whole for the next call", async () => {
    const gone = createServer();
    await new Promise<void>((resolve) => gone.listen(0, "127.0.0.1", resolve));
    const { port } = gone.address() as AddressInfo;
    await new Promise((resolve) => gone.close(resolve));
    const model = createOpenAICompatible({ name: "test", baseURL: `http://127.0.0.1:${port}/v1` })("m");
    await using calls = await openCalls({ ledger: memoryLedger(), attempts: 3, backOff: 1, budget: { tokens: 3500 } });
    for (const prompt of ["a", "b", "c"]) {
      const error = await calls.ask({ model, prompt, version: "1" }).catch((thrown) => thrown);
      expect(error.message).toMatch(/ECONNREFUSED|[Cc]onnect/);
      expect(error.code).not.toBe("budget-exhausted");
    }
  });
});
