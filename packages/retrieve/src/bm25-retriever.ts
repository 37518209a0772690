import type { Bm25Index } from "./bm25/open.ts";
import { indexRetriever, type RankedPassages, type RankingRetriever } from "./ranking.ts";

/**
 * Ranks by BM25 and reads the passages found from a store, each once. Leading ranks that are skipped are never read.
 * Throws `index-mismatch` when the store does not hold as many passages as the index.
 */
export function bm25Retriever({ index, passages }: { index: Bm25Index; passages: RankedPassages }): RankingRetriever {
  return indexRetriever({ id: index.id, index, passages, find: (queries, options) => index.search(queries, options) });
}
