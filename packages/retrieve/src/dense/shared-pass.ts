import type { Vectors } from "@rag-instruct/core";
import { type CodeBounds, quantizeQuery } from "./quantize.ts";
import { codeWidth, queriesPerTile, rowsPerCall, type SharedMemory } from "./wasm/kernels.ts";
import { queriesPerColumn } from "./wasm/select-candidates.ts";

/** Numbers that threads share during a pass: 32 bits each, at these indexes from `Pass.control` on. */
export const control = {
  stop: 0,
  next: 1,
  /** Threads that have arrived at the barrier, and how often all threads have passed it. */
  arrived: 2,
  generation: 3,
  largestSquare: 4,
  longestCode: 5,
} as const;
const controlBytes = 64;

/** What decides how many bytes a pass takes. */
export interface PassShape {
  /** What the queries are multiplied with: codes of the vectors, or the vectors in float32 or in float64. */
  precision: "int8" | "float32" | "float64";
  /** How codes were rounded; see `CodeBounds`. Undefined for vectors. */
  rounding: CodeBounds["rounding"] | undefined;
  /** Whether ONNX Runtime multiplies rather than the kernels. */
  onRuntime: boolean;
  dimensions: number;
  /** Hits wanted for each query; never more than there are rows. */
  limit: number;
  threads: number;
  /** Rows of the index. */
  size: number;
  /** Address of the scales of all rows; used where codes are rounded at random. */
  scales: number;
}

/** One pass of queries over all rows: addresses and sizes of what the threads share in memory. */
export interface Pass extends PassShape {
  /** Tells passes apart. */
  id: number;
  queries: number;
  /** Candidates that a list holds. */
  capacity: number;
  /** Lists of each query: one for each thread, or one that threads use one after another. */
  lists: number;
  /** See {@link control}. */
  control: number;
  /** float32 rows, zeros behind the last. */
  queryRows: number;
  /** int8 rows, zeros behind the last. */
  queryCodes: number;
  /** int32 for each query: subtracted from products with codes, because codes are offset by `zero`. */
  offsets: number;
  /** float32 for each query: score = product × unit + shift. */
  units: number;
  shifts: number;
  /**
   * float32 for each query: how far below the `limit`-th best product that of a hit may be; with float32 vectors, divided by the
   * length of the longest row.
   */
  margins: number;
  /**
   * With codes rounded at random, float32 for each query: `lifts` times the scale of a row is added to its product, which makes it an upper
   * bound over the row's rounding; `reserves` is what the query's rounding may add to a score.
   */
  lifts: number;
  reserves: number;
  /** With codes rounded at random, float32 for each query: how far below the `limit`-th best score in float32 that of a hit may be. */
  floatMargins: number;
  /** float32 for each query: the highest `limit`-th best product that any thread has found. */
  bests: number;
  /** int32 for each query: 1 where its hits are in doubt and it has to be searched again, more precisely. */
  doubts: number;
  /** int32 for each list and query: how many candidates it holds. */
  counts: number;
  /** For each list and query, `capacity` products, and the rows that they belong to. */
  scores: number;
  rows: number;
  /** For each query, `limit` rows and scores of its hits. */
  hitRows: number;
  hitScores: number;
  /** See {@link scratchOf}. */
  scratch: number;
}

/** Queries that ONNX Runtime multiplies: a multiple of those that `selectColumns` handles at once. */
export const paddedQueries = (queries: number) => Math.ceil(queries / queriesPerColumn) * queriesPerColumn;

/** Room for candidates within the margin, and for those that one more call of a kernel appends. */
function capacityOf({ rounding, limit, size }: PassShape): number {
  const withinMargin = rounding === "random" ? 16 : 4;
  return Math.min(limit * withinMargin, size) + rowsPerCall * 4;
}

/** With products of the runtime, a query is handled by one thread at a time. */
const listsOf = ({ onRuntime, threads }: PassShape) => (onRuntime ? 1 : threads);

/** Bytes that each query of a pass takes. */
export function bytesPerQuery(shape: PassShape): number {
  const { precision, dimensions, limit } = shape;
  const lists = listsOf(shape);
  const codes = precision === "int8" ? codeWidth(dimensions) : 0;
  return dimensions * 4 + codes + 9 * 4 + lists * (4 + capacityOf(shape) * 8) + limit * 8;
}

/** Bytes of a pass besides those of its queries. */
export function bytesPerPass(shape: PassShape): number {
  const { dimensions, threads } = shape;
  const scratch = threads * scratchBytesOf(shape);
  return controlBytes + queriesPerTile * dimensions * 5 + queriesPerColumn * 4 + scratch + 32 * 16;
}

/** A thread merges the lists of a query there, and takes the lift off scores of codes rounded at random. */
function scratchBytesOf(shape: PassShape): number {
  const lists = listsOf(shape);
  const arrays = (lists > 1 ? 2 : 0) + (shape.rounding === "random" ? 1 : 0);
  return arrays * lists * capacityOf(shape) * 4;
}

/** Addresses of a thread's own space, with room for all lists of a query. */
export function scratchOf(pass: Pass, thread: number) {
  const [bytes, start] = [pass.lists * pass.capacity * 4, pass.scratch + thread * scratchBytesOf(pass)];
  const merged = pass.lists > 1 ? 2 : 0;
  return { scores: start, rows: start + bytes, unlifted: start + merged * bytes };
}

/** Lays a pass out from an address on. */
export function layOutPass(
  address: number,
  { id, queries, shape }: { id: number; queries: number; shape: PassShape },
): Pass {
  const { dimensions, limit } = shape;
  const [capacity, lists] = [capacityOf(shape), listsOf(shape)];
  let end = address;
  const take = (bytes: number) => {
    const start = end;
    end += Math.ceil(bytes / 16) * 16;
    return start;
  };
  const padded = queries + queriesPerTile;
  return {
    ...shape,
    id,
    queries,
    capacity,
    lists,
    control: take(controlBytes),
    queryRows: take(padded * dimensions * 4),
    queryCodes: take(shape.precision === "int8" ? padded * codeWidth(dimensions) : 0),
    offsets: take(paddedQueries(queries) * 4),
    units: take(queries * 4),
    shifts: take(queries * 4),
    margins: take(queries * 4),
    lifts: take(queries * 4),
    reserves: take(queries * 4),
    floatMargins: take(queries * 4),
    bests: take(queries * 4),
    doubts: take(queries * 4),
    counts: take(lists * queries * 4),
    scores: take(lists * queries * capacity * 4),
    rows: take(lists * queries * capacity * 4),
    hitRows: take(queries * limit * 4),
    hitScores: take(queries * limit * 4),
    scratch: take(shape.threads * scratchBytesOf(shape)),
  };
}

/** Standard deviations that an error of rounding is assumed to stay within. One sum exceeds it once in 740 times; both sums of a pair, hardly ever. */
const deviations = 3;
/** Relative error of one operation in float32. */
const rounding = 2 ** -24;

/** What is known of the rows. */
interface RowBounds {
  /** Sum of squares of the longest row, 0 while unknown. */
  largestSquare: number;
  codes?: CodeBounds | undefined;
}

/** Writes queries, bounds and empty lists into the memory of a pass. */
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

/** The weighted sum of independent errors within a span of 1 each, the weights a vector of length 1, exceeds this once in 10^18 times (Hoeffding 1963). */
const largestRandom = Math.sqrt(Math.log(1e18) / 2);

/**
 * Writes the code and the bounds of a query. A product with a row's code differs from the score by two sums: the query times the row's
 * rounding errors, and the query's rounding errors times the code. Their standard deviation is about the product of the two lengths
 * divided by √dimensions.
 *
 * Where both are rounded at random, the errors are independent with mean 0, so that each sum has a proved bound. The row's is a
 * multiple of its scale, which is added to its product (`lifts`); the query's is kept in `reserves`. The threshold then is only a
 * guess near the score of the last hit: `rankCandidates` checks whether it was too high.
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
    // Rounding up or down at random by a step has a mean variance of a sixth of the step squared.
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
 * How far apart two products in float32 may be whose exact scores are equal, divided by the length of the row: a sum of n products in
 * any order is off by at most n × rounding × the product of the lengths (Higham 2002, 3.1).
 */
function floatMargin(length: number, dimensions: number): number {
  return 2.02 * (dimensions + 2) * rounding * length;
}

function lengthOf(vector: ArrayLike<number>): number {
  let squares = 0;
  for (let i = 0; i < vector.length; i++) squares += vector[i]! * vector[i]!;
  return Math.sqrt(squares);
}
