import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Passage } from "@rag-instruct/core";
import type { Calls } from "@rag-instruct/core/calls";
import { openCalls } from "@rag-instruct/core/calls";
import { MockLanguageModelV4 } from "ai/test";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { measureFaithfulness } from "./accuracy.ts";
import { evaluate } from "./evaluate.ts";
import type { EvalItem } from "./item.ts";
import {
  documentsWithoutAnswer,
  firstDocuments,
  measureRobustness,
  noisyDocuments,
  reversedDocuments,
  shuffledDocuments,
} from "./measure-robustness.ts";

const passage = (text: string): Passage => ({ id: text, title: "", text });

/** The answer to item i stands in its third paragraph. */
const items: EvalItem[] = Array.from({ length: 20 }, (_, i) => ({
  id: `${i}`,
  question: `Which code has item ${i}?`,
  golds: [`code${i}x`],
  documents: [passage(`a${i}`), passage(`b${i}`), passage(`It has code${i}x.`), passage(`d${i}`)],
}));

/** A model that reads: it says the code it is shown, and nothing else. */
const reader = new MockLanguageModelV4({
  doGenerate: async ({ prompt }) => {
    const text = /code\d+x/.exec(JSON.stringify(prompt))?.[0] ?? "I do not know";
    return {
      content: [{ type: "text", text }],
      finishReason: { unified: "stop", raw: "stop" },
      usage: {
        inputTokens: { total: 1, noCache: 1, cacheRead: 0, cacheWrite: 0 },
        outputTokens: { total: 1, text: 1, reasoning: 0 },
      },
      warnings: [],
    };
  },
});

let folder: string;
let calls: Calls;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "robustness-"));
  calls = await openCalls({ ledger: join(folder, "ledger.jsonl") });
});

afterEach(async () => {
  await calls.close();
  await rm(folder, { recursive: true });
});

describe("measureRobustness", () => {
  it("compares every condition with the paragraphs as they are, item by item", async () => {
    const results = await measureRobustness({
      benchmark: "popqa",
      items,
      model: reader,
      calls,
      conditions: { "2 paragraphs": firstDocuments(2), reversed: reversedDocuments() },
    });
    expect(results.map(({ condition, accuracy, failed }) => [condition, accuracy.mean, failed])).toEqual([
      ["as retrieved", 1, 0],
      ["2 paragraphs", 0, 0],
      ["reversed", 1, 0],
    ]);
    expect(results[1]!.comparison).toMatchObject({ pairs: 20, difference: -1, worse: 20 });
    expect(results[1]!.comparison!.pValue).toBeLessThan(0.001);
    expect(results[2]!.comparison).toMatchObject({ difference: 0, pValue: 1 });
  });
});

describe("arrangements", () => {
  const [item] = items as [EvalItem];
  const documents = item.documents!;

  it("shuffle the same way for an item whatever else runs, and lose nothing", () => {
    const shuffled = shuffledDocuments({ seed: 3 })(documents, item);
    expect(shuffled).toEqual(shuffledDocuments({ seed: 3 })(documents, item));
    expect(shuffled.toSorted((a, b) => a.id.localeCompare(b.id))).toEqual(
      documents.toSorted((a, b) => a.id.localeCompare(b.id)),
    );
    const orders = new Set(
      items.map((each) =>
        shuffledDocuments()(documents, each)
          .map(({ id }) => id)
          .join(),
      ),
    );
    expect(orders.size).toBeGreaterThan(5);
  });

  it("put noise in the place of the last paragraphs, and never an answer", () => {
    const pool = [passage("code0x is here"), ...Array.from({ length: 30 }, (_, i) => passage(`noise ${i}`))];
    const noisy = noisyDocuments({ pool, count: 3 })(documents, item);
    expect(noisy).toHaveLength(4);
    expect(noisy.filter(({ text }) => text.startsWith("noise"))).toHaveLength(3);
    expect(noisy.map(({ id }) => id)).toContain("a0");
    expect(noisy.some(({ text }) => text.includes("code0x"))).toBe(false);
    expect(() => noisyDocuments({ pool: pool.slice(0, 2), count: 3 })(documents, item)).toThrow(
      /the pool has 1 document without/,
    );
  });

  it("take out the paragraphs that hold the answer", () => {
    expect(documentsWithoutAnswer()(documents, item).map(({ id }) => id)).toEqual(["a0", "b0", "d0"]);
  });
});

describe("measureFaithfulness", () => {
  it("sets answers apart by whether the answer was shown", async () => {
    const half = items.map((item, i) => (i % 4 === 0 ? { ...item, documents: item.documents!.slice(0, 2) } : item));
    const outcomes = await Array.fromAsync(evaluate({ benchmark: "popqa", items: half, model: reader, calls }));
    const answers = outcomes.flatMap((outcome) => (outcome.status === "accepted" ? [outcome.value] : []));
    expect(measureFaithfulness(answers)).toMatchObject({
      answerShown: { mean: 0.75, count: 20 },
      whenShown: { mean: 1, count: 15 },
      whenNotShown: { mean: 0, count: 5 },
      supported: { mean: 1, count: 15 },
    });
    expect(measureFaithfulness([])).toBeUndefined();
  });
});
