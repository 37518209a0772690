import { seededRandom } from "@rag-instruct/core";
import { expect, it } from "vitest";
import { kthLargest } from "./kth-largest.ts";

it("finds what sorting finds, with and without equal numbers", () => {
  const random = seededRandom(5);
  for (const length of [1, 2, 3, 10, 333]) {
    for (const kinds of [2, 1000]) {
      const numbers = Float32Array.from({ length }, () => Math.floor(random.next() * kinds));
      const sorted = numbers.toSorted().toReversed();
      for (let k = 1; k <= length; k++) expect(kthLargest(numbers.slice(), k)).toBe(sorted[k - 1]);
    }
  }
});
