import { describe, expect, it } from "vitest";
import { matchAnswers } from "./answers.ts";

describe("matchAnswers", () => {
  it.each([
    ["1999", "3 March 1999", "same"],
    ["March 1999", "1999", "partly"],
    ["3 March 1999", "March 3", "partly"],
    ["3 March 1999", "3 March 1998", "different"],
    ["03/04/1999", "3 April 1999", "same"],
    ["4 March 1999", "03/04/1999", "same"],
    ["03/04/1999", "5 April 1999", "different"],
    ["50", "fifty", "same"],
    ["50", "1950", "different"],
    ["∞", "∞", "same"],
    ["Yes.", "No, it was not.", "different"],
    ["the tower of Bern", "a tower", undefined],
  ])("of %j and %j", (answer, other, likeness) => {
    expect(matchAnswers({ answer }, other)).toBe(likeness);
  });

  it("tells options by their text or letter", () => {
    const pair = { answer: "B", options: ["a crane", "a tower"] };
    expect(["a tower", "(B)", "A"].map((answer) => matchAnswers(pair, answer))).toEqual(["same", "same", "different"]);
  });
});
