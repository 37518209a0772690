import { describe, expect, it } from "vitest";
import { readChoice } from "./choices.ts";

const options = ["Photosynthesis", "Respiration", "Transpiration", "Fermentation"];

describe("readChoice, as models answer", () => {
  it.each([
    ["It can't be A or C. D is unlikely. Therefore, B", "B"],
    ["The third statement is false, so both B and C fail: D.", "D"],
    ["The answer is (C). Wait, actually, it is (B).", "B"],
    ["Photosynthesis makes it. However, respiration uses it up. The answer is respiration.", "B"],
    ["A? No. B? Yes.", "B"],
    ["A. ✗\nB. ✓\nC. ✗\nD. ✗", "B"],
    ["Ｂ", "B"],
    ["正解はBです。", "B"],
    ["答えはBです", "B"],
    ["選択肢Bが正しい", "B"],
    ["B选项正确", "B"],
    ["应该选择B项", "B"],
    ["정답은 B입니다.", "B"],
  ])("%s", (answer, choice) => {
    expect(readChoice(answer, options).choice).toBe(choice);
  });

  it("takes a number in words for the option that it is, and for none within a sentence", () => {
    expect(readChoice("Four.", ["1", "2", "3", "4"])).toEqual({ choice: "D", by: "text" });
    expect(readChoice("None of the four.", ["1", "2", "3", "4"]).choice).toBeUndefined();
  });

  it("takes labels of a figure for letters", () => {
    expect(readChoice("The answer is A or B.", ["A", "B", "C", "D"])).toEqual({ abstained: "several-options" });
  });
});
