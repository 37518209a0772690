import { nearKthLargest } from "./kth-largest.ts";
import { raiseShared } from "./raise-shared.ts";
import { control, type Pass, scratchOf } from "./shared-pass.ts";
import type { ThreadSpace } from "./thread-space.ts";
import { rowsPerCall } from "./wasm/kernels.ts";

/**
 * The rows that may still be hits, in lists: one a query and thread, the thread's own where no other is named. A row is left
 * out only when at least `limit` rows are better than it by more than the margin, so that products that are off by less than
 * half the margin lose no hit. A list is in the order of its rows.
 */
export interface Candidates {
  /** Makes room for the products of one more call. */
  makeRoom(query: number, list?: number): void;
  /** Addresses to append at, with room for the products of one more call. */
  room(query: number): { scores: number; rows: number };
  /** Takes note of where the appended scores end. */
  appended(query: number, scoresEnd: number): void;
  /** What a product must reach. */
  threshold(query: number): number;
  /** Leaves out of a list what cannot be a hit. */
  compact(query: number, list?: number): void;
  /** Brings the candidates of all threads into the first one's list, without those that cannot be hits. */
  merge(query: number): void;
  /** Leaves out of merged candidates, whose scores are in float32 by now, what cannot be a hit. */
  sift(query: number): void;
}

/** Addresses of scores and of their rows, and how many they are. */
interface List {
  scores: number;
  rows: number;
  count: number;
}

/** Candidates of one thread over the memory that all share. */
export function candidatesOf({ floats, ints, kernels, thread }: ThreadSpace, pass: Pass): Candidates {
  const { queries, capacity, limit, lists } = pass;
  const own = lists > 1 ? thread : 0;
  const countAt = (query: number, of = own) => pass.counts / 4 + of * queries + query;
  const listOf = (query: number, of = own): List => {
    const before = (of * queries + query) * capacity * 4;
    return { scores: pass.scores + before, rows: pass.rows + before, count: ints[countAt(query, of)]! };
  };
  // So many candidates of a query are looked through again: often enough that their threshold keeps others out, and no more.
  const ripeAfter = (kept: number) => Math.min(kept + Math.max(limit * 2, kept), capacity - rowsPerCall);
  const ripe = new Int32Array(queries).fill(ripeAfter(limit));
  const all = scratchOf(pass, thread);

  function marginOf(query: number): number {
    const margin = floats[pass.margins / 4 + query]!;
    if (pass.precision === "int8") return margin;
    return margin * Math.sqrt(floats[pass.control / 4 + control.largestSquare]!);
  }
  function threshold(query: number): number {
    const best = floats[pass.bests / 4 + query]!;
    return best === Number.NEGATIVE_INFINITY ? best : Math.fround(best - marginOf(query));
  }
  /**
   * Moves what reaches the threshold to the front; where that is too much for a list, the `limit` best alone, which are hits
   * for certain only in float64.
   */
  function keep(query: number, list: List): number {
    const kept = kernels.keepAtLeast(list.scores, list.rows, list.scores + list.count * 4, threshold(query));
    if (kept <= capacity - rowsPerCall) return kept;
    if (pass.precision !== "float64") ints[pass.doubts / 4 + query] = 1;
    return keepBestInOrder(viewOf({ ...list, count: kept }), limit);
  }
  function compact(query: number, of = own): void {
    const list = listOf(query, of);
    raiseBest(query, list);
    const kept = keep(query, list);
    ints[countAt(query, of)] = kept;
    ripe[query] = ripeAfter(kept);
  }
  function makeRoom(query: number, of = own): void {
    if (ints[countAt(query, of)]! > ripe[query]!) compact(query, of);
  }
  function raiseBest(query: number, { scores, rows, count }: List): void {
    if (count < limit) return;
    const lift = floats[pass.lifts / 4 + query]!;
    if (lift !== 0) kernels.unlift(scores, rows, scores + count * 4, all.unlifted, pass.scales, lift);
    const best = nearBest({ scores: lift === 0 ? scores : all.unlifted, count }, floats[pass.bests / 4 + query]!);
    raiseShared(ints, pass.bests / 4 + query, best);
  }
  /** Hardly less than the `limit`-th best of a list, unless so many do not reach even `least`. */
  function nearBest({ scores, count }: Omit<List, "rows">, least: number): number {
    const end = scores + count * 4;
    return nearKthLargest((number) => kernels.countAtLeast(scores, end, number), limit, least);
  }
  const viewOf = ({ scores, rows, count }: List): Ranked => ({
    scores: floats.subarray(scores / 4, scores / 4 + count),
    rows: ints.subarray(rows / 4, rows / 4 + count),
  });
  return {
    threshold,
    compact,
    makeRoom,
    room(query) {
      makeRoom(query);
      const { scores, rows, count } = listOf(query);
      return { scores: scores + count * 4, rows: rows + count * 4 };
    },
    appended(query, scoresEnd) {
      ints[countAt(query)] = (scoresEnd - listOf(query).scores) / 4;
    },
    merge(query) {
      if (lists === 1) return compact(query);
      const parts = Array.from({ length: lists }, (_, of) => viewOf(listOf(query, of)));
      const list = { ...all, count: parts.reduce((sum, { rows }) => sum + rows.length, 0) };
      mergeByRow(parts, viewOf(list));
      raiseBest(query, list);
      const [to, kept] = [listOf(query, 0), keep(query, list)];
      ints[countAt(query, 0)] = kept;
      const [from, into] = [viewOf({ ...list, count: kept }), viewOf({ ...to, count: kept })];
      into.scores.set(from.scores);
      into.rows.set(from.rows);
    },
    sift(query) {
      const list = listOf(query, 0);
      const { scores, rows, count } = list;
      if (count <= limit) return;
      const least = nearBest(list, Number.NEGATIVE_INFINITY) - floats[pass.floatMargins / 4 + query]!;
      ints[countAt(query, 0)] = kernels.keepAtLeast(scores, rows, scores + count * 4, least);
    },
  };
}

interface Ranked {
  scores: Float32Array;
  rows: Int32Array;
}

/** Brings lists in the order of their rows into one. */
function mergeByRow(lists: readonly Ranked[], into: Ranked): void {
  const next = lists.map(() => 0);
  for (let place = 0; place < into.rows.length; place++) {
    let first = -1;
    let row = Number.POSITIVE_INFINITY;
    for (let list = 0; list < lists.length; list++) {
      const head = lists[list]!.rows[next[list]!];
      if (head !== undefined && head < row) [first, row] = [list, head];
    }
    into.rows[place] = row;
    into.scores[place] = lists[first]!.scores[next[first]!++]!;
  }
}

/** Leaves the best of a list, in the order of their rows, and returns how many they are. */
function keepBestInOrder(list: Ranked, limit: number): number {
  const kept = keepBest(list, list, limit);
  const places = Array.from({ length: kept }, (_, i) => i).sort((a, b) => list.rows[a]! - list.rows[b]!);
  const [scores, rows] = [list.scores.slice(0, kept), list.rows.slice(0, kept)];
  for (const [to, from] of places.entries()) {
    list.scores[to] = scores[from]!;
    list.rows[to] = rows[from]!;
  }
  return kept;
}

/** Writes the best of a list, best first and of equals the earlier row first, and returns how many they are. */
export function keepBest(from: Ranked, to: Ranked, limit: number): number {
  const count = from.scores.length;
  const words = new Uint32Array(count * 2);
  const bits = new Uint32Array(Float32Array.from(from.scores, plusZero).buffer);
  for (let i = 0; i < count; i++) {
    words[i * 2] = from.rows[i]!;
    words[i * 2 + 1] = flipped(bits[i]!);
  }
  new BigUint64Array(words.buffer).sort();
  const kept = Math.min(limit, count);
  for (let i = 0; i < kept; i++) bits[i] = unflipped(words[i * 2 + 1]!);
  to.scores.set(new Float32Array(bits.buffer, 0, kept));
  for (let i = 0; i < kept; i++) to.rows[i] = words[i * 2]!;
  return kept;
}

// Bits of a float32 as a number that is smaller the larger the float is; the processor keeps the low word first.
const flipped = (bits: number) => (bits >>> 31 ? bits : ~bits & 0x7fffffff) >>> 0;
const unflipped = (word: number) => (word >>> 31 ? word : ~word & 0x7fffffff) >>> 0;
// -0 would stand behind 0.
const plusZero = (score: number) => score + 0;
