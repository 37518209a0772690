import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { seededRandom } from "@rag-instruct/core";
import { describe, expect, it } from "vitest";
import { sharedData } from "../../test/shared-data.ts";
import { scoreReference, similarity } from "./reference.ts";

interface GoldenCase {
  source: string;
  golds: string[];
  output: string;
  options?: Record<string, string>;
  reference_correct: boolean;
  reference_choice?: string;
  reference_choice_rule?: 1 | 2 | 3;
}

const golden = sharedData("eval-golden/reference-scorer.jsonl");

describe("scoreReference", () => {
  it.skipIf(!existsSync(golden))("agrees with the published scorer on every case of shared eval-golden", () => {
    const cases = readFileSync(golden, "utf8")
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as GoldenCase);
    const differing = cases.filter(({ source, golds, output, options, ...expected }) => {
      const item = { golds, options: options ? Object.values(options) : undefined };
      const score = scoreReference(source, item, output);
      return (
        score?.correct !== expected.reference_correct ||
        score.choice !== expected.reference_choice ||
        score.rule !== expected.reference_choice_rule
      );
    });
    expect(cases).toHaveLength(2695);
    expect(differing).toEqual([]);
  });
});

describe("scoreReference, oddities kept", () => {
  it.each([
    ["convfinqa", { golds: ["105"] }, "15", true],
    ["convfinqa", { golds: ["5"] }, "50", false],
    ["popqa", { golds: ["Caspian Sea"] }, "not the caspian sea", true],
    ["popqa", { golds: ["é"] }, "cafés é", true],
    ["popqa", { golds: ["x"] }, "𝒜x", false],
  ])("%s, %j, %j: %s", (benchmark, item, output, correct) => {
    expect(scoreReference(benchmark, item, output)).toEqual({ correct });
  });

  it("keeps labels 1 to 4 as golds, so that a letter is wrong and the option's text is right", () => {
    const item = { golds: ["B"], options: ["red fox", "grey wolf"], optionLabels: ["1", "2"] };
    expect(scoreReference("arc-challenge", item, "B")).toEqual({ correct: false, choice: "B", rule: 1 });
    expect(scoreReference("arc-challenge", item, "the grey wolf")).toEqual({ correct: true, choice: "2", rule: 2 });
    expect(scoreReference("arc-challenge", item, "gray wolfs")).toEqual({ correct: true, choice: "2", rule: 3 });
  });

  it("takes the first lone letter, else the option named last, else the one most alike", () => {
    const item = { golds: ["B"], options: ["red fox", "grey wolf", "wolf"] };
    expect(scoreReference("arc-challenge", item, "Not B, but C")).toEqual({ correct: true, choice: "B", rule: 1 });
    expect(scoreReference("arc-challenge", item, "A fox; 答案是B")).toEqual({ correct: true, choice: "B", rule: 1 });
    expect(scoreReference("arc-challenge", item, "red fox or grey wolf")).toEqual({
      correct: false,
      choice: "C",
      rule: 2,
    });
    expect(scoreReference("arc-challenge", item, "grey wolfhounds")).toEqual({ correct: false, choice: "C", rule: 2 });
    expect(scoreReference("arc-challenge", item, "gray wool")).toMatchObject({ rule: 3 });
    expect(scoreReference("arc-challenge", item, "b")).toEqual({ correct: false, choice: "b", rule: 1 });
  });

  it("knows only the benchmarks that the published scorer knows", () => {
    expect(scoreReference("casehold", { golds: ["A"], options: ["x", "y"] }, "A")).toBeUndefined();
    expect(scoreReference("nq", { golds: ["x"] }, "x")).toBeUndefined();
    expect(() => scoreReference("nope", { golds: ["x"] }, "x")).toThrow(/there is no benchmark "nope"/);
  });
});

const python = process.env.RAG_INSTRUCT_PYTHON;

describe("similarity", () => {
  // Figures of CPython 3.11's difflib.SequenceMatcher(None, a, b).ratio().
  it.each([
    ["abcd", "bcde", 0.75],
    ["", "", 1],
    ["a", "", 0],
    ["private", "volatile", 0.5333333333333333],
    ["ab", "b".repeat(250), 0],
    ["𝒜b", "𝒜c", 0.5],
  ])("of %j and %j", (a, b, expected) => {
    expect(similarity(a, b)).toBeCloseTo(expected, 15);
  });

  it.skipIf(!python)("equals difflib's on a thousand made-up pairs (needs RAG_INSTRUCT_PYTHON)", () => {
    const random = seededRandom(1, "similarity");
    const text = (length: number) =>
      Array.from({ length: random.integer(length) }, () => random.pick([..."abcde é"])).join("");
    const pairs = Array.from({ length: 1000 }, (_, i) => [text(60), text(i % 2 ? 60 : 700)] as const);
    const script =
      "import json,sys,difflib;print(json.dumps([difflib.SequenceMatcher(None,a,b).ratio() for a,b in json.load(sys.stdin)]))";
    const expected = JSON.parse(
      execFileSync(python!, ["-c", script], { input: JSON.stringify(pairs), encoding: "utf8" }),
    );
    expect(pairs.map(([a, b]) => similarity(a, b))).toEqual(expected);
  });
});
