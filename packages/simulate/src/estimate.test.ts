import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { openCalls } from "@rag-instruct/core/calls";
import { faultyServer } from "@rag-instruct/core/testing";
import { beforeAll, describe, expect, it } from "vitest";
import { estimate, type SynthesisTask, synthesize } from "./index.ts";

const tasks: SynthesisTask[] = Array.from({ length: 30 }, (_, i) => ({
  id: `t${i}`,
  paradigm: "single-doc-answer",
  exemplar: { id: "e", question: "How tall is the tower?", source: "s", task: "open" },
  documents: [{ id: `d${i}`, title: "", text: `The old station code${i} was built by engineer Kowalski. `.repeat(10) }],
  reserve: i >= 20,
}));
const prices = { m: { inputPerMillion: 2, outputPerMillion: 8 } };

beforeAll(() => {
  Object.assign(globalThis, { AI_SDK_LOG_WARNINGS: false });
});

describe("estimate", () => {
  it("counts calls, tokens, cost and time of a plan", async () => {
    const { expected, worst } = await estimate({ tasks, model: "m", prices, concurrency: 5, secondsPerCall: 2 });
    expect([expected.calls, worst.calls]).toEqual([25, 60]);
    expect([expected.seconds, worst.seconds]).toEqual([10, 24]);
    expect(expected.usd).toBeCloseTo((expected.inputTokens * 2 + expected.outputTokens * 8) / 1e6, 10);
    expect(worst.usd!).toBeGreaterThan(expected.usd!);
    expect((await estimate({ tasks, model: "of-no-known-price" })).expected.usd).toBeUndefined();
    expect((await estimate({ tasks: [], model: "m" })).worst.calls).toBe(0);
    await expect(estimate({ tasks, model: "m", acceptance: 0 })).rejects.toThrow(/acceptance/);
  });

  it("is near what the run takes by the endpoint's count, and the worst is never passed", async () => {
    await using server = await faultyServer({
      reply: ({ messages }) => {
        const code = messages.at(-1)!.content.match(/code\d+/)![0];
        return JSON.stringify({ question: "Which old station did the engineer build?", answer: `It is ${code}.` });
      },
    });
    const folder = await mkdtemp(join(tmpdir(), "estimate-"));
    const model = createOpenAICompatible({ name: "test", baseURL: server.url })("m");
    const { expected, worst } = await estimate({ tasks, model, prices, acceptance: 1, replyTokens: 25 });
    const calls = await openCalls({ ledger: join(folder, "ledger.jsonl"), prices });
    await Array.fromAsync(synthesize({ tasks, model, calls }));
    const { usd, made } = calls.summary();
    await calls.close();
    await rm(folder, { recursive: true });
    expect(made).toBe(expected.calls);
    expect(Math.abs(Math.log(expected.usd! / usd))).toBeLessThan(Math.log(1.6));
    expect(usd).toBeLessThan(worst.usd!);
  });
});
