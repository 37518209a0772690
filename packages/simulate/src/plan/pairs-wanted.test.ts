import { expect, it } from "vitest";
import { readPairsWanted } from "./plan-tasks.ts";

it("pairs wanted are a number, or numbers by paradigm", () => {
  expect(readPairsWanted("20")).toBe(20);
  expect(readPairsWanted("cited-answer=20, table-answer=10")).toEqual({ "cited-answer": 20, "table-answer": 10 });
  for (const odd of ["", "many", "a=", "=5", "a=b", "a=5,", "a=5=6", "-3", "a=-3", "5,7"]) {
    expect(() => readPairsWanted(odd)).toThrow(/must be a whole number, or numbers by paradigm/);
  }
});
