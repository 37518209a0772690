import { type Candidates, keepBest } from "./candidates.ts";
import type { ScanTask, SharedRows } from "./scan-task.ts";
import type { Pass } from "./shared-pass.ts";
import type { ThreadSpace } from "./thread-space.ts";

/** As many times its expected size, an error of an int8 product is no longer believed to be one of rounding. */
const oddError = 1.5;

/** Replaces the products of merged candidates by exact scores; doubts a query whose products were further off than rounding allows. */
export function rescoreCandidates(space: ThreadSpace, task: ScanTask & { kind: "rescore" }): void {
  const { pass, rows } = task;
  const { dimensions } = pass;
  const { starts, places, slots } = candidatesByPlace(space, task);
  for (const { first: window } of space.pieces(pass, starts.length - 1, 1)) {
    const [from, to] = [starts[window]!, starts[window + 1]!];
    // Where most rows of a window are wanted, they are fetched in order; else one while the one before is multiplied.
    const dense = to - from > rowsPerWindow / 2;
    if (dense) touchRows(space, rows, dimensions, window * rowsPerWindow, rowsPerWindow);
    const order = orderOfPlaces(places.subarray(from, to), window * rowsPerWindow);
    let place = -1;
    let vector = 0;
    for (const [i, at] of order.entries()) {
      if (places[from + at] !== place) {
        const next = order[i + 1];
        if (!dense && next !== undefined) touchRows(space, rows, dimensions, places[from + next]!, 1);
        place = places[from + at]!;
        vector = space.asFloats(rows, dimensions, { first: place, count: 1 });
      }
      rescoreOne(space, pass, { vector, slot: slots[from + at]! });
    }
  }
}

function rescoreOne(
  { ints, floats, kernels }: ThreadSpace,
  pass: Pass,
  { vector, slot }: { vector: number; slot: number },
): void {
  const query = Math.floor(slot / pass.capacity);
  const exact = kernels.exactProduct(vector, pass.queryRows + query * pass.dimensions * 4);
  const score = pass.scores / 4 + slot;
  if (pass.precision === "int8") {
    const { unit, shift, bound } = expectedOf(floats, pass, query);
    if (!(Math.abs(floats[score]! * unit + shift - exact) <= bound)) ints[pass.doubts / 4 + query] = 1;
  }
  floats[score] = exact;
}

/** Rows that queries share while they are in the second-level cache. */
const rowsPerWindow = 64;

/** Positions in a window's list of places, by place, so that a row is decoded once for all its queries; counting sort. */
function orderOfPlaces(places: Int32Array, firstPlace: number): Int32Array {
  const starts = new Int32Array(rowsPerWindow + 1);
  for (let i = 0; i < places.length; i++) starts[places[i]! - firstPlace + 1]!++;
  for (let row = 1; row < rowsPerWindow; row++) starts[row]! += starts[row - 1]!;
  const order = new Int32Array(places.length);
  for (let i = 0; i < places.length; i++) order[starts[places[i]! - firstPlace]!++] = i;
  return order;
}

/** Places of the merged candidates in a block and their slots in the lists, window after window of rows; counting sort. */
function candidatesByPlace(
  { ints }: ThreadSpace,
  { pass, rows, list }: ScanTask & { kind: "rescore" },
): { starts: Int32Array; places: Int32Array; slots: Int32Array } {
  const listed = list && ints.subarray(list.address / 4, list.address / 4 + list.count);
  const placeAt = (slot: number) => {
    const row = ints[pass.rows / 4 + slot]!;
    return listed ? placeOf(listed, row) : row - rows.firstRow;
  };
  const starts = new Int32Array(Math.ceil(rows.count / rowsPerWindow) + 1);
  const everySlot = (visit: (slot: number, place: number) => void) => {
    for (let query = 0; query < pass.queries; query++) {
      const first = query * pass.capacity;
      for (let slot = first; slot < first + ints[pass.counts / 4 + query]!; slot++) {
        const place = placeAt(slot);
        if (place >= 0 && place < rows.count) visit(slot, place);
      }
    }
  };
  everySlot((_, place) => starts[Math.floor(place / rowsPerWindow) + 1]!++);
  for (let window = 1; window < starts.length; window++) starts[window]! += starts[window - 1]!;
  const total = starts.at(-1)!;
  const [next, places, slots] = [starts.slice(), new Int32Array(total), new Int32Array(total)];
  everySlot((slot, place) => {
    const at = next[Math.floor(place / rowsPerWindow)]!++;
    places[at] = place;
    slots[at] = slot;
  });
  return { starts, places, slots };
}

function touchRows(
  { kernels }: ThreadSpace,
  { address, count, dtype }: SharedRows,
  dimensions: number,
  first: number,
  some: number,
): void {
  const bytes = dimensions * (dtype === "float16" ? 2 : 4);
  kernels.touch(address + first * bytes, address + Math.min(first + some, count) * bytes);
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
  const { dimensions, queries, capacity, threads } = pass;
  for (const { first: list } of space.pieces(pass, threads * queries, 1)) {
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

/** Writes the hits of merged candidates. */
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
  }
}

/** Place of a row in an ascending list, or -1. */
function placeOf(list: Int32Array, row: number): number {
  let [low, high] = [0, list.length - 1];
  while (low <= high) {
    const middle = (low + high) >> 1;
    if (list[middle]! === row) return middle;
    if (list[middle]! < row) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}
