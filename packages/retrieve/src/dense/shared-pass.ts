import type { CodeBounds } from "./quantize.ts";
import { codeWidth, queriesPerColumn, queriesPerTile, rowsPerCall } from "./wasm/kernels.ts";

/** Numbers at the head of a pass, as places of 32 bits. */
export const control = {
  stop: 0,
  next: 1,
  waiting: 2,
  meeting: 3,
  largestSquare: 4,
  longestCode: 5,
} as const;
const controlBytes = 64;

/** What decides how many bytes a pass takes. */
export interface PassShape {
  /** What the queries are multiplied with: codes of the vectors, or the vectors in float32 or in float64. */
  precision: "int8" | "float32" | "float64";
  /** Of the codes; see `CodeBounds`. Undefined for vectors. */
  rounding: CodeBounds["rounding"] | undefined;
  /** Whether ONNX Runtime multiplies, and not the kernels. */
  onRuntime: boolean;
  dimensions: number;
  /** Hits wanted of a query; never more than there are rows. */
  limit: number;
  threads: number;
  /** Rows of the index. */
  size: number;
  /** Of codes rounded at random: address of the scales of all rows. */
  scales: number;
}

/** What one pass of queries over all rows shares between threads: addresses in their memory, and sizes. */
export interface Pass extends PassShape {
  /** Tells passes apart. */
  id: number;
  queries: number;
  /** Candidates that a list holds. */
  capacity: number;
  /** Lists of a query: one for each thread, or one that all turn to one after another. */
  lists: number;
  /** See {@link control}. */
  control: number;
  /** float32 rows, zeros behind the last. */
  queryRows: number;
  /** int8 rows, zeros behind the last. */
  queryCodes: number;
  /** int32 a query: what the products with codes are above those with the numbers they stand for. */
  offsets: number;
  /** float32 a query: score = product × unit + shift. */
  units: number;
  shifts: number;
  /**
   * float32 a query: how far below the `limit`-th best product a row may lie and still be a hit; in float32, divided by the
   * length of the longest row.
   */
  margins: number;
  /**
   * Of codes rounded at random. float32 a query: how many times a row's scale its product is lifted, so that it stands for the most that
   * the row's rounding allows; and what the query's rounding may add to a score.
   */
  lifts: number;
  reserves: number;
  /** Of codes rounded at random. float32 a query: how far below the `limit`-th best score in float32 that of a hit may lie. */
  floatMargins: number;
  /** float32 a query: the `limit`-th best product that some thread knows of. */
  bests: number;
  /** int32 a query, 1 where its candidates cannot be trusted. */
  doubts: number;
  /** For each list, int32 a query: how many candidates it holds. */
  counts: number;
  /** For each list and query, `capacity` products, and the rows they belong to. */
  scores: number;
  rows: number;
  /** For each query, `limit` rows and scores of its hits. */
  hitRows: number;
  hitScores: number;
  /** See {@link scratchOf}. */
  scratch: number;
}

/** Queries of a product that is made elsewhere: a multiple of those looked through at once. */
export const paddedQueries = (queries: number) => Math.ceil(queries / queriesPerColumn) * queriesPerColumn;

/** Room for candidates within the margin, and for one more call of the selection. */
function capacityOf({ rounding, limit, size }: PassShape): number {
  const withinMargin = rounding === "random" ? 16 : 4;
  return Math.min(limit * withinMargin, size) + rowsPerCall * 4;
}

/** The threads turn to products of the runtime query by query. */
const listsOf = ({ onRuntime, threads }: PassShape) => (onRuntime ? 1 : threads);

/** Bytes that each query of a pass takes. */
export function bytesPerQuery(shape: PassShape): number {
  const { precision, dimensions, limit } = shape;
  const lists = listsOf(shape);
  const codes = precision === "int8" ? codeWidth(dimensions) : 0;
  return dimensions * 4 + codes + 9 * 4 + lists * (4 + capacityOf(shape) * 8) + limit * 8;
}

/** Bytes of a pass beside those of its queries. */
export function bytesPerPass(shape: PassShape): number {
  const { dimensions, threads } = shape;
  const scratch = threads * scratchBytesOf(shape);
  return controlBytes + queriesPerTile * dimensions * 5 + queriesPerColumn * 4 + scratch + 32 * 16;
}

/** Several lists of a query are brought together there, and the lift is taken off scores of codes rounded at random. */
function scratchBytesOf(shape: PassShape): number {
  const lists = listsOf(shape);
  const arrays = (lists > 1 ? 2 : 0) + (shape.rounding === "random" ? 1 : 0);
  return arrays * lists * capacityOf(shape) * 4;
}

/** Addresses of a thread's own room for all lists of a query. */
export function scratchOf(pass: Pass, thread: number) {
  const [bytes, start] = [pass.lists * pass.capacity * 4, pass.scratch + thread * scratchBytesOf(pass)];
  const merged = pass.lists > 1 ? 2 : 0;
  return { scores: start, rows: start + bytes, unlifted: start + merged * bytes };
}

/** Places a pass at an address. */
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
