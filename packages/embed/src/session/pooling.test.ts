import { expect, it } from "vitest";
import { batchByLength } from "../onnx-embedder.ts";
import { normalizeVector, poolText } from "./session.ts";

it("batches by length within the token budget, every row once", () => {
  const lengths = [5, 100, 7, 300, 6, 90];
  const batches = batchByLength(lengths, { tokens: 200 });
  expect(batches.flat().sort()).toEqual([0, 1, 2, 3, 4, 5]);
  for (const batch of batches)
    if (batch.length > 1)
      expect(Math.max(...batch.map((row) => lengths[row]!)) * batch.length).toBeLessThanOrEqual(200);
});

it.each([
  ["mean", [2, 3]],
  ["cls", [1, 2]],
  ["last-token", [3, 4]],
  ["max", [3, 4]],
] as const)("pools by %s over the text's own tokens", (pooling, result) => {
  const into = new Float32Array(2);
  poolText({ data: Float32Array.of(1, 2, 3, 4, 99, 99), tokens: 3, dimensions: 2, lengths: [2] }, 0, pooling, into);
  expect([...into]).toEqual(result);
});

it("normalises to length 1 and leaves a zero vector alone", () => {
  const vector = Float32Array.of(3, 4);
  normalizeVector(vector);
  expect([...vector]).toEqual([0.6000000238418579, 0.800000011920929]);
  const zero = new Float32Array(2);
  normalizeVector(zero);
  expect([...zero]).toEqual([0, 0]);
});
