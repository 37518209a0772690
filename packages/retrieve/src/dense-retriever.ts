import { type Embedder, type PassageStore, RagInstructError, type VectorIndex } from "@rag-instruct/core";
import { idsOf, type RankingRetriever, readRanked } from "./ranking.ts";

/**
 * Ranks by the inner product of embeddings and reads the passages found from a store, each once. Works over any
 * `VectorIndex`. Throws `index-mismatch` where the index was made with another embedder.
 */
export function denseRetriever({
  index,
  embedder,
  passages,
}: {
  index: VectorIndex;
  embedder: Embedder;
  passages: Pick<PassageStore, "get">;
}): RankingRetriever {
  if (embedder.id !== index.embedderId) {
    throw new RagInstructError(
      "index-mismatch",
      `the index was made with the embedder ${index.embedderId}, and queries would be embedded with ${embedder.id}`,
    );
  }
  const search = async (queries: readonly string[], limit: number, signal: AbortSignal | undefined) => {
    const options = signal ? { signal } : {};
    const vectors = await embedder.embed(queries, { kind: "query", ...options });
    return index.search(vectors, { limit, ...options });
  };
  return {
    id: `dense ${embedder.id} ${index.size}`,
    passages,
    rank: async (queries, { limit, signal }) => idsOf(await search(queries, limit, signal), index),
    async retrieve(queries, { limit, skip = 0, signal }) {
      const hits = await search(queries, limit, signal);
      return readRanked(idsOf(hits, index, skip), { passages, skip, signal });
    },
  };
}
