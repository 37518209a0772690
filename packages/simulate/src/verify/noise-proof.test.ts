import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RagInstructError, seededRandom, type TrainingExample, wilsonInterval } from "@rag-instruct/core";
import { type Calls, openCalls } from "@rag-instruct/core/calls";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { fixedModel } from "../../test/fixed-model.ts";
import { noisyExamples } from "../../test/noisy-examples.ts";
import { ruleReader } from "../../test/rule-reader.ts";
import { drawSample, type NoiseProofOptions, proveNoise } from "./noise-proof.ts";

const made = noisyExamples({ count: 60, badShare: 0.2 });
const examples = made.map(({ example }) => example);
const bad = made.filter(({ answering }) => answering);
let folder: string;
let calls: Calls;
beforeAll(() => {
  Object.assign(globalThis, { AI_SDK_LOG_WARNINGS: false });
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "noise-"));
  calls = await openCalls({ ledger: join(folder, "ledger.jsonl"), backOff: 5 });
});
afterEach(async () => {
  await calls.close();
  await rm(folder, { recursive: true });
});

async function check(given: Partial<NoiseProofOptions> = {}) {
  const proof = proveNoise({ examples, model: ruleReader(), calls, ...given });
  const outcomes = await Array.fromAsync(proof);
  return { outcomes, report: proof.report() };
}

describe("proveNoise", () => {
  it("finds every noise document that answers and no other, in order, with the words that answer", async () => {
    expect(bad.length).toBeGreaterThan(5);
    const { outcomes, report } = await check({ sample: "all" });
    expect(outcomes.map(({ id }) => id)).toEqual(examples.map(({ id }) => id));
    for (const [i, outcome] of outcomes.entries()) {
      const { answering } = made[i]!;
      expect(outcome.status).toBe(answering ? "rejected" : "accepted");
      if (outcome.status !== "rejected") continue;
      expect(outcome).toMatchObject({ reason: "noise-answers", detail: expect.stringContaining(answering!) });
    }
    expect(report).toMatchObject({
      examples: 60,
      checked: 60,
      answering: bad.length,
      undecided: 0,
      left: 60 - bad.length,
      leftAtMost: 0,
    });
    const { low, high } = wilsonInterval({ successes: bad.length, trials: 60 });
    expect(report.share).toEqual({ share: bad.length / 60, low, high });
  });

  it("checks a sample that seed and ids decide, and bounds what it did not look at", async () => {
    const model = ruleReader();
    const { outcomes, report } = await check({ model, sample: 25, seed: 4 });
    expect(model.prompts.length).toBe(25);
    expect(report.checked).toBe(25);
    const rejected = outcomes.filter(({ status }) => status === "rejected").length;
    expect(report.answering).toBe(rejected);
    expect(rejected).toBeGreaterThan(0);
    expect(report.left).toBe(60 - rejected);
    const { high } = wilsonInterval({ successes: rejected, trials: 25 });
    expect(report.leftAtMost).toBeCloseTo((high * 35) / report.left, 10);
    const shuffled = seededRandom("order").shuffle(examples);
    const again = await check({ examples: streamOf(shuffled), sample: 25, seed: 4 });
    expect(again.report).toEqual(report);
    expect(new Set(again.outcomes.filter(({ status }) => status === "rejected").map(({ id }) => id))).toEqual(
      new Set(outcomes.filter(({ status }) => status === "rejected").map(({ id }) => id)),
    );
    // All 25 replies are in the ledger.
    expect(calls.summary()).toMatchObject({ made: 25, reused: 25 });
  });

  it("counts what an earlier round left out and others have replaced, so that the share stays that of the corpus", async () => {
    const good = made.filter(({ answering }) => !answering).map(({ example }) => example);
    const replaced = [...bad.map(() => ({ reason: "noise-answers" })), { reason: "noise-exhausted" }];
    const { report } = await check({ examples: good, sample: "all", replaced });
    expect(report).toEqual({ ...(await check({ sample: "all" })).report, documents: report.documents });
  });

  it("the bound holds for the share that is really left, in nearly every sample", async () => {
    let broken = 0;
    for (let seed = 0; seed < 60; seed++) {
      const { report } = await check({ sample: 20, seed });
      const reallyLeft = bad.length - report.answering;
      if (reallyLeft / report.left > report.leftAtMost!) broken++;
    }
    expect(broken).toBeLessThanOrEqual(4);
  });

  it("takes no verdict whose quotes do not stand there: asked once more, then undecided and not kept", async () => {
    const liar = fixedModel('{"answering": [{"document": 1, "text": "words that no document of this set says"}]}');
    const { outcomes, report } = await check({ model: liar, examples: examples.slice(0, 3), sample: "all" });
    expect(outcomes).toMatchObject(Array.from({ length: 3 }, () => ({ reason: "verdict-unproved" })));
    expect(report).toMatchObject({ checked: 0, undecided: 3, left: 0, leftAtMost: null });
    expect(report.share!.high).toBeCloseTo(1, 10);
    expect(liar.calls).toBe(6);
    const silent = fixedModel("I would rather not say.");
    const second = await check({ model: silent, examples: examples.slice(0, 1), sample: "all" });
    expect(second.outcomes).toMatchObject([{ reason: "verdict-unreadable", raw: "I would rather not say." }]);
  });

  it("fails the examples that the budget has no room for, and stops when told", async () => {
    await using poor = await openCalls({ ledger: join(folder, "poor.jsonl"), budget: { tokens: 20_000 } });
    const { outcomes, report } = await check({ calls: poor, sample: "all", concurrency: 1 });
    const failed = outcomes.filter(({ status }) => status === "failed").length;
    expect(failed).toBeGreaterThan(0);
    expect(failed).toBeLessThan(60);
    expect(report).toMatchObject({ examples: 60, checked: 60 - failed, undecided: failed });
    const controller = new AbortController();
    const stopping = proveNoise({ examples, model: ruleReader(), calls, sample: "all", signal: controller.signal });
    await expect(
      (async () => {
        for await (const _ of stopping) controller.abort(new Error("enough"));
      })(),
    ).rejects.toThrow("enough");
  });

  it("has nothing to say of nothing, and refuses a sample that makes no sense", async () => {
    expect((await check({ examples: [] })).report).toMatchObject({ examples: 0, share: null, leftAtMost: null });
    expect(() => proveNoise({ examples, model: ruleReader(), calls, sample: 0 })).toThrow(RagInstructError);
  });
});

describe("drawSample", () => {
  it("draws every item with the same chance, whatever the order", async () => {
    const ids = Array.from({ length: 5000 }, (_, i) => ({ id: `x${i}` }));
    const counts = new Uint32Array(5000);
    for (let seed = 0; seed < 20; seed++) {
      const isDrawn = await drawSample(ids, { size: 500, seed });
      const drawn = ids.flatMap(({ id }, i) => (isDrawn(id) ? [i] : []));
      expect(drawn).toHaveLength(500);
      for (const i of drawn) counts[i]!++;
    }
    expect(counts.slice(0, 2500).reduce((sum, count) => sum + count)).toBeGreaterThan(4700);
    expect(counts.slice(0, 2500).reduce((sum, count) => sum + count)).toBeLessThan(5300);
  });
});

async function* streamOf(items: readonly TrainingExample[]): AsyncGenerator<TrainingExample> {
  yield* items;
}
