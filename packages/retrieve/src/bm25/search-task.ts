import type { WeightedTerms } from "./query-plan.ts";
import type { Scorer } from "./score.ts";

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
