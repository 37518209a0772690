import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TrainingExample } from "@rag-instruct/core";
import { type Calls, openCalls } from "@rag-instruct/core/calls";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fixedModel } from "../../test/fixed-model.ts";
import { readNoise } from "./failures.ts";
import { proveNoise } from "./noise-proof.ts";

let folder: string;
let calls: Calls & AsyncDisposable;
beforeEach(async () => {
  Object.assign(globalThis, { AI_SDK_LOG_WARNINGS: false });
  folder = await mkdtemp(join(tmpdir(), "noise-answers-"));
  calls = await openCalls({ ledger: join(folder, "ledger.jsonl") });
});
afterEach(async () => {
  await calls[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

const examples = Array.from({ length: 40 }, (_, i): TrainingExample => {
  const documents = ["source", "noise", "noise"] as const;
  return {
    id: `e${i}`,
    paradigm: i % 4 === 3 ? "useless-doc" : "single-doc-answer",
    question: `How old is crane ${i}?`,
    answer: `${100 + i}`,
    documents: documents.map((role, n) => ({
      id: `${i}-${n}`,
      title: "",
      text: `Crane ${i}.${n} stands there.`,
      role,
    })),
  };
});

/** What comes of the examples where each is asked for by a reader that always says the same. */
async function readBy(text: string, options: { share: number; calls?: Calls }) {
  const model = fixedModel(text);
  const checked = proveNoise({ examples, model: fixedModel('{"answering": []}'), calls, sample: "all" });
  const read = readNoise(checked, { model, calls, seed: 5, ...options });
  const outcomes = await Array.fromAsync(read);
  const kept = outcomes.flatMap((outcome) => (outcome.status === "accepted" ? [outcome.value] : []));
  return { kept, asked: model.calls, report: read.report() };
}

describe("readNoise", () => {
  it("adds what is answered from noise alone to the failures of examples whose documents are of use", async () => {
    const { kept, asked, report } = await readBy('{"answer": "7", "sure": true}', { share: 1 });
    expect([kept.length, asked]).toEqual([40, 30]);
    expect(report).toMatchObject({ examples: 40, answering: 0, answers: { asked: 30, wrong: 30, failed: 0 } });
    const reason = "another answer from the 2 noise documents alone, as words show";
    expect(kept[0]).toEqual({ ...examples[0], failures: [{ answer: "7", from: "noise", reason, pairId: "e0" }] });
    expect(kept[3]).toEqual(examples[3]);
  });

  it("adds nothing where the reader is silent or right", async () => {
    const silent = await readBy('{"answer": "7", "sure": false}', { share: 1 });
    expect([silent.kept, silent.report.answers]).toEqual([examples, { asked: 30, wrong: 0, failed: 0 }]);
    const right = await readBy('{"answer": "100", "sure": true}', { share: 1 });
    expect(right.kept[0]).toEqual(examples[0]);
    expect(right.report.answers.wrong).toBe(29);
  });

  it("asks the same share of the examples whatever else is asked at the same time", async () => {
    const half = async () =>
      (await readBy('{"answer": "7", "sure": true}', { share: 0.5 })).kept.map(({ failures }) => !!failures);
    const drawn = await half();
    expect(drawn.filter(Boolean).length).toBeGreaterThan(7);
    expect(drawn.filter(Boolean).length).toBeLessThan(23);
    expect(await half()).toEqual(drawn);
  });

  it("keeps examples that the budget has no answer for, and counts them", async () => {
    await using poor = await openCalls({ ledger: join(folder, "poor.jsonl"), budget: { tokens: 1 } });
    const { kept, report } = await readBy('{"answer": "7", "sure": true}', { share: 1, calls: poor });
    expect(kept).toEqual(examples);
    expect(report.answers).toEqual({ asked: 30, wrong: 0, failed: 30 });
  });
});
