import type { Hits, PassageStore } from "@rag-instruct/core";
import type { Bm25Index } from "./bm25/open.ts";
import { type RankedId, type RankingRetriever, readRanked } from "./ranking.ts";

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

/** The ids of hits; those of the first `skip` ranks are left empty. */
function idsOf({ queries, limit, rows, scores }: Hits, { idOf }: Pick<Bm25Index, "idOf">, skip = 0): RankedId[][] {
  return Array.from({ length: queries }, (_, q) => {
    const ranking: RankedId[] = [];
    for (let at = q * limit; at < (q + 1) * limit && rows[at]! >= 0; at++) {
      ranking.push({ id: ranking.length < skip ? "" : idOf(rows[at]!), score: scores[at]! });
    }
    return ranking;
  });
}
