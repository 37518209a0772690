import { describe, expect, it } from "vitest";
import { chosenOption } from "./index.ts";

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
    ["A boat", undefined],
    ["I think so", undefined],
    ["C+", undefined],
    ["B-17", undefined],
    ["B’s", undefined],
    ["Z", undefined],
    ["", undefined],
  ])("of %j is %j", (answer, place) => expect(chosenOption(answer, options)).toBe(place));
});
