import type { PassageStore } from "@rag-instruct/core";
import type { Bm25Index } from "./bm25/open.ts";
import { idsOf, type RankingRetriever, readRanked } from "./ranking.ts";

/** Ranks by BM25 and reads the passages found from a store, each once. Leading ranks that are skipped are never read. */
export function bm25Retriever({
  index,
  passages,
}: {
  index: Bm25Index;
  passages: Pick<PassageStore, "get">;
}): RankingRetriever {
  return {
    id: index.id,
    passages,
    async rank(queries, options) {
      return idsOf(await index.search(queries, options), index);
    },
    async retrieve(queries, { limit, skip = 0, signal }) {
      const hits = await index.search(queries, { limit, ...(signal ? { signal } : {}) });
      return readRanked(idsOf(hits, index, skip), { passages, skip, signal });
    },
  };
}
