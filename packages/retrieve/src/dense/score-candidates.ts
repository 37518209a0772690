import { type Candidates, keepBest } from "./candidates.ts";
import { rowBytes, type ScanTask, type SharedRows } from "./scan-task.ts";
import type { Pass } from "./shared-pass.ts";
import { decodedWidth, type ThreadSpace, windowRows } from "./thread-space.ts";

/** As many times its expected size, an error of an int8 product is no longer believed to be one of rounding. */
const oddError = 1.5;

/** Rows that a thread takes at once. */
const rowsPerPiece = 2048;

type Rescore = ScanTask & { kind: "rescore" };

/**
 * Replaces the products of merged candidates by scores in float32 or float64; doubts a query whose products were further off
 * than rounding allows. Goes along the rows in windows that stay in the second-level cache while all queries turn to them.
 */
export function rescoreCandidates(space: ThreadSpace, task: Rescore): void {
  const { ints } = space;
  const { pass, rows, list } = task;
  const { queries, capacity } = pass;
  const listed = list && ints.subarray(list.address / 4, list.address / 4 + list.count);
  const rowOf = (place: number) => (listed ? listed[place]! : rows.firstRow + place);
  const window = rowWindow(space, rows, { dimensions: pass.dimensions, listed });
  // Of each query, the next slot in its list.
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

/** A few rows as float32, each fetched when it is first asked for. */
interface RowWindow {
  size: number;
  /** Begins at another place of the rows. */
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
        // Misses of a row overlap when it is touched first.
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
  return { unit, shift, bound: (floats[pass.margins / 4 + query]! / 2) * unit * oddError };
}

/** Replaces the products of every thread's candidates in a block by exact scores, while its vectors are there. */
export function settleCandidates(
  space: ThreadSpace,
  candidates: Candidates,
  { pass, rows }: ScanTask & { kind: "settle" },
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

/** Writes the hits of merged candidates; doubts a query where a row that was left out could be one. */
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

/** The most that the score of a row can be that codes rounded at random left out. */
function leftOutBelow(floats: Float32Array, pass: Pass, query: number): number {
  const of = (array: number) => floats[array / 4 + query]!;
  const threshold = of(pass.bests) - of(pass.margins);
  return threshold * of(pass.units) + of(pass.shifts) + of(pass.reserves);
}

/** Place of the first number of an ascending list that is at least `least`; its length where none is. */
function placeFrom(list: Int32Array, least: number): number {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (list[middle]! < least) low = middle + 1;
    else high = middle;
  }
  return low;
}
