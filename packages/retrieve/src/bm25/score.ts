import type { Postings } from "./postings.ts";
import { storedLength } from "./stored-length.ts";

/** Fills in the best rows and their scores, best first; the rest is left as it is. */
export type Scorer = (terms: readonly string[], into: { rows: Int32Array; scores: Float32Array }) => void;

/**
 * BM25 as Lucene scores it (Robertson and Zaragoza 2009, without the constant factor k1 + 1):
 * sum over query terms of ln(1 + (N − df + 0.5) / (df + 0.5)) · tf / (tf + k1 · (1 − b + b · length / mean length)),
 * with the length as {@link storedLength} rounds it.
 */
export function prepareScorer(postings: Postings, { k1, b }: { k1: number; b: number }): Scorer {
  const { terms, offsets, rows, frequencies, lengths } = postings;
  const count = lengths.length;
  const termIds = new Map(terms.map((term, id) => [term, id]));
  const mean = lengths.reduce((sum, length) => sum + length, 0) / count || 1;
  const norms = Float32Array.from(lengths, (length) => k1 * (1 - b + (b * storedLength(length)) / mean));
  const sums = new Float32Array(count);

  return (queryTerms, into) => {
    sums.fill(0);
    for (const term of queryTerms) {
      const id = termIds.get(term);
      if (id === undefined) continue;
      const [from, to] = [offsets[id]!, offsets[id + 1]!];
      const idf = Math.log(1 + (count - (to - from) + 0.5) / (to - from + 0.5));
      for (let i = from; i < to; i++) {
        const row = rows[i]!;
        const frequency = frequencies[i]!;
        sums[row]! += (idf * frequency) / (frequency + norms[row]!);
      }
    }
    takeBest(sums, into);
  };
}

/** A heap of the best so far with the worst on top; of equal scores the earlier row is the better. */
function takeBest(sums: Float32Array, { rows, scores }: { rows: Int32Array; scores: Float32Array }): void {
  const limit = rows.length;
  const heap: number[] = [];
  const isWorse = (a: number, b: number) => sums[a]! < sums[b]! || (sums[a] === sums[b] && a > b);
  for (let row = 0; row < sums.length; row++) {
    if (sums[row] === 0) continue;
    if (heap.length < limit) {
      heap.push(row);
      siftUp(heap, isWorse);
    } else if (isWorse(heap[0]!, row)) {
      heap[0] = row;
      siftDown(heap, isWorse);
    }
  }
  heap.sort((a, b) => (isWorse(a, b) ? 1 : -1));
  for (const [place, row] of heap.entries()) {
    rows[place] = row;
    scores[place] = sums[row]!;
  }
}

function siftUp(heap: number[], isWorse: (a: number, b: number) => boolean): void {
  for (let at = heap.length - 1; at > 0; ) {
    const parent = (at - 1) >> 1;
    if (!isWorse(heap[at]!, heap[parent]!)) return;
    [heap[at], heap[parent]] = [heap[parent]!, heap[at]!];
    at = parent;
  }
}

function siftDown(heap: number[], isWorse: (a: number, b: number) => boolean): void {
  for (let at = 0; ; ) {
    let worst = at;
    for (const child of [2 * at + 1, 2 * at + 2]) {
      if (child < heap.length && isWorse(heap[child]!, heap[worst]!)) worst = child;
    }
    if (worst === at) return;
    [heap[at], heap[worst]] = [heap[worst]!, heap[at]!];
    at = worst;
  }
}
