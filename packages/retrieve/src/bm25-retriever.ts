import type { PassageStore, Retriever, ScoredPassage } from "@rag-instruct/core";
import type { Bm25Index } from "./bm25/open.ts";

/** Ranks by BM25 and reads the passages found from a store. Leading ranks that are skipped are never read. */
export function bm25Retriever({
  index,
  passages,
}: {
  index: Bm25Index;
  passages: Pick<PassageStore, "get">;
}): Retriever {
  return {
    id: index.id,
    async retrieve(queries, { limit, skip = 0, signal }) {
      const { rows, scores } = await index.search(queries, { limit, ...(signal ? { signal } : {}) });
      const found: ScoredPassage[][] = [];
      for (let q = 0; q < queries.length; q++) {
        const from = q * limit + skip;
        const wanted = Array.from(rows.subarray(from, (q + 1) * limit)).filter((row) => row >= 0);
        const texts = await passages.get(wanted.map((row) => index.idOf(row)));
        found.push(texts.map((passage, i) => ({ passage, score: scores[from + i]!, rank: skip + i + 1 })));
      }
      return found;
    },
  };
}
