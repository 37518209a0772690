import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { beforeAll, expect, it } from "vitest";
import { faultyServer } from "../testing/index.ts";
import { openCalls } from "./calls.ts";
import { memoryLedger } from "./memory-ledger.ts";

beforeAll(() => {
  Object.assign(globalThis, { AI_SDK_LOG_WARNINGS: false });
});

it("calls take a ledger in memory, which outlives them: what was paid once is not paid again, and counts in the budget", async () => {
  await using server = await faultyServer({});
  const ledger = memoryLedger();
  const model = createOpenAICompatible({ name: "test", baseURL: server.url })("m");
  const budget = { tokens: 3500 };
  const first = await openCalls({ ledger, budget });
  const { text } = await first.ask({ model, prompt: "a", version: "1" });
  const value = await first.perform({
    key: "own",
    worst: { inputTokens: 100, outputTokens: 0 },
    execute: async () => ({ value: { at: [1, undefined, "ü"] }, usage: { inputTokens: 100, outputTokens: 0 } }),
  });
  expect(value).toEqual({ at: [1, undefined, "ü"] });
  await first.close();
  await using second = await openCalls({ ledger, budget: { tokens: 1100 } });
  expect((await second.ask({ model, prompt: "a", version: "1" })).text).toBe(text);
  // As it comes back from a file.
  expect(await second.perform({ key: "own", execute: () => Promise.reject(new Error("not again")) })).toEqual({
    at: [1, null, "ü"],
  });
  expect(second.summary()).toMatchObject({ made: 0, reused: 2 });
  expect(server.counts().requests).toBe(1);
  await expect(second.ask({ model, prompt: "b", version: "1" })).rejects.toThrow(/of 1100 tokens are spent/);
});

it("batches need a ledger on disk", async () => {
  await expect(openCalls({ ledger: memoryLedger(), batch: true })).rejects.toThrow(/batches need the path of a ledger/);
});
