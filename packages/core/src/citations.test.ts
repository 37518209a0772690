import { expect, it } from "vitest";
import { citedNumbers, renumberCitations, withoutCitations } from "./citations.ts";

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
