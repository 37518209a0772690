import { seededRandom } from "@rag-instruct/core";
import { expect, it } from "vitest";
import { nearKthLargest } from "./candidates.ts";

const random = seededRandom(5);
const lists = [1, 2, 3, 10, 333].flatMap((length) =>
  [2, 1000].map((kinds) => Float32Array.from({ length }, () => Math.floor(random.next() * kinds) - kinds / 2)),
);
const reachIn = (list: Float32Array) => (number: number) => list.filter((value) => value >= number).length;

it("comes near what sorting finds, and never above it", () => {
  for (const list of lists) {
    const sorted = list.toSorted().toReversed();
    for (let k = 1; k <= list.length; k++) {
      const near = nearKthLargest(reachIn(list), k, Number.NEGATIVE_INFINITY);
      expect(near).toBeLessThanOrEqual(sorted[k - 1]!);
      expect(near).toBeGreaterThanOrEqual(sorted[k - 1]! - Math.abs(sorted[k - 1]!) * 2 ** -14 - 1e-30);
    }
  }
});

it("stays where too few reach it", () => {
  const list = Float32Array.of(3, 1, 2);
  expect(nearKthLargest(reachIn(list), 2, 2.5)).toBe(2.5);
  expect(nearKthLargest(reachIn(list), 4, Number.NEGATIVE_INFINITY)).toBe(Number.NEGATIVE_INFINITY);
});
