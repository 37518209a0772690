import { expect, it } from "vitest";
import { inBatches } from "./in-batches.ts";

it("groups a stream, the last batch shorter, and gives none for nothing", async () => {
  expect(await Array.fromAsync(inBatches([1, 2, 3, 4, 5], 2))).toEqual([[1, 2], [3, 4], [5]]);
  expect(await Array.fromAsync(inBatches([], 2))).toEqual([]);
});
