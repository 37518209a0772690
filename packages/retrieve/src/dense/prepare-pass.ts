import type { Vectors } from "@rag-instruct/core";
import type { CodesFolder } from "./codes-folder.ts";
import { quantizeQuery } from "./quantize.ts";
import { control, type Pass } from "./shared-pass.ts";
import { codeWidth, queriesPerTile, type SharedMemory } from "./wasm/kernels.ts";

/** An error of rounding this many times its expected size does not happen: once in 740 with one, all but never with both of a pair. */
const deviations = 3;
/** Of one operation in float32. */
const rounding = 2 ** -24;

/** Writes queries, bounds and empty lists where a pass has its place. `largestSquare` is that of the rows, 0 while unknown. */
export function preparePass(
  memory: SharedMemory,
  pass: Pass,
  { queries, codes, largestSquare }: { queries: Vectors; codes: CodesFolder | undefined; largestSquare: number },
): void {
  const { dimensions } = pass;
  const floats = (at: number, length = pass.queries) => new Float32Array(memory.buffer, at, length);
  const ints = (at: number, length = pass.queries) => new Int32Array(memory.buffer, at, length);
  ints(pass.control, 16).fill(0);
  floats(pass.control, 16)[control.largestSquare] = largestSquare;
  const rows = floats(pass.queryRows, (pass.queries + queriesPerTile) * dimensions).fill(0);
  rows.set(queries.data.subarray(0, pass.queries * dimensions));
  floats(pass.bests).fill(Number.NEGATIVE_INFINITY);
  ints(pass.doubts).fill(0);
  ints(pass.counts, pass.threads * pass.queries).fill(0);
  for (let query = 0; query < pass.queries; query++) {
    const vector = rows.subarray(query * dimensions, (query + 1) * dimensions);
    if (codes && pass.precision === "int8") prepareCodes(memory, pass, { query, vector, codes });
    else {
      // The sum of n products in any order is off by at most n × rounding × the product of the lengths (Higham 2002, 3.1).
      floats(pass.margins)[query] = 2.02 * (dimensions + 2) * rounding * lengthOf(vector);
    }
  }
}

/**
 * The product with a row's code is off by the query times the row's rounding, and the query's rounding times the code: sums of
 * independent errors, as long vectors' roundings are, whose deviation is the product of the lengths / √dimensions.
 */
function prepareCodes(
  memory: SharedMemory,
  pass: Pass,
  { query, vector, codes }: { query: number; vector: Float32Array; codes: CodesFolder },
): void {
  const width = codeWidth(pass.dimensions);
  const floats = (at: number) => new Float32Array(memory.buffer, at, pass.queries);
  const code = quantizeQuery(vector, new Int8Array(memory.buffer, pass.queryCodes + query * width, width));
  const deviation =
    Math.hypot(code.length * codes.largestError, code.error * codes.largestLength) / Math.sqrt(pass.dimensions);
  const inFloat32 = 2 ** -18 * code.length * (codes.largestLength + lengthOf(codes.center));
  let shift = 0;
  for (let i = 0; i < pass.dimensions; i++) shift += vector[i]! * codes.center[i]!;
  new Int32Array(memory.buffer, pass.offsets, pass.queries)[query] = code.offset;
  floats(pass.units)[query] = code.scale;
  floats(pass.shifts)[query] = shift;
  floats(pass.margins)[query] = code.scale === 0 ? 0 : (2 * (deviations * deviation + inFloat32)) / code.scale;
}

function lengthOf(vector: ArrayLike<number>): number {
  let squares = 0;
  for (let i = 0; i < vector.length; i++) squares += vector[i]! ** 2;
  return Math.sqrt(squares);
}
