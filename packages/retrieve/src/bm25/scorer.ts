import { isDense, minSkipped, type Postings } from "./postings.ts";
import { newScoreAccumulator } from "./score-accumulator.ts";

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
