import type { Pooling } from "./model-config.ts";

/** The last hidden state of a batch: `data[(text * tokens + token) * dimensions + d]`, and how many tokens of each text count. */
export interface HiddenState {
  data: Float32Array;
  tokens: number;
  dimensions: number;
  lengths: readonly number[];
}

/** Pools the text at `index` of a batch into `into`, over its own tokens and not the padding. */
export function poolText(
  { data, tokens, dimensions, lengths }: HiddenState,
  index: number,
  pooling: Pooling,
  into: Float32Array,
): void {
  const length = lengths[index]!;
  const start = index * tokens * dimensions;
  if (pooling === "cls" || pooling === "last-token") {
    const token = pooling === "cls" ? 0 : length - 1;
    into.set(data.subarray(start + token * dimensions, start + (token + 1) * dimensions));
    return;
  }
  into.fill(pooling === "max" ? Number.NEGATIVE_INFINITY : 0);
  for (let token = 0; token < length; token++) {
    const row = start + token * dimensions;
    for (let d = 0; d < dimensions; d++) {
      const value = data[row + d]!;
      if (pooling === "max") into[d] = Math.max(into[d]!, value);
      else into[d]! += value;
    }
  }
  if (pooling === "mean") for (let d = 0; d < dimensions; d++) into[d]! /= length;
}

/** Scales a vector to length 1; a zero vector stays zero. */
export function normalizeVector(vector: Float32Array): void {
  let square = 0;
  for (const value of vector) square += value * value;
  const scale = square > 0 ? 1 / Math.sqrt(square) : 0;
  for (let d = 0; d < vector.length; d++) vector[d]! *= scale;
}
