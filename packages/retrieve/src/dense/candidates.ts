import { control, type Pass, scratchOf } from "./shared-pass.ts";
import { atomicMax, type ThreadSpace } from "./thread-space.ts";
import { type Kernels, rowsPerCall } from "./wasm/kernels.ts";

/** Addresses of scores and of their rows, and how many they are. */
interface List {
  scores: number;
  rows: number;
  count: number;
}

/**
 * The rows that may still be hits, as one thread sees them in the memory that all share: a list for each query and thread, the
 * thread's own where no other is named. A row is left out only when at least `limit` rows are better than it by more than the
 * margin, so that products that are off by less than half the margin lose no hit. A list is in the order of its rows.
 */
export class Candidates {
  readonly #pass: Pass;
  readonly #ints: Int32Array;
  readonly #floats: Float32Array;
  readonly #kernels: Kernels;
  readonly #own: number;
  /** Room of this thread for all lists of a query. */
  readonly #scratch: ReturnType<typeof scratchOf>;
  /** Lists are compacted when they are longer than this: one number a query. */
  readonly #compactAbove: Int32Array;

  constructor({ floats, ints, kernels, thread }: ThreadSpace, pass: Pass) {
    this.#pass = pass;
    this.#ints = ints;
    this.#floats = floats;
    this.#kernels = kernels;
    this.#own = pass.lists > 1 ? thread : 0;
    this.#scratch = scratchOf(pass, thread);
    this.#compactAbove = new Int32Array(pass.queries).fill(this.#lengthToCompact(pass.limit));
  }

  /** What a product must reach to be a candidate. */
  threshold(query: number): number {
    const best = this.#floats[this.#pass.bests / 4 + query]!;
    return best === Number.NEGATIVE_INFINITY ? best : Math.fround(best - this.#marginOf(query));
  }

  /** Makes room for the products of one more call of a kernel. */
  makeRoom(query: number, list = this.#own): void {
    if (this.#ints[this.#countAt(query, list)]! > this.#compactAbove[query]!) this.compact(query, list);
  }

  /** Addresses to append at, with room for the products of one more call of a kernel. */
  room(query: number): { scores: number; rows: number } {
    this.makeRoom(query);
    const { scores, rows, count } = this.#listOf(query);
    return { scores: scores + count * 4, rows: rows + count * 4 };
  }

  /** Takes note of where the appended scores end. */
  appended(query: number, scoresEnd: number): void {
    this.#ints[this.#countAt(query)] = (scoresEnd - this.#listOf(query).scores) / 4;
  }

  /** Leaves out of a list what cannot be a hit. */
  compact(query: number, list = this.#own): void {
    const whole = this.#listOf(query, list);
    this.#raiseBest(query, whole);
    const kept = this.#keep(query, whole);
    this.#ints[this.#countAt(query, list)] = kept;
    this.#compactAbove[query] = this.#lengthToCompact(kept);
  }

  /** Brings the candidates of all threads into the first one's list, without those that cannot be hits. */
  merge(query: number): void {
    const { lists } = this.#pass;
    if (lists === 1) {
      this.compact(query);
      return;
    }
    const parts = Array.from({ length: lists }, (_, list) => this.#viewOf(this.#listOf(query, list)));
    const merged = { ...this.#scratch, count: parts.reduce((sum, { rows }) => sum + rows.length, 0) };
    mergeByRow(parts, this.#viewOf(merged));
    this.#raiseBest(query, merged);
    const first = this.#listOf(query, 0);
    const kept = this.#keep(query, merged);
    this.#ints[this.#countAt(query, 0)] = kept;
    const [from, to] = [this.#viewOf({ ...merged, count: kept }), this.#viewOf({ ...first, count: kept })];
    to.scores.set(from.scores);
    to.rows.set(from.rows);
  }

  /** Leaves out of merged candidates, whose scores are in float32 by now, what cannot be a hit. */
  prune(query: number): void {
    const { limit, floatMargins } = this.#pass;
    const list = this.#listOf(query, 0);
    const { scores, rows, count } = list;
    if (count <= limit) return;
    const least = this.#nearBest(list, Number.NEGATIVE_INFINITY) - this.#floats[floatMargins / 4 + query]!;
    this.#ints[this.#countAt(query, 0)] = this.#kernels.keepAtLeast(scores, rows, scores + count * 4, least);
  }

  #countAt(query: number, list = this.#own): number {
    return this.#pass.counts / 4 + list * this.#pass.queries + query;
  }

  #listOf(query: number, list = this.#own): List {
    const { queries, capacity, scores, rows } = this.#pass;
    const before = (list * queries + query) * capacity * 4;
    return { scores: scores + before, rows: rows + before, count: this.#ints[this.#countAt(query, list)]! };
  }

  /** The length that a list may grow to after `kept` of it were left: compacting often keeps the threshold high, but takes time. */
  #lengthToCompact(kept: number): number {
    const { limit, capacity } = this.#pass;
    return Math.min(kept + Math.max(limit * 2, kept), capacity - rowsPerCall);
  }

  #marginOf(query: number): number {
    const margin = this.#floats[this.#pass.margins / 4 + query]!;
    if (this.#pass.precision === "int8") return margin;
    return margin * Math.sqrt(this.#floats[this.#pass.control / 4 + control.largestSquare]!);
  }

  /**
   * Moves what reaches the threshold to the front. Where that is too much for a list, keeps only the `limit` best, which are certain
   * to be the hits only in float64.
   */
  #keep(query: number, list: List): number {
    const { precision, doubts, capacity, limit } = this.#pass;
    const { scores, rows, count } = list;
    const kept = this.#kernels.keepAtLeast(scores, rows, scores + count * 4, this.threshold(query));
    if (kept <= capacity - rowsPerCall) return kept;
    if (precision !== "float64") this.#ints[doubts / 4 + query] = 1;
    return keepBestInOrder(this.#viewOf({ ...list, count: kept }), limit);
  }

  #raiseBest(query: number, { scores, rows, count }: List): void {
    const { limit, lifts, scales, bests } = this.#pass;
    if (count < limit) return;
    const lift = this.#floats[lifts / 4 + query]!;
    const { unlifted } = this.#scratch;
    if (lift !== 0) this.#kernels.unlift(scores, rows, scores + count * 4, unlifted, scales, lift);
    const best = this.#nearBest({ scores: lift === 0 ? scores : unlifted, count }, this.#floats[bests / 4 + query]!);
    atomicMax(this.#ints, bests / 4 + query, best);
  }

  /** A number just below the `limit`-th best of a list, or `least` where fewer than `limit` reach that. */
  #nearBest({ scores, count }: Omit<List, "rows">, least: number): number {
    const end = scores + count * 4;
    return nearKthLargest((number) => this.#kernels.countAtLeast(scores, end, number), this.#pass.limit, least);
  }

  #viewOf({ scores, rows, count }: List): Ranked {
    return {
      scores: this.#floats.subarray(scores / 4, scores / 4 + count),
      rows: this.#ints.subarray(rows / 4, rows / 4 + count),
    };
  }
}

interface Ranked {
  scores: Float32Array;
  rows: Int32Array;
}

/** Merges lists that are in the order of their rows. */
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

/** Keeps only the best of a list, in the order of their rows, and returns how many they are. */
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

// The bits of a float32 as a whole number that sorts in descending order of the float; it is the high word, as numbers are little-endian.
const flipped = (bits: number) => (bits >>> 31 ? bits : ~bits & 0x7fffffff) >>> 0;
const unflipped = (word: number) => (word >>> 31 ? word : ~word & 0x7fffffff) >>> 0;
// Turns -0 into 0, which would otherwise sort apart.
const plusZero = (score: number) => score + 0;

/** How many adjacent float32 numbers the result may be below the k-th largest: one part in 16,384 of it. */
const maxSteps = 2 ** 9;

/**
 * A float32 number that is at most the k-th largest of a list, and very near it; `least` where fewer than `k` reach that. Found by
 * bisection over all float32 numbers.
 * @param reach how many of the list are at least a number
 */
export function nearKthLargest(reach: (number: number) => number, k: number, least: number): number {
  if (reach(least) < k) return least;
  let [low, high] = [placeOf(least), placeOf(Number.POSITIVE_INFINITY) + 1];
  while (high - low > maxSteps) {
    const middle = Math.floor((low + high) / 2);
    if (reach(numberAt(middle)) >= k) low = middle;
    else high = middle;
  }
  return numberAt(low);
}

// The place of a float32 number among all of them in ascending order.
const [float, bits] = ((buffer) => [new Float32Array(buffer), new Int32Array(buffer)] as const)(new ArrayBuffer(4));
const inOrder = (bits: number) => (bits < 0 ? bits ^ 0x7fffffff : bits);
function placeOf(number: number): number {
  float[0] = number;
  return inOrder(bits[0]!);
}
function numberAt(place: number): number {
  bits[0] = inOrder(place);
  return float[0]!;
}
