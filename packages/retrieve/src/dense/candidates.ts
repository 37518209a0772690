import { kthLargest } from "./kth-largest.ts";
import { control, type Pass } from "./shared-pass.ts";
import { rowsPerCall } from "./wasm/kernels.ts";

/**
 * The rows that may still be hits, in lists: one a query and thread, the thread's own where no other is named. A row is left
 * out only when at least `limit` rows are better than it by more than the margin, so that products that are off by less than
 * half the margin lose no hit.
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
}

/** Candidates of one thread over the memory that all share. */
export function candidatesOf(memory: SharedArrayBuffer, pass: Pass, thread: number): Candidates {
  const { queries, capacity, limit, threads } = pass;
  const [floats, ints] = [new Float32Array(memory), new Int32Array(memory)];
  const bests = floats.subarray(pass.bests / 4, pass.bests / 4 + queries);
  const countAt = (query: number, of = thread) => pass.counts / 4 + of * queries + query;
  const listAt = (query: number, of = thread) => (of * queries + query) * capacity;
  // So many candidates of a query are looked through again: often enough that their threshold keeps others out, and no more.
  const ripeAfter = (kept: number) => Math.min(kept + limit * 2, capacity - rowsPerCall);
  const ripe = new Int32Array(queries).fill(ripeAfter(limit));
  const space = { sorted: new Float32Array(capacity * threads), ...emptyList(capacity * threads) };

  function marginOf(query: number): number {
    const margin = floats[pass.margins / 4 + query]!;
    if (pass.precision === "int8") return margin;
    return margin * Math.sqrt(floats[pass.control / 4 + control.largestSquare]!);
  }
  function threshold(query: number): number {
    const best = bests[query]!;
    return best === Number.NEGATIVE_INFINITY ? best : Math.fround(best - marginOf(query));
  }
  /** Moves what reaches the threshold to the front; where that is too much for a list, the `limit` best alone. */
  function keep(query: number, { scores, rows }: Ranked): number {
    const least = threshold(query);
    let kept = 0;
    for (let i = 0; i < scores.length; i++) {
      const score = scores[i]!;
      if (!(score >= least)) continue;
      scores[kept] = score;
      rows[kept++] = rows[i]!;
    }
    if (kept <= capacity - rowsPerCall) return kept;
    ints[pass.doubts / 4 + query] = 1;
    return keepBest({ scores: scores.subarray(0, kept), rows: rows.subarray(0, kept) }, { scores, rows }, limit);
  }
  function compact(query: number, of = thread): void {
    const [count, list] = [ints[countAt(query, of)]!, listAt(query, of)];
    const scores = floats.subarray(pass.scores / 4 + list, pass.scores / 4 + list + count);
    const rows = ints.subarray(pass.rows / 4 + list, pass.rows / 4 + list + count);
    raiseBest(query, scores);
    const kept = keep(query, { scores, rows });
    ints[countAt(query, of)] = kept;
    ripe[query] = ripeAfter(kept);
  }
  function makeRoom(query: number, of = thread): void {
    if (ints[countAt(query, of)]! > ripe[query]!) compact(query, of);
  }
  function raiseBest(query: number, scores: Float32Array): void {
    if (scores.length < limit) return;
    const copy = space.sorted.subarray(0, scores.length);
    copy.set(scores);
    bests[query] = Math.max(bests[query]!, kthLargest(copy, limit));
  }
  return {
    threshold,
    compact,
    makeRoom,
    room(query) {
      makeRoom(query);
      const place = (listAt(query) + ints[countAt(query)]!) * 4;
      return { scores: pass.scores + place, rows: pass.rows + place };
    },
    appended(query, scoresEnd) {
      ints[countAt(query)] = (scoresEnd - pass.scores) / 4 - listAt(query);
    },
    merge(query) {
      let total = 0;
      for (let of = 0; of < threads; of++) {
        const [list, count] = [listAt(query, of), ints[countAt(query, of)]!];
        space.scores.set(floats.subarray(pass.scores / 4 + list, pass.scores / 4 + list + count), total);
        space.rows.set(ints.subarray(pass.rows / 4 + list, pass.rows / 4 + list + count), total);
        total += count;
      }
      const all = { scores: space.scores.subarray(0, total), rows: space.rows.subarray(0, total) };
      raiseBest(query, all.scores);
      const kept = keep(query, all);
      floats.set(all.scores.subarray(0, kept), pass.scores / 4 + listAt(query, 0));
      ints.set(all.rows.subarray(0, kept), pass.rows / 4 + listAt(query, 0));
      ints[countAt(query, 0)] = kept;
    },
  };
}

const emptyList = (size: number): Ranked => ({ scores: new Float32Array(size), rows: new Int32Array(size) });

interface Ranked {
  scores: Float32Array;
  rows: Int32Array;
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
