import { describe, expect, it } from "vitest";
import { chosenOption, citedNumbers, renumberCitations, withoutCitations } from "./index.ts";

describe("the option that an answer names", () => {
  const options = ["C++", "C#", "a lamp", "A tin lantern", "-5", "B-52"];
  it.each([
    ["B", 1],
    ["(C)", 2],
    ["**D**", 3],
    ["A", 0],
    ["A. C++", 0],
    ["E: minus five", 4],
    ["B because the others are older", 1],
    ["C#", 1],
    ["c++", 0],
    ["A lamp", 2],
    ["tin lantern.", 3],
    ["B-52", 5],
    ["b", 1],
    ["(c)", 2],
    ["d.", 3],
    ["a) C++", 0],
    ["The answer is B", 1],
    ["The correct answer is (c) because of the sharp.", 2],
    ["Option D: the lantern", 3],
    ["Antwort: b", 1],
    ["答案是B。", 1],
    ["the answer is A", 0],
    ["The answer is a boat", undefined],
    ["e.g. a boat", undefined],
    ["a boat", undefined],
    ["Optional", undefined],
    ["A boat", undefined],
    ["I think so", undefined],
    ["C+", undefined],
    ["B-17", undefined],
    ["B’s", undefined],
    ["Z", undefined],
    ["", undefined],
  ])("of %j is %j", (answer, place) => expect(chosenOption(answer, options)).toBe(place));
});

it("citations are read in their forms, renumbered in order, and taken out", () => {
  const text = "It opened in 1932 [2][1]. It carries 45% [1, 3], and the list is empty: [].";
  expect(citedNumbers(text)).toEqual([2, 1, 3]);
  expect(renumberCitations(text, (number) => number + 4)).toBe(
    "It opened in 1932 [5][6]. It carries 45% [5][7], and the list is empty: [].",
  );
  expect(renumberCitations(text, (number) => (number === 3 ? 9 : undefined))).toBe(
    "It opened in 1932. It carries 45% [9], and the list is empty: [].",
  );
  expect(withoutCitations("One [1]. Two.[2]")).toBe("One. Two.");
  expect(withoutCitations("No citation in [brackets] or [1932].")).toBe("No citation in [brackets] or [1932].");
});
