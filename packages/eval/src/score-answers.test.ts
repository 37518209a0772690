import { describe, expect, it } from "vitest";
import type { EvalItem } from "./item.ts";
import { scorePredictions } from "./score-answers.ts";

const items: EvalItem[] = ["a", "b", "c"].map((id) => ({ id, question: `q${id}`, golds: [id] }));

describe("scorePredictions", () => {
  it("scores what matches and names what does not: scored + missing = items", async () => {
    const predictions = [
      { id: "a", output: "a" },
      { id: "b", output: "" },
      { id: "a", output: "z" },
      { id: "x", output: "?" },
    ];
    const report = await scorePredictions({ benchmark: "popqa", items, predictions });
    expect(report.scored.map(({ id, score, notes }) => [id, score.correct, notes])).toEqual([
      ["a", true, []],
      ["b", false, ["empty"]],
    ]);
    expect(report).toMatchObject({ missing: ["c"], unknown: ["x"], duplicated: ["a"] });
  });

  it("refuses a file for other items and items of the same id", async () => {
    const other = scorePredictions({ benchmark: "popqa", items, predictions: [{ id: "x", output: "a" }] });
    await expect(other).rejects.toThrow(/none of 1 predictions \(first x\) is for one of 3 items \(first a\)/);
    const twice = scorePredictions({
      benchmark: "popqa",
      items: [...items, items[0]!],
      predictions: [{ id: "a", output: "a" }],
    });
    await expect(twice).rejects.toMatchObject({ code: "duplicate-id" });
  });
});
