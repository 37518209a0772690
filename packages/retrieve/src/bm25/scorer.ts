import { clipped, denseStarts, isDense, minSkipped, type Postings, skipShift } from "./postings.ts";

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
  const { offsets, peaks, passages } = postings;
  const sums = newScoreAccumulator(postings);
  const frequency = (term: number) => offsets[term + 1]! - offsets[term]!;
  const isLookedUp = (postings: number) =>
    isDense(passages, postings) || (postings >= minSkipped && postings > sums.count * postingsPerLookup);

  /** Adds terms up until those left lift no new row. @returns number of terms added, and a score that `limit` rows reach */
  function addFirst({ terms, weights, rest }: QueryPlan, limit: number): { next: number; least: number } {
    let least = 0;
    let next = 0;
    for (; next < terms.length && rest[next]! >= least; next++) {
      const term = terms[next]!;
      // Worth a pass over the rows found only where it may save reading more postings than that.
      if (sums.count >= limit && frequency(term) > sums.count) {
        least = Math.max(least, sums.threshold(limit) * slack);
        if (rest[next]! < least) break;
        // A row dropped here and found again has too low a sum, but even its full one is below the best.
        sums.dropBelow(least - rest[next]!);
      }
      sums.add({ term, weight: weights[next]! }, (least - rest[next + 1]!) / weights[next]!);
    }
    return { next, least };
  }

  return (query, into) => {
    const plan = planQuery(query, peaks);
    const { terms, weights, rest } = plan;
    const limit = into.rows.length;
    sums.begin(rest[0]!);
    let { next, least } = addFirst(plan, limit);
    for (; next < terms.length; next++) {
      const term = { term: terms[next]!, weight: weights[next]! };
      if (sums.count > limit) least = Math.max(least, sums.threshold(limit) * slack);
      if (isLookedUp(frequency(term.term))) sums.lookUp(term, least - rest[next]!);
      else {
        sums.dropBelow(least - rest[next]!);
        sums.addToFound(term);
      }
    }
    if (sums.count > limit) sums.dropBelow(sums.threshold(limit) * slack);
    sums.take(into);
  };
}

/** The distinct terms of a query; a weight is the idf times how often the query has the term. */
export interface WeightedTerms {
  terms: Uint32Array;
  weights: Float64Array;
}

/** A query's terms by what they can add to a score, most first. */
export interface QueryPlan extends WeightedTerms {
  /** What each term and all after it can add together; 0 behind the last. */
  rest: Float64Array;
}

/** @param peaks largest impact of each term */
export function planQuery(query: WeightedTerms, peaks: Float32Array): QueryPlan {
  const terms = query.terms.slice();
  const weights = query.weights.slice();
  const rest = new Float64Array(terms.length + 1);
  // By insertion: a query has a dozen terms, and to call a comparison costs more than to make it.
  for (let i = 0; i < terms.length; i++) {
    const [term, weight] = [terms[i]!, weights[i]!];
    const bound = weight * peaks[term]!;
    let place = i;
    for (; place > 0 && comesBefore({ term, bound }, { term: terms[place - 1]!, bound: rest[place - 1]! }); place--) {
      terms[place] = terms[place - 1]!;
      weights[place] = weights[place - 1]!;
      rest[place] = rest[place - 1]!;
    }
    terms[place] = term;
    weights[place] = weight;
    rest[place] = bound;
  }
  for (let i = terms.length - 1; i >= 0; i--) rest[i]! += rest[i + 1]!;
  return { terms, weights, rest };
}

function comesBefore(one: { term: number; bound: number }, other: { term: number; bound: number }): boolean {
  return one.bound > other.bound || (one.bound === other.bound && one.term < other.term);
}

/** Some queries of a batch, and where their hits go. */
export interface SearchTask {
  queries: WeightedTerms[];
  /** Number of the first query within the batch. */
  first: number;
  limit: number;
  rows: Int32Array;
  scores: Float32Array;
}

export function runTask({ queries, first, limit, rows, scores }: SearchTask, score: Scorer): void {
  for (const [i, query] of queries.entries()) {
    const [from, to] = [(first + i) * limit, (first + i + 1) * limit];
    score(query, { rows: rows.subarray(from, to), scores: scores.subarray(from, to) });
  }
}

/** A term of a query. */
export interface WeightedTerm {
  term: number;
  /** What its impacts are multiplied by. */
  weight: number;
}

/** Scores that are being added up, of any rows. */
export interface ScoreAccumulator {
  /** Number of rows that have a sum. */
  readonly count: number;
  /** No sum of the query to come is greater. */
  begin(most: number): void;
  /** Adds a term. A row that has no sum yet is passed over when its impact is below `needed`. */
  add(term: WeightedTerm, needed: number): void;
  /** Adds a term by its postings to the rows that have a sum. */
  addToFound(term: WeightedTerm): void;
  /** As {@link dropBelow} and {@link addToFound}, looking up each row in a term that has a skip table or is dense. */
  lookUp(term: WeightedTerm, least: number): void;
  /** Drops the rows whose sum is below `least`; found again, they start anew. */
  dropBelow(least: number): void;
  /** A score that at least `limit` of the sums reach; there must be as many. */
  threshold(limit: number): number;
  /** Puts the best rows and their sums into `into`, best first, ties by row, and drops all. */
  take(into: { rows: Int32Array; scores: Float32Array }): void;
}

/**
 * Every array is a constant of this closure, and there is one closure a thread: V8 then knows their addresses and lengths,
 * which makes the loops a third faster than arrays that come as arguments.
 */
function newScoreAccumulator(postings: Postings): ScoreAccumulator {
  const { passages, offsets, rows, codes, impacts, skips, skipOffsets, dense, lengths } = postings;
  // By row; 0 for a row that is not in `found`.
  const values = new Float32Array(passages);
  // Memory that is never written to is never taken.
  const found = new Uint32Array(passages);
  const histogram = newHistogram();
  const { counts } = histogram;
  const starts = denseStarts(postings);
  const sortRows = rowSorter();
  let count = 0;
  let most = 0;
  // Whether the histogram holds the sums as they are.
  let counted = false;

  function dropBelow(least: number): void {
    const end = count;
    let kept = 0;
    for (let i = 0; i < end; i++) {
      const row = found[i]!;
      if (values[row]! >= least) found[kept++] = row;
      else values[row] = 0;
    }
    counted &&= kept === count;
    count = kept;
  }
  function codeAt(term: number, row: number): number {
    let [low, high] = [offsets[term]!, offsets[term + 1]!];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (rows[middle]! < row) low = middle + 1;
      else high = middle;
    }
    return codes[low]!;
  }
  function lookUpDense(
    term: number,
    { start, weight, least }: { start: number; weight: number; least: number },
  ): number {
    const scale = histogram.clear(most);
    const end = count;
    let kept = 0;
    for (let i = 0; i < end; i++) {
      const row = found[i]!;
      const before = values[row]!;
      if (before < least) {
        values[row] = 0;
        continue;
      }
      found[kept++] = row;
      const frequency = (dense[start + (row >>> 1)]! >>> ((row & 1) << 2)) & 15;
      // A row without the term has the code of no occurrence, which adds nothing: cheaper than to ask.
      const code = frequency < clipped ? (frequency << 8) | lengths[row]! : codeAt(term, row);
      const sum = before + weight * impacts[code]!;
      values[row] = sum;
      counts[(sum * scale) | 0]! += 1;
    }
    return kept;
  }
  function lookUpBySkips(term: number, weight: number, least: number): number {
    const scale = histogram.clear(most);
    const from = offsets[term]!;
    const skip = skipOffsets[term]!;
    const shift = skipShift(passages, offsets[term + 1]! - from);
    const end = count;
    let kept = 0;
    for (let i = 0; i < end; i++) {
      const row = found[i]!;
      let sum = values[row]!;
      if (sum < least) {
        values[row] = 0;
        continue;
      }
      found[kept++] = row;
      const bucket = skip + (row >>> shift);
      const stop = from + skips[bucket + 1]!;
      let place = from + skips[bucket]!;
      while (place < stop && rows[place]! < row) place++;
      if (place < stop && rows[place] === row) sum += weight * impacts[codes[place]!]!;
      values[row] = sum;
      counts[(values[row]! * scale) | 0]! += 1;
    }
    return kept;
  }
  return {
    get count() {
      return count;
    },
    begin(greatest) {
      most = greatest;
      counted = false;
    },
    add({ term, weight }, needed) {
      const to = offsets[term + 1]!;
      let end = count;
      for (let i = offsets[term]!; i < to; i++) {
        const row = rows[i]!;
        const before = values[row]!;
        const impact = impacts[codes[i]!]!;
        if (before === 0) {
          if (impact < needed) continue;
          found[end++] = row;
        }
        values[row] = before + weight * impact;
      }
      count = end;
      counted = false;
    },
    addToFound({ term, weight }) {
      const to = offsets[term + 1]!;
      for (let i = offsets[term]!; i < to; i++) {
        const row = rows[i]!;
        const before = values[row]!;
        if (before !== 0) values[row] = before + weight * impacts[codes[i]!]!;
      }
      counted = false;
    },
    lookUp({ term, weight }, least) {
      const start = starts.get(term);
      count = start === undefined ? lookUpBySkips(term, weight, least) : lookUpDense(term, { start, weight, least });
      counted = true;
    },
    dropBelow,
    threshold(limit) {
      if (!counted) {
        const scale = histogram.clear(most);
        for (let i = 0; i < count; i++) counts[(values[found[i]!]! * scale) | 0]! += 1;
        counted = true;
      }
      return histogram.threshold(limit);
    },
    take(into) {
      sortRows({ found, count, values }, into);
      for (let i = 0; i < count; i++) values[found[i]!] = 0;
      count = 0;
    },
  };
}

const buckets = 2048;

/** How many scores lie in each of many equal parts of the range from 0 to the greatest possible. */
export interface Histogram {
  counts: Uint32Array;
  /** Empties it. @returns buckets a unit of score, where no score is greater than `most` but for rounding */
  clear(most: number): number;
  /** A score that at least `limit` of those in it reach; it must hold as many. */
  threshold(limit: number): number;
}

export function newHistogram(): Histogram {
  const counts = new Uint32Array(buckets);
  let scale = 1;
  return {
    counts,
    clear(most) {
      counts.fill(0);
      scale = (buckets - 2) / most;
      return scale;
    },
    threshold(limit) {
      let above = 0;
      let bucket = buckets;
      while (above < limit) above += counts[--bucket]!;
      return bucket / scale;
    },
  };
}

/** Sorts rows with scores by one native sort: a key is the score's bits above the inverted row's. */
export function rowSorter() {
  let keys = new BigUint64Array(1 << 10);
  let words = new Uint32Array(keys.buffer);
  let floats = new Float32Array(keys.buffer);
  /** @param values scores by row */
  return (
    { found, count, values }: { found: Uint32Array; count: number; values: Float32Array },
    { rows, scores }: { rows: Int32Array; scores: Float32Array },
  ): void => {
    if (keys.length < count) {
      keys = new BigUint64Array(count * 2);
      words = new Uint32Array(keys.buffer);
      floats = new Float32Array(keys.buffer);
    }
    for (let i = 0; i < count; i++) {
      floats[2 * i + 1] = values[found[i]!]!;
      words[2 * i] = ~found[i]!;
    }
    keys.subarray(0, count).sort();
    const best = Math.min(count, rows.length);
    for (let place = 0; place < best; place++) {
      const i = count - 1 - place;
      rows[place] = ~words[2 * i]!;
      scores[place] = floats[2 * i + 1]!;
    }
  };
}
