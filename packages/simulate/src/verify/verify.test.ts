import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Pair, RagInstructError, tally } from "@rag-instruct/core";
import { openCalls } from "@rag-instruct/core/calls";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { demoPassages } from "../../test/demo-passages.ts";
import { labelledPairs } from "../../test/labelled-pairs.ts";
import { ruleReader } from "../../test/rule-reader.ts";
import { readForbiddenTexts } from "../decontaminate/decontaminate.ts";
import { verify } from "./verify.ts";

const pairs = labelledPairs(demoPassages(), { each: 6, seed: 9, rightAlone: true }).map(({ pair }) => pair);
let folder: string;
const ledger = () => join(folder, "ledger.jsonl");
beforeAll(() => {
  Object.assign(globalThis, { AI_SDK_LOG_WARNINGS: false });
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "verify-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe("verify", () => {
  it("stays within a budget, accounts for every pair, and goes on from the ledger when it is raised", async () => {
    const budget = 60_000;
    const model = ruleReader();
    async function run(tokens: number | undefined) {
      await using calls = await openCalls({ ledger: ledger(), budget: tokens ? { tokens } : undefined });
      const outcomes = await Array.fromAsync(verify({ pairs, level: "proof", model, calls, concurrency: 4 }));
      const { inputTokens, outputTokens, made, reused } = calls.summary();
      return { outcomes, spent: inputTokens + outputTokens, made, reused, ...(await tally(outcomes)) };
    }
    const poor = await run(budget);
    expect(poor.spent).toBeLessThanOrEqual(budget);
    expect(poor.made).toBeGreaterThan(5);
    expect(poor.failed).toBeGreaterThan(5);
    expect(poor.accepted + poor.rejected + poor.failed).toBe(pairs.length);
    for (const [i, outcome] of poor.outcomes.entries()) {
      expect(outcome.id).toBe(pairs[i]!.id);
      if (outcome.status !== "failed") continue;
      expect(RagInstructError.is(outcome.error, "budget-exhausted")).toBe(true);
      expect(outcome.input).toEqual(pairs[i]);
    }
    const rich = await run(undefined);
    expect(rich).toMatchObject({ accepted: pairs.length, rejected: 0, failed: 0 });
    expect(rich.reused).toBeGreaterThanOrEqual(poor.made);
    expect(model.prompts.length).toBe(poor.made + rich.made);
    expect(new Set(model.prompts).size).toBeGreaterThan(0.9 * model.prompts.length);
  });

  it("stops when told, with the caller's reason, and asks nothing more", async () => {
    await using calls = await openCalls({ ledger: ledger() });
    const model = ruleReader();
    const controller = new AbortController();
    const reason = new Error("enough");
    const outcomes = verify({ pairs, level: "proof", model, calls, concurrency: 2, signal: controller.signal });
    await expect(
      (async () => {
        for await (const _ of outcomes) controller.abort(reason);
      })(),
    ).rejects.toBe(reason);
    const asked = model.prompts.length;
    expect(asked).toBeLessThan(60);
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(model.prompts.length).toBe(asked);
  });

  it("reads no more pairs ahead than it works on", async () => {
    let read = 0;
    async function* endless(): AsyncGenerator<Pair> {
      for (;;) yield { ...pairs[read++ % pairs.length]!, id: `${read}` };
    }
    let done = 0;
    for await (const _ of verify({ pairs: endless(), concurrency: 8 })) if (++done === 200) break;
    expect(read).toBeLessThanOrEqual(200 + 8 * 4 + 1);
  });

  it("gives the same verdicts at any concurrency, each with its calls", async () => {
    await using calls = await openCalls({ ledger: ledger() });
    const run = (concurrency: number) =>
      Array.fromAsync(verify({ pairs, level: "proof", model: ruleReader(), calls, concurrency }));
    const one = await run(1);
    expect(await run(32)).toEqual(one);
    for (const outcome of one) {
      if (outcome.status !== "accepted") throw new Error(outcome.id);
      const { calls, proofCalls } = outcome.value.evidence!.verify as { calls: number; proofCalls: number };
      expect(calls).toBe(proofCalls + 1);
      expect(proofCalls).toBeGreaterThanOrEqual(outcome.value.paradigm.startsWith("multi-doc-a") ? 4 : 2);
    }
  });

  it("takes out what holds a forbidden text before anything is asked, and what is like a pair before", async () => {
    await using calls = await openCalls({ ledger: ledger() });
    const [first, second, third] = pairs as [Pair, Pair, Pair];
    const forbidden = await readForbiddenTexts([{ source: "popqa", text: second.question }]);
    const model = ruleReader();
    const given = [first, second, third, { ...third, id: "again" }];
    const outcomes = await Array.fromAsync(
      verify({ pairs: given, level: "judge", model, calls, forbidden, duplicates: {} }),
    );
    expect(outcomes.map((one) => (one.status === "rejected" ? one.reason : one.status))).toEqual([
      "accepted",
      "question-in-benchmark",
      "accepted",
      "exact-duplicate",
    ]);
    expect(model.prompts.length).toBe(2);
    expect(outcomes[3]).toMatchObject({ input: { evidence: { judge: {}, duplicate: { of: third.id } } } });
  });
});
