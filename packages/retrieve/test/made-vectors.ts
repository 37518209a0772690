import { seededRandom } from "@rag-instruct/core";
import type { ContractVectors } from "@rag-instruct/core/testing";

/** Vectors of length 1, the same for the same seed, with ids `p0`, `p1` and so on. */
export function madeVectors(count: number, dimensions: number, seed = 1): ContractVectors {
  const random = seededRandom(seed);
  const data = Float32Array.from({ length: count * dimensions }, () => random.next() - 0.5);
  for (let row = 0; row < count; row++) {
    const vector = data.subarray(row * dimensions, (row + 1) * dimensions);
    const length = Math.hypot(...vector);
    for (let i = 0; i < dimensions; i++) vector[i]! /= length;
  }
  const ids = Array.from({ length: count }, (_, i) => `p${i}`);
  return { embedderId: "made", vectors: { data, count, dimensions }, ids };
}
