import { codeWidth, queriesPerColumn, queriesPerTile, rowsPerCall } from "./wasm/kernels.ts";

/** Numbers at the head of a pass, as places of 32 bits. */
export const control = { stop: 0, next: 1, largestSquare: 2 } as const;
const controlBytes = 64;

/** What one pass of queries over all rows shares between threads: addresses in their memory, and sizes. */
export interface Pass {
  /** Tells passes apart. */
  id: number;
  precision: "float32" | "int8";
  dimensions: number;
  queries: number;
  /** Hits wanted of a query; never more than there are rows. */
  limit: number;
  /** Candidates that a thread holds for a query. */
  capacity: number;
  threads: number;
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
  /** float32 a query: the `limit`-th best product that some thread knows of. */
  bests: number;
  /** int32 a query, 1 where its candidates cannot be trusted. */
  doubts: number;
  /** For each thread, int32 a query: how many candidates it holds. */
  counts: number;
  /** For each thread and query, `capacity` products, and the rows they belong to. */
  scores: number;
  rows: number;
  /** For each query, `limit` rows and scores of its hits. */
  hitRows: number;
  hitScores: number;
}

/** Sizes that decide how many bytes a pass takes. */
export type PassShape = Pick<Pass, "precision" | "dimensions" | "limit" | "threads"> & {
  /** Rows of the index. */
  size: number;
};

/** Queries of a product that is made elsewhere: a multiple of those looked through at once. */
export const paddedQueries = (queries: number) => Math.ceil(queries / queriesPerColumn) * queriesPerColumn;

/** Room for candidates within the margin, and for one more call of the selection. */
const capacityOf = ({ limit, size }: PassShape) => Math.min(limit * 4, size) + rowsPerCall * 4;

/** Bytes that each query of a pass takes. */
export function bytesPerQuery(shape: PassShape): number {
  const { precision, dimensions, limit, threads } = shape;
  const codes = precision === "int8" ? codeWidth(dimensions) : 0;
  return dimensions * 4 + codes + 6 * 4 + threads * (4 + capacityOf(shape) * 8) + limit * 8;
}

/** Bytes of a pass beside those of its queries. */
export function bytesPerPass({ dimensions }: PassShape): number {
  return controlBytes + queriesPerTile * dimensions * 5 + queriesPerColumn * 4 + 32 * 16;
}

/** Places a pass at an address. */
export function layOutPass(
  address: number,
  { id, queries, shape }: { id: number; queries: number; shape: PassShape },
): Pass {
  const { precision, dimensions, limit, threads } = shape;
  const capacity = capacityOf(shape);
  let end = address;
  const take = (bytes: number) => {
    const start = end;
    end += Math.ceil(bytes / 16) * 16;
    return start;
  };
  const padded = queries + queriesPerTile;
  return {
    ...{ id, precision, dimensions, queries, limit, capacity, threads },
    control: take(controlBytes),
    queryRows: take(padded * dimensions * 4),
    queryCodes: take(precision === "int8" ? padded * codeWidth(dimensions) : 0),
    offsets: take(paddedQueries(queries) * 4),
    units: take(queries * 4),
    shifts: take(queries * 4),
    margins: take(queries * 4),
    bests: take(queries * 4),
    doubts: take(queries * 4),
    counts: take(threads * queries * 4),
    scores: take(threads * queries * capacity * 4),
    rows: take(threads * queries * capacity * 4),
    hitRows: take(queries * limit * 4),
    hitScores: take(queries * limit * 4),
  };
}
