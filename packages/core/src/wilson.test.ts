import { expect, it } from "vitest";
import { wilsonInterval } from "./wilson.ts";

it("gives the interval of textbooks", () => {
  // Agresti and Coull 1998: 0 of 20, and 15 of 20 at 95%.
  expect(wilsonInterval({ successes: 0, trials: 20 }).high).toBeCloseTo(0.161, 3);
  const { low, high } = wilsonInterval({ successes: 15, trials: 20 });
  expect(low).toBeCloseTo(0.531, 3);
  expect(high).toBeCloseTo(0.888, 3);
  expect(wilsonInterval({ successes: 0, trials: 0 })).toEqual({ low: 0, high: 1 });
});
