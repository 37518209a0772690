import { dropBelow, newHistogram, rowSorter, type Sums, thresholdOf } from "./best-rows.ts";
import { fewestSkipped, isDense, skipShift } from "./skip-table.ts";

/** The postings of an index, in memory that threads can share. */
export interface Postings {
  passages: number;
  /** The postings of term t stand at `offsets[t]` to `offsets[t + 1]`. */
  offsets: Uint32Array;
  /** Ascending within a term. */
  rows: Uint32Array;
  codes: Uint16Array;
  /** Largest impact of each term. */
  peaks: Float32Array;
  skipOffsets: Uint32Array;
  skips: Uint32Array;
  /** Codes by row, of one dense term after another. */
  dense: Uint16Array;
  /** What a posting's code adds, before the term's weight. */
  impacts: Float32Array;
}

/** The distinct terms of a query; a weight is the idf times how often the query has the term. */
export interface WeightedTerms {
  terms: Uint32Array;
  weights: Float64Array;
}

/** Fills in the best rows and their scores, best first, ties by row; places for which there is no hit are left as they are. */
export type Scorer = (query: WeightedTerms, into: { rows: Int32Array; scores: Float32Array }) => void;

// Rounding must never drop a row that belongs among the best, and scores equal as float32 are ties.
const slack = 1 - 2 ** -18;
// A look-up in a skip table costs about as much as reading so many postings.
const postingsPerLookup = 8;

/**
 * Scores term at a time, the terms that can add most first. As soon as the terms left cannot lift a new row among the
 * best (max-score, Turtle and Flood 1995), only rows already found are looked up in them, fewer with each term. Before that, a
 * new row is taken in only if its own impact and the terms left could lift it among the best. Exact.
 */
export function prepareScorer(postings: Postings): Scorer {
  const { offsets, rows, codes, peaks, impacts, passages } = postings;
  const sums: Sums = { values: new Float32Array(passages), found: new Uint32Array(1 << 12), count: 0 };
  const histogram = newHistogram();
  const sortRows = rowSorter();
  const denseTerms = findDense(postings);

  function addAll(term: number, weight: number, needed: number): void {
    const [from, to] = [offsets[term]!, offsets[term + 1]!];
    if (sums.count + to - from > sums.found.length) sums.found = roomFor(sums, to - from);
    const { values, found } = sums;
    let { count } = sums;
    for (let i = from; i < to; i++) {
      const row = rows[i]!;
      const before = values[row]!;
      const impact = impacts[codes[i]!]!;
      if (before === 0) {
        if (impact < needed) continue;
        found[count++] = row;
      }
      values[row] = before + weight * impact;
    }
    sums.count = count;
  }
  function addToFound(term: number, weight: number): void {
    const dense = denseTerms.get(term);
    if (dense) {
      const { values, found, count } = sums;
      for (let i = 0; i < count; i++) values[found[i]!]! += weight * impacts[dense[found[i]!]!]!;
      return;
    }
    const [from, to] = [offsets[term]!, offsets[term + 1]!];
    if (to - from >= fewestSkipped && to - from > sums.count * postingsPerLookup) {
      lookUpFound(postings, sums, { term, weight });
      return;
    }
    const { values } = sums;
    for (let i = from; i < to; i++) {
      const row = rows[i]!;
      if (values[row]! !== 0) values[row]! += weight * impacts[codes[i]!]!;
    }
  }

  return (query, into) => {
    const { terms, weights, rest } = byBound(query, peaks);
    const limit = into.rows.length;
    const most = rest[0]!;
    const threshold = () => thresholdOf(sums, { limit, most, histogram });
    let least = 0;
    let next = 0;
    for (; next < terms.length && rest[next]! >= least * slack; next++) {
      const term = terms[next]!;
      // Worth a pass over the rows found only where it may save reading more postings than that.
      if (next > 0 && offsets[term + 1]! - offsets[term]! > sums.count) {
        least = Math.max(least, threshold());
        if (rest[next]! < least * slack) break;
        // A row dropped here and found again has too low a sum, but even its full one is below the best.
        dropBelow(sums, least * slack - rest[next]!);
      }
      addAll(term, weights[next]!, (least * slack - rest[next + 1]!) / weights[next]!);
    }
    for (; next < terms.length; next++) {
      least = Math.max(least, threshold());
      dropBelow(sums, least * slack - rest[next]!);
      addToFound(terms[next]!, weights[next]!);
    }
    if (sums.count > limit) dropBelow(sums, threshold() * slack);
    sortRows(sums, into);
    for (let i = 0; i < sums.count; i++) sums.values[sums.found[i]!] = 0;
    sums.count = 0;
  };
}

function lookUpFound(postings: Postings, sums: Sums, { term, weight }: { term: number; weight: number }): void {
  const { offsets, rows, codes, impacts, skips, skipOffsets, passages } = postings;
  const { values, found, count } = sums;
  const from = offsets[term]!;
  const skip = skipOffsets[term]!;
  const shift = skipShift(passages, offsets[term + 1]! - from);
  for (let i = 0; i < count; i++) {
    const row = found[i]!;
    const bucket = skip + (row >>> shift);
    const end = from + skips[bucket + 1]!;
    let place = from + skips[bucket]!;
    while (place < end && rows[place]! < row) place++;
    if (place < end && rows[place] === row) values[row]! += weight * impacts[codes[place]!]!;
  }
}

function findDense({ passages, offsets, dense }: Postings): Map<number, Uint16Array> {
  const found = new Map<number, Uint16Array>();
  for (let term = 0; term < offsets.length - 1; term++) {
    if (!isDense(passages, offsets[term + 1]! - offsets[term]!)) continue;
    const start = found.size * passages;
    found.set(term, dense.subarray(start, start + passages));
  }
  return found;
}

/** The terms by what they can add, most first, with what each and all after it can add together. */
function byBound(query: WeightedTerms, peaks: Float32Array): WeightedTerms & { rest: Float64Array } {
  const bounds = Float64Array.from(query.terms, (term, i) => query.weights[i]! * peaks[term]!);
  const order = Array.from(bounds.keys()).sort((a, b) => bounds[b]! - bounds[a]! || query.terms[a]! - query.terms[b]!);
  const rest = new Float64Array(order.length + 1);
  for (let i = order.length - 1; i >= 0; i--) rest[i] = rest[i + 1]! + bounds[order[i]!]!;
  return {
    terms: Uint32Array.from(order, (i) => query.terms[i]!),
    weights: Float64Array.from(order, (i) => query.weights[i]!),
    rest,
  };
}

function roomFor({ found, count }: Sums, more: number): Uint32Array {
  const larger = new Uint32Array(Math.max(count + more, found.length * 2));
  larger.set(found);
  return larger;
}
