/**
 * How the vectors of the tokens become the vector of a text. `mean-sqrt` divides their sum by the square root of their
 * number; `weighted-mean` weighs each by its place, from 1 on.
 */
export type Pooling = "mean" | "cls" | "last-token" | "max" | "mean-sqrt" | "weighted-mean";

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
    const weight = pooling === "weighted-mean" ? token + 1 : 1;
    for (let d = 0; d < dimensions; d++) {
      const value = data[row + d]!;
      if (pooling === "max") into[d] = Math.max(into[d]!, value);
      else into[d]! += weight * value;
    }
  }
  if (pooling === "max") return;
  const divisor = { mean: length, "mean-sqrt": Math.sqrt(length), "weighted-mean": (length * (length + 1)) / 2 };
  for (let d = 0; d < dimensions; d++) into[d]! /= divisor[pooling];
}

/** Scales a vector to length 1; a zero vector stays zero. */
export function normalizeVector(vector: Float32Array): void {
  let square = 0;
  for (const value of vector) square += value * value;
  const scale = square > 0 ? 1 / Math.sqrt(square) : 0;
  for (let d = 0; d < vector.length; d++) vector[d]! *= scale;
}
