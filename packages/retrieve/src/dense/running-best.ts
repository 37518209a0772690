import type { Hits } from "@rag-instruct/core";

/** The best rows of one block for each query: `limit` a query, best first. */
export interface BlockHits {
  limit: number;
  rows: Int32Array;
  scores: Float32Array;
}

/** Hits without any row yet. */
export function emptyHits(queries: number, limit: number): Hits {
  return {
    queries,
    limit,
    rows: new Int32Array(queries * limit).fill(-1),
    scores: new Float32Array(queries * limit).fill(Number.NEGATIVE_INFINITY),
  };
}

/**
 * Merges the hits of a block into those of the blocks before it; of equal scores the earlier row stands first.
 * @param options.firstQuery the query of `hits` that is the first one of the block's
 */
export function mergeHits(
  hits: Hits,
  block: BlockHits,
  { firstQuery, firstRow }: { firstQuery: number; firstRow: number },
): void {
  const { limit } = hits;
  const queries = block.rows.length / block.limit;
  const rows = new Int32Array(limit);
  const scores = new Float32Array(limit);
  for (let q = 0; q < queries; q++) {
    const start = (firstQuery + q) * limit;
    let [old, fresh] = [start, q * block.limit];
    const end = fresh + block.limit;
    for (let place = 0; place < limit; place++) {
      const takesOld = fresh === end || (hits.rows[old]! >= 0 && hits.scores[old]! >= block.scores[fresh]!);
      rows[place] = takesOld ? hits.rows[old]! : block.rows[fresh]! + firstRow;
      scores[place] = takesOld ? hits.scores[old++]! : block.scores[fresh++]!;
    }
    hits.rows.set(rows, start);
    hits.scores.set(scores, start);
  }
}
