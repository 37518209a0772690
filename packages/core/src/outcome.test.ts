import { expect, it } from "vitest";
import { accepted, counted, type Outcome, tally, wilsonInterval } from "./outcome.ts";

const outcomes: Outcome<number, string>[] = [
  { status: "accepted", id: "1", value: 10 },
  { status: "rejected", id: "2", input: "two", reason: "too-long", detail: "" },
  { status: "failed", id: "3", input: "three", error: new Error("no") },
  { status: "accepted", id: "4", value: 40 },
];

it("adds up to what was requested", async () => {
  expect(await tally(outcomes)).toEqual({
    requested: 4,
    accepted: 2,
    rejected: 1,
    failed: 1,
    reasons: { "too-long": 1 },
  });
});

it("counts while it passes outcomes on, and accepted() keeps the values", async () => {
  const stream = counted(outcomes);
  expect(await Array.fromAsync(accepted(stream.outcomes))).toEqual([10, 40]);
  expect(stream.tally().requested).toBe(4);
});

it("gives the interval of textbooks", () => {
  // Agresti and Coull 1998: 0 of 20, and 15 of 20 at 95%.
  expect(wilsonInterval({ successes: 0, trials: 20 }).high).toBeCloseTo(0.161, 3);
  const { low, high } = wilsonInterval({ successes: 15, trials: 20 });
  expect(low).toBeCloseTo(0.531, 3);
  expect(high).toBeCloseTo(0.888, 3);
  expect(wilsonInterval({ successes: 0, trials: 0 })).toEqual({ low: 0, high: 1 });
});
