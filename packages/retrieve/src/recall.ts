import type { Hits, VectorIndex, Vectors } from "@rag-instruct/core";

/**
 * Share of the hits of an exact index that another one of the same vectors finds as well (recall at `limit`), from 0 to 1.
 * Measure with queries as you will ask them.
 */
export async function recallOf({
  index,
  exact,
  queries,
  limit,
  signal,
}: {
  index: VectorIndex;
  exact: VectorIndex;
  queries: Vectors;
  limit: number;
  signal?: AbortSignal;
}): Promise<number> {
  const options = { limit, signal };
  return sharedHits(await index.search(queries, options), await exact.search(queries, options));
}

/** Share of the expected rows that are among the found ones of the same query; 1 where nothing is expected. */
export function sharedHits(found: Hits, expected: Hits): number {
  let [common, all] = [0, 0];
  for (let q = 0; q < expected.queries; q++) {
    const rows = new Set(found.rows.subarray(q * found.limit, (q + 1) * found.limit));
    for (const row of expected.rows.subarray(q * expected.limit, (q + 1) * expected.limit)) {
      if (row < 0) continue;
      all += 1;
      if (rows.has(row)) common += 1;
    }
  }
  return all === 0 ? 1 : common / all;
}
