import type { VectorFolder } from "@rag-instruct/core/vectors";
import { bytesPerStep, largestCode, stepsPerGroup, zero } from "./wasm/int8-rows.ts";
import { codeWidth } from "./wasm/kernels.ts";

// A row is stored as `center + scale × (code - zero)`, with codes from 1 to 127: the sum of two products of 7-bit codes fits 16 bits.
const maxLaneSum = Math.floor(32_767 / 127);

/** How far rows are from what their codes stand for. */
interface RowErrors {
  /** Largest length of the difference between a row and what its code stands for. */
  error: number;
  /** Largest length of what a code stands for, without the center. */
  length: number;
}

/** What bounds the error of a product with codes. */
export type CodeBounds = {
  /** Subtracted from rows before they are rounded. */
  center: Float64Array;
  /** Of all rows; see {@link RowErrors}. */
  largestLength: number;
} & (
  | { rounding: "nearest"; largestError: number }
  /** Rounded up or down at random, so that the mean is right. */
  | { rounding: "random"; meanScale: number }
);

const rowsOfCenter = 4096;

/** The mean of the first rows. Any center gives right results; one near the mean keeps what all vectors share from costing precision. */
export async function centerOf(vectors: VectorFolder, signal: AbortSignal | undefined): Promise<Float64Array> {
  const center = new Float64Array(vectors.dimensions);
  for await (const { data, count } of vectors.blocks({ rows: rowsOfCenter, signal })) {
    for (let i = 0; i < count * vectors.dimensions; i++) center[i % vectors.dimensions]! += data[i]! / count;
    break;
  }
  return center;
}

/** Codes of float32 rows, symmetric about the center, each row with a scale of its own. Raises `errors` to those of the rows. */
export function quantizeRows(
  rows: Float32Array,
  {
    center,
    codes,
    scales,
    errors,
  }: { center: Float64Array; codes: Uint8Array; scales: Float32Array; errors: RowErrors },
): void {
  const dimensions = center.length;
  const width = codeWidth(dimensions);
  const count = rows.length / dimensions;
  codes.fill(zero, 0, count * width);
  for (let row = 0; row < count; row++) {
    const start = row * dimensions;
    let largest = 0;
    for (let i = 0; i < dimensions; i++) largest = Math.max(largest, Math.abs(rows[start + i]! - center[i]!));
    const scale = Math.fround(largest / largestCode);
    scales[row] = scale;
    if (scale === 0) continue;
    let [error, length] = [0, 0];
    for (let i = 0; i < dimensions; i++) {
      const value = rows[start + i]! - center[i]!;
      const code = Math.max(-largestCode, Math.min(largestCode, Math.round(value / scale)));
      codes[row * width + i] = code + zero;
      error += (value - code * scale) ** 2;
      length += (code * scale) ** 2;
    }
    errors.error = Math.max(errors.error, Math.sqrt(error));
    errors.length = Math.max(errors.length, Math.sqrt(length));
  }
}

/** A query as int8. */
interface QueryCode {
  /** The number that a step of the codes stands for; 0 for a query of zeros. */
  scale: number;
  /** `zero` times the sum of the codes. */
  offset: number;
  /** Length of the query, and of its difference from what the codes stand for. */
  length: number;
  error: number;
}

/**
 * Writes the codes of a query: as fine as 8 bits allow and, `forKernel`, coarse enough that no lane of the kernel can overflow,
 * whatever the row. A lane sums two products from each step of a group in 16 bits, of a query's code with a row's of 0 to 127.
 */
export function quantizeQuery(
  query: Float32Array,
  codes: Int8Array,
  { rounding, forKernel }: { rounding: CodeBounds["rounding"]; forKernel: boolean },
): QueryCode {
  const atRandom = rounding === "random";
  let [largest, squares] = [0, 0];
  for (let i = 0; i < query.length; i++) {
    const value = query[i]!;
    largest = Math.max(largest, Math.abs(value));
    squares += value * value;
  }
  codes.fill(0);
  const length = Math.sqrt(squares);
  if (largest === 0) return { scale: 0, offset: 0, length, error: 0 };
  const pairs = 2 * stepsPerGroup;
  // Rounding to the nearest adds at most a half to each number of a lane, rounding at random at most one.
  const forLanes = forKernel ? largestLaneSum(query) / (maxLaneSum - (atRandom ? pairs : pairs / 2)) : 0;
  const scale = Math.max(largest / 127, forLanes);
  let [sum, error] = [0, 0];
  for (let i = 0; i < query.length; i++) {
    const value = query[i]! / scale;
    const code = Math.min(127, Math.floor(value + (atRandom ? Math.random() : 0.5)));
    codes[i] = code;
    sum += code;
    error += (value - code) * (value - code);
  }
  return { scale, offset: sum * zero, length, error: Math.sqrt(error) * scale };
}

/** Largest sum of the positive, or of the negative, numbers of a query that one lane adds up. */
function largestLaneSum(query: Float32Array): number {
  const lanes = bytesPerStep / 2;
  let largest = 0;
  for (let group = 0; group < query.length; group += stepsPerGroup * bytesPerStep) {
    for (let lane = 0; lane < lanes; lane++) {
      let [positive, negative] = [0, 0];
      for (let at = group + lane * 2; at < group + stepsPerGroup * bytesPerStep; at += bytesPerStep) {
        for (let i = at; i < Math.min(at + 2, query.length); i++) {
          const value = query[i]!;
          if (value > 0) positive += value;
          else negative -= value;
        }
      }
      largest = Math.max(largest, positive, negative);
    }
  }
  return largest;
}
