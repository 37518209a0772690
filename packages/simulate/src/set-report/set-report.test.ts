import type { Outcome, Pair } from "@rag-instruct/core";
import { describe, expect, it } from "vitest";
import { describeUnproved } from "../verify/verify.ts";
import { selfBleu } from "./diversity.ts";
import { kindOfQuestion } from "./question-kind.ts";
import { setReport } from "./set-report.ts";

const pair = (i: number, given: Partial<Pair> = {}): Pair => ({
  id: `p${i}`,
  paradigm: "single-doc-answer",
  exemplarId: `e${i % 3}`,
  question: `In which year was the bridge number ${i} opened to the public?`,
  answer: `In ${1900 + i}`,
  documents: [{ id: `d${i % 4}`, title: "", text: "one two three" }],
  model: "m",
  evidence: { verify: { level: "judge", calls: 1 } },
  ...given,
});
type One = Outcome<Pair, { paradigm: string; evidence?: Record<string, unknown> }>;
const accept = (value: Pair): One => ({ status: "accepted", id: value.id, value });
const reject = (input: Pair, reason: string): One => ({ status: "rejected", id: input.id, input, reason, detail: "" });

describe("setReport", () => {
  it("adds up, in all and for each paradigm, and keeps the reasons", async () => {
    const outcomes: One[] = [
      ...Array.from({ length: 8 }, (_, i) => accept(pair(i))),
      reject(pair(8, { evidence: { verify: { level: "proof", calls: 4, proofCalls: 3 } } }), "answer-wrong"),
      reject(pair(9, { paradigm: "mine" }), "leaks-answer"),
      { status: "failed", id: "f", input: pair(10), error: new Error("x") },
    ];
    const report = await setReport({ outcomes, corpusSize: 8, exemplars: [{ id: "e0", source: "alpaca" }] });
    expect(report).toMatchObject({ requested: 11, accepted: 8, rejected: 2, failed: 1 });
    expect(report.reasons).toEqual({ "answer-wrong": 1, "leaks-answer": 1 });
    expect(report.paradigms).toMatchObject([
      {
        paradigm: "single-doc-answer",
        requested: 10,
        accepted: 8,
        rejected: 1,
        failed: 1,
        acceptance: { share: 8 / 9 },
      },
      { paradigm: "mine", requested: 1, accepted: 0, rejected: 1 },
    ]);
    expect(report.verification).toEqual({
      levels: { judge: 8 },
      calls: { items: 11, total: 14, mean: 14 / 11 },
      proofCalls: { items: 1, total: 3, mean: 3 },
    });
    expect(report.documents).toEqual({ uses: 8, distinct: 4, mostUsesOfOne: 2, corpus: 8, coverage: 0.5 });
    expect(report.lengths.document).toEqual({ mean: 3, min: 3, p5: 3, median: 3, p95: 3, max: 3 });
    expect(report.languages).toEqual({ en: 8 });
    expect(report.exemplars).toEqual({
      distinct: 3,
      mostPairsOfOne: 3,
      sources: [
        { source: "unknown", pairs: 5, share: 5 / 8 },
        { source: "alpaca", pairs: 3, share: 3 / 8 },
      ],
    });
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  });

  it("counts the pairs whose relation words cannot prove, until a model has looked at them", async () => {
    const lexical = { relation: "unproved" };
    const outcomes = [
      accept(pair(1, { evidence: { lexical, verify: { level: "lexical", calls: 0 } } })),
      accept(pair(2, { evidence: { lexical, verify: { level: "judge", calls: 1 } } })),
      accept(pair(3, { evidence: { lexical: { relation: "shown" }, verify: { level: "lexical", calls: 0 } } })),
      reject(pair(4, { evidence: { lexical, verify: { level: "lexical", calls: 0 } } }), "exact-duplicate"),
    ];
    expect(await setReport({ outcomes })).toMatchObject({ unproved: 1, paradigms: [{ accepted: 3, unproved: 1 }] });
    const pairs = outcomes.flatMap((one) => (one.status === "accepted" ? [one.value] : []));
    expect(await describeUnproved(pairs)).toEqual([expect.stringMatching(/^Of 1 of the 3 pairs/)]);
    expect(await describeUnproved(pairs.slice(1))).toEqual([]);
  });

  it("says how like a question is to the one most like it", async () => {
    const asked = (questions: string[]) =>
      setReport({ outcomes: questions.map((question, i) => accept(pair(i, { question }))) });
    const same = await asked(Array.from({ length: 20 }, () => "Who built the old bridge over the Elm?"));
    expect(same.diversity.nearest).toEqual({ mean: 1, alike: 1, sample: 20 });
    const apart = await asked(["Who built the bridge?", "Name two northern rivers", "Why do tides change?"]);
    expect(apart.diversity.nearest).toEqual({ mean: 0, alike: 0, sample: 3 });
    const mixed = await asked(["Who built the old bridge?", "Who built the old tower?", "Name two northern rivers"]);
    expect(mixed.diversity.nearest).toEqual({ mean: 0.4444, alike: 0.6667, sample: 3 });
    expect((await setReport({ outcomes: [] })).diversity.nearest).toEqual({ mean: null, alike: null, sample: 0 });
  });

  it("is the same for the same seed, and stands for an empty set", async () => {
    const outcomes = Array.from({ length: 300 }, (_, i) => accept(pair(i)));
    const first = await setReport({ outcomes, sample: 50, seed: 3 });
    expect(await setReport({ outcomes, sample: 50, seed: 3 })).toEqual(first);
    expect(first.diversity.selfBleu.sample).toBe(50);
    const empty = await setReport({ outcomes: [] });
    expect(empty).toMatchObject({ requested: 0, diversity: { selfBleu: { score: null, sample: 0 } } });
  });

  it("finds a set of near copies less diverse than one of different questions", async () => {
    const words = "river lamp harbour tide granite orchard ledger winter copper valley engine glass".split(" ");
    const different = Array.from({ length: 12 }, (_, i) =>
      Array.from({ length: 9 }, (_, k) => words[(i * 5 + k * (i + 1)) % 12]!),
    );
    const copies = Array.from({ length: 12 }, (_, i) => [
      "what",
      "is",
      "the",
      "height",
      "of",
      "the",
      "tower",
      words[i]!,
    ]);
    expect(selfBleu(copies)!).toBeGreaterThan(0.8);
    expect(selfBleu(different)!).toBeLessThan(selfBleu(copies)!);
    expect(
      selfBleu([
        ["a", "b", "c", "d"],
        ["a", "b", "c", "d"],
      ]),
    ).toBe(1);
  });
});

describe("kindOfQuestion", () => {
  it.each([
    ["how-many", "How many keepers lived there?", "Four"],
    ["who", "By whom was the lamp built?", "Ilse Brandt"],
    ["yes-no", "Is the lamp older than the bridge?", "Yes, by ten years."],
    ["claim", "The lamp is older than the bridge.", "False."],
    ["imperative", "Explain how the lamp is lit.", "With oil."],
    ["who", "Wer hat die Lampe gebaut und wann?", "Ilse Brandt"],
    ["what", "What did the keeper of the lamp use?", "Oil"],
    ["other", "The lamp's first keeper, perhaps?", "Ilse Brandt"],
  ])("%s: %s", (kind, question, answer) => {
    expect(kindOfQuestion({ question, answer })).toBe(kind);
  });
  it("goes by the options first", () => {
    expect(kindOfQuestion({ question: "Who?", answer: "A", options: ["x", "y"] })).toBe("multiple-choice");
  });
});
