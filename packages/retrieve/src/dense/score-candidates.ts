import { type Candidates, keepBest } from "./candidates.ts";
import type { ScanTask, SharedRows } from "./scan-task.ts";
import type { Pass } from "./shared-pass.ts";
import type { ThreadSpace } from "./thread-space.ts";

/** As many times its expected size, an error of an int8 product is no longer believed to be one of rounding. */
const oddError = 1.5;

/** Replaces the products of merged candidates by exact scores; doubts a query whose products were further off than rounding allows. */
export function rescoreCandidates(space: ThreadSpace, { pass, rows, list }: ScanTask & { kind: "rescore" }): void {
  const { ints, floats, kernels } = space;
  const { dimensions, capacity } = pass;
  const listed = list && ints.subarray(list.address / 4, list.address / 4 + list.count);
  for (const { first: query } of space.pieces(pass, pass.queries, 1)) {
    const [score, row] = [pass.scores / 4 + query * capacity, pass.rows / 4 + query * capacity];
    const { unit, shift, bound } = expectedOf(space, pass, query);
    const count = ints[pass.counts / 4 + query]!;
    for (let i = 0; i < count; i++) {
      // Rows lie anywhere in memory: the next one is fetched while this one is multiplied.
      if (!listed && i + 1 < count) touchRow(space, rows, dimensions, ints[row + i + 1]!);
      const at = listed ? placeOf(listed, ints[row + i]!) : ints[row + i]! - rows.firstRow;
      if (at < 0) continue;
      const vector = space.asFloats(rows, dimensions, { first: at, count: 1 });
      const exact = kernels.exactProduct(vector, pass.queryRows + query * dimensions * 4);
      const error = Math.abs(floats[score + i]! * unit + shift - exact);
      floats[score + i] = exact;
      if (pass.precision === "int8" && !(error <= bound)) ints[pass.doubts / 4 + query] = 1;
    }
  }
}

function touchRow(
  { kernels }: ThreadSpace,
  { address, firstRow, dtype }: SharedRows,
  dimensions: number,
  row: number,
): void {
  const bytes = dimensions * (dtype === "float16" ? 2 : 4);
  const start = address + (row - firstRow) * bytes;
  kernels.touch(start, start + bytes);
}

function expectedOf({ floats }: ThreadSpace, pass: Pass, query: number) {
  const [unit, shift] = [floats[pass.units / 4 + query]!, floats[pass.shifts / 4 + query]!];
  return { unit, shift, bound: (floats[pass.margins / 4 + query]! / 2) * unit * oddError };
}

/** Replaces the products of the thread's own candidates in a block by exact scores, while its vectors are there. */
export function settleCandidates(
  space: ThreadSpace,
  candidates: Candidates,
  { pass, rows }: ScanTask & { kind: "settle" },
): void {
  const { ints, floats, kernels, thread } = space;
  const { dimensions, queries, capacity } = pass;
  for (let query = 0; query < queries; query++) {
    candidates.compact(query);
    const list = (thread * queries + query) * capacity;
    const count = ints[pass.counts / 4 + thread * queries + query]!;
    for (let i = list; i < list + count; i++) {
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
