import { expect, it } from "vitest";
import { pairCounts, sharesInWords } from "./plan-tasks.ts";

const ids = ["a", "b", "c"];

it("pairs are counted of each paradigm, in total with the rest to the first ones, or by paradigm", () => {
  expect(pairCounts(2, ids)).toEqual({ a: 2, b: 2, c: 2 });
  expect(pairCounts({ each: 2 }, ids)).toEqual({ a: 2, b: 2, c: 2 });
  expect(pairCounts({ total: 8 }, ids)).toEqual({ a: 3, b: 3, c: 2 });
  expect(pairCounts({ b: 5 }, ids)).toEqual({ b: 5 });
});

it("says in words what counts come to", () => {
  expect(sharesInWords(pairCounts(2, ids))).toBe(", 2 of each of 3 paradigms");
  expect(sharesInWords(pairCounts({ total: 8 }, ids))).toBe(", of 3 paradigms");
  expect(sharesInWords({ a: 4, b: 0 })).toBe("");
});
