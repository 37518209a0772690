import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { sharedData } from "../../shared-data.ts";
import { scoreReference } from "./reference.ts";

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
      const item = { golds, ...(options ? { options: Object.values(options) } : {}) };
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
