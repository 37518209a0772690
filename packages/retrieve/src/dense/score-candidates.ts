import { type Candidates, keepBest } from "./candidates.ts";
import { rowBytes, type SharedRows } from "./row-store.ts";
import type { ScanTask } from "./scan-threads.ts";
import type { Pass } from "./shared-pass.ts";
import { decodedWidth, type ThreadSpace, windowRows } from "./thread-space.ts";

/** An error of an int8 product of more than this many times the bound cannot come from rounding alone. */
const errorTolerance = 1.5;

/** Rows that a thread takes at once. */
const rowsPerPiece = 2048;

type Rescore = ScanTask & { kind: "rescore" };

/**
 * Replaces the products of merged candidates by scores in float32 or float64; marks a query as doubtful whose products were further
 * off than rounding explains. Goes through the rows in windows that stay in the second-level cache while all queries use them.
 */
export function rescoreCandidates(space: ThreadSpace, task: Rescore): void {
  const { ints } = space;
  const { pass, rows, list } = task;
  const { queries, capacity } = pass;
  const listed = list && ints.subarray(list.address / 4, list.address / 4 + list.count);
  const rowOf = (place: number) => (listed ? listed[place]! : rows.firstRow + place);
  const window = rowWindow(space, rows, { dimensions: pass.dimensions, listed });
  // The next place in each query's list.
  const next = new Int32Array(queries);
  for (const { first, count } of space.pieces(pass, rows.count, rowsPerPiece)) {
    for (let query = 0; query < queries; query++) {
      const start = pass.rows / 4 + query * capacity;
      const candidates = ints.subarray(start, start + ints[pass.counts / 4 + query]!);
      next[query] = query * capacity + placeFrom(candidates, rowOf(first));
    }
    for (let start = first; start < first + count; start += window.size) {
      window.moveTo(start);
      rescoreWindow(space, task, { window, next, lastRow: rowOf(Math.min(start + window.size, first + count) - 1) });
    }
  }
}

function rescoreWindow(
  space: ThreadSpace,
  task: Rescore,
  { window, next, lastRow }: { window: RowWindow; next: Int32Array; lastRow: number },
): void {
  const { ints } = space;
  const { queries, capacity, counts, rows } = task.pass;
  for (let query = 0; query < queries; query++) {
    const end = query * capacity + ints[counts / 4 + query]!;
    let slot = next[query]!;
    for (; slot < end && ints[rows / 4 + slot]! <= lastRow; slot++) {
      rescoreOne(space, task, { query, slot, vector: window.addressOf(ints[rows / 4 + slot]!) });
    }
    next[query] = slot;
  }
}

function rescoreOne(
  { ints, floats, kernels }: ThreadSpace,
  { pass, in: precision }: Rescore,
  { query, slot, vector }: { query: number; slot: number; vector: number },
): void {
  const product = precision === "float32" ? kernels.floatProduct : kernels.exactProduct;
  const score = product(vector, pass.queryRows + query * pass.dimensions * 4);
  const place = pass.scores / 4 + slot;
  if (pass.rounding === "nearest") {
    const { unit, shift, bound } = expectedOf(floats, pass, query);
    if (!(Math.abs(floats[place]! * unit + shift - score) <= bound)) ints[pass.doubts / 4 + query] = 1;
  }
  floats[place] = score;
}

/** Some adjacent rows as float32, each decoded or brought into the cache when it is first asked for. */
interface RowWindow {
  size: number;
  /** Moves the window to start at another row. */
  moveTo(place: number): void;
  addressOf(row: number): number;
}

function rowWindow(
  { kernels, own }: ThreadSpace,
  { address, dtype, firstRow }: SharedRows,
  { dimensions, listed }: { dimensions: number; listed: Int32Array | undefined },
): RowWindow {
  const [size, bytes] = [windowRows(dimensions), rowBytes(dtype, dimensions)];
  const fetched = new Uint8Array(size);
  let first = 0;
  return {
    size,
    moveTo(place) {
      first = place;
      fetched.fill(0);
    },
    addressOf(row) {
      const place = listed ? placeFrom(listed, row) : row - firstRow;
      const isNew = fetched[place - first] === 0;
      fetched[place - first] = 1;
      const stored = address + place * bytes;
      if (dtype === "float32") {
        // Touching the whole row first lets its cache misses overlap.
        if (isNew) kernels.touch(stored, stored + bytes);
        return stored;
      }
      const vector = own.floats + (place - first) * decodedWidth(dimensions) * 4;
      if (isNew) kernels.decodeHalves(stored, vector, vector + dimensions * 4);
      return vector;
    },
  };
}

function expectedOf(floats: Float32Array, pass: Pass, query: number) {
  const [unit, shift] = [floats[pass.units / 4 + query]!, floats[pass.shifts / 4 + query]!];
  return { unit, shift, bound: (floats[pass.margins / 4 + query]! / 2) * unit * errorTolerance };
}

/** Replaces the products of all threads' candidates in a block by exact scores, while the block is in memory. */
export function scoreBlockCandidates(
  space: ThreadSpace,
  candidates: Candidates,
  { pass, rows }: ScanTask & { kind: "scoreBlock" },
): void {
  const { ints, floats, kernels } = space;
  const { dimensions, queries, capacity, lists } = pass;
  for (const { first: list } of space.pieces(pass, lists * queries, 1)) {
    const [of, query] = [Math.floor(list / queries), list % queries];
    candidates.compact(query, of);
    const count = ints[pass.counts / 4 + list]!;
    for (let i = list * capacity; i < list * capacity + count; i++) {
      const first = ints[pass.rows / 4 + i]! - rows.firstRow;
      if (first < 0) continue;
      const vector = space.asFloats(rows, dimensions, { first, count: 1 });
      floats[pass.scores / 4 + i] = kernels.exactProduct(vector, pass.queryRows + query * dimensions * 4);
    }
  }
}

/** Writes the best of the merged candidates as hits; marks a query as doubtful where a row that was left out could be a hit. */
export function rankCandidates({ pieces, ints, floats }: ThreadSpace, { pass }: ScanTask & { kind: "rank" }): void {
  const { limit, capacity } = pass;
  for (const { first: query } of pieces(pass, pass.queries, 1)) {
    const count = ints[pass.counts / 4 + query]!;
    const [score, row] = [pass.scores / 4 + query * capacity, pass.rows / 4 + query * capacity];
    const [hitScore, hitRow] = [pass.hitScores / 4 + query * limit, pass.hitRows / 4 + query * limit];
    const found = { scores: floats.subarray(score, score + count), rows: ints.subarray(row, row + count) };
    const hits = { scores: floats.subarray(hitScore, hitScore + limit), rows: ints.subarray(hitRow, hitRow + limit) };
    const kept = keepBest(found, hits, limit);
    hits.scores.fill(Number.NEGATIVE_INFINITY, kept);
    hits.rows.fill(-1, kept);
    if (pass.rounding === "random" && hits.scores[kept - 1]! < leftOutBelow(floats, pass, query)) {
      ints[pass.doubts / 4 + query] = 1;
    }
  }
}

/** The highest score that a row can have that was left out by its code, with codes rounded at random. */
function leftOutBelow(floats: Float32Array, pass: Pass, query: number): number {
  const of = (array: number) => floats[array / 4 + query]!;
  const threshold = of(pass.bests) - of(pass.margins);
  return threshold * of(pass.units) + of(pass.shifts) + of(pass.reserves);
}

/** Index of the first number of an ascending list that is at least `least`; the list's length where there is none. */
function placeFrom(list: Int32Array, least: number): number {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (list[middle]! < least) low = middle + 1;
    else high = middle;
  }
  return low;
}
