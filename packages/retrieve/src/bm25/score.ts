import type { Postings } from "./postings.ts";
import { planQuery, type QueryPlan, type WeightedTerms } from "./query-plan.ts";
import { fewestSkipped, isDense } from "./skip-table.ts";
import { newSums } from "./sums.ts";

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
  const sums = newSums(postings);
  const frequency = (term: number) => offsets[term + 1]! - offsets[term]!;
  const isLookedUp = (postings: number) =>
    isDense(passages, postings) || (postings >= fewestSkipped && postings > sums.count * postingsPerLookup);

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
