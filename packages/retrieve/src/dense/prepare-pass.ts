import type { Vectors } from "@rag-instruct/core";
import { type CodeBounds, quantizeQuery } from "./quantize.ts";
import { control, type Pass } from "./shared-pass.ts";
import { codeWidth, queriesPerTile, type SharedMemory } from "./wasm/kernels.ts";

/** An error of rounding this many times its expected size does not happen: once in 740 with one, all but never with both of a pair. */
const deviations = 3;
/** Of one operation in float32. */
const rounding = 2 ** -24;

/** What is known of the rows. */
export interface RowBounds {
  /** Sum of squares of the longest row, 0 while unknown. */
  largestSquare: number;
  codes?: CodeBounds | undefined;
}

/** Writes queries, bounds and empty lists where a pass has its place. */
export function preparePass(
  memory: SharedMemory,
  pass: Pass,
  { queries, bounds }: { queries: Vectors; bounds: RowBounds },
): void {
  const { dimensions } = pass;
  const floats = (at: number, length = pass.queries) => new Float32Array(memory.buffer, at, length);
  const ints = (at: number, length = pass.queries) => new Int32Array(memory.buffer, at, length);
  ints(pass.control, 16).fill(0);
  floats(pass.control, 16)[control.largestSquare] = bounds.largestSquare;
  const rows = floats(pass.queryRows, (pass.queries + queriesPerTile) * dimensions).fill(0);
  rows.set(queries.data.subarray(0, pass.queries * dimensions));
  for (const at of [pass.margins, pass.lifts, pass.reserves, pass.floatMargins]) floats(at).fill(0);
  floats(pass.bests).fill(Number.NEGATIVE_INFINITY);
  ints(pass.doubts).fill(0);
  ints(pass.counts, pass.lists * pass.queries).fill(0);
  const margins = floats(pass.margins);
  const prepareCode = pass.precision === "int8" ? codePreparer(memory, pass, bounds) : undefined;
  for (let query = 0; query < pass.queries; query++) {
    const vector = rows.subarray(query * dimensions, (query + 1) * dimensions);
    if (prepareCode) prepareCode(query, vector);
    else if (pass.precision === "float32") margins[query] = floatMargin(lengthOf(vector), dimensions);
  }
}

/** A sum of errors that lie each in a span of 1, weighted by numbers of length 1, is larger once in 10^18 (Hoeffding 1963). */
const largestRandom = Math.sqrt(Math.log(1e18) / 2);

/**
 * Writes the code and the bounds of a query. The product with a row's code is off by the query times the row's rounding, and the query's rounding times the code: sums of
 * independent errors, whose deviation is near the product of the lengths / √dimensions.
 *
 * Where both were rounded at random, the errors are independent and right on the average for certain, so that each sum has a
 * bound: what the row's rounding may add is a multiple of its scale, which products with codes are lifted by; what the
 * query's may add is held in reserve. The threshold then need only be near the score of the last hit: `rankCandidates` sees
 * whether it was too high.
 */
function codePreparer(
  memory: SharedMemory,
  pass: Pass,
  bounds: RowBounds,
): (query: number, vector: Float32Array) => void {
  const { dimensions, onRuntime } = pass;
  const codes = bounds.codes!;
  const width = codeWidth(dimensions);
  const numbers = new Float32Array(memory.buffer);
  const offsets = new Int32Array(memory.buffer, pass.offsets, pass.queries);
  const centerLength = lengthOf(codes.center);
  return (query, vector) => {
    const put = (at: number, value: number) => {
      numbers[at / 4 + query] = value;
    };
    const queryCodes = new Int8Array(memory.buffer, pass.queryCodes + query * width, width);
    const code = quantizeQuery(vector, queryCodes, { rounding: codes.rounding, forKernel: !onRuntime });
    const inFloat32 = 2 ** -18 * code.length * (codes.largestLength + centerLength);
    offsets[query] = code.offset;
    put(pass.units, code.scale);
    put(pass.shifts, dot(vector, codes.center));
    if (code.scale === 0) return;
    if (codes.rounding === "nearest") {
      const error = Math.hypot(code.length * codes.largestError, code.error * codes.largestLength);
      const deviation = error / Math.sqrt(dimensions);
      put(pass.margins, (2 * (deviations * deviation + inFloat32)) / code.scale);
      return;
    }
    const lift = Math.ceil((largestRandom * 1.01 * code.length) / code.scale);
    const reserve = largestRandom * code.scale * codes.largestLength + inFloat32;
    // The variance of such an error is a sixth of its square on the average.
    const deviation = Math.hypot(code.length * codes.meanScale, code.scale * codes.largestLength) / Math.sqrt(6);
    offsets[query]! -= lift;
    put(pass.lifts, lift);
    put(pass.reserves, reserve);
    put(pass.floatMargins, floatMargin(code.length, dimensions) * Math.sqrt(bounds.largestSquare));
    put(pass.margins, (reserve + deviations * deviation) / code.scale);
  };
}

function dot(a: Float32Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/**
 * How far apart two sums in float32 may be whose scores are equal, a row's length left out: the sum of n products in any order
 * is off by at most n × rounding × the product of the lengths (Higham 2002, 3.1).
 */
function floatMargin(length: number, dimensions: number): number {
  return 2.02 * (dimensions + 2) * rounding * length;
}

function lengthOf(vector: ArrayLike<number>): number {
  let squares = 0;
  for (let i = 0; i < vector.length; i++) squares += vector[i]! * vector[i]!;
  return Math.sqrt(squares);
}
