import { type Embedder, RagInstructError, type VectorIndex } from "@rag-instruct/core";
import { checkLimit } from "./check-queries.ts";
import { indexRetriever, type RankedPassages, type RankingRetriever } from "./ranking.ts";

/**
 * Ranks by the inner product of embeddings and reads the passages found from a store, each once. Works over any
 * `VectorIndex`. Throws `index-mismatch` where the index was made with another embedder, or of another number of passages than
 * the store holds.
 */
export function denseRetriever({
  index,
  embedder,
  passages,
}: {
  index: VectorIndex;
  embedder: Embedder;
  passages: RankedPassages;
}): RankingRetriever {
  if (embedder.id !== index.embedderId) {
    throw new RagInstructError(
      "index-mismatch",
      `the index was made with the embedder ${index.embedderId}, and queries would be embedded with ${embedder.id}`,
    );
  }
  return indexRetriever({
    id: `dense ${embedder.id} ${index.corpus?.slice(0, 16) ?? index.size}`,
    index,
    passages,
    async find(queries, { limit, signal }) {
      checkLimit(limit);
      const options = signal ? { signal } : {};
      const vectors = await embedder.embed(queries, { kind: "query", ...options });
      signal?.throwIfAborted();
      return index.search(vectors, { limit, ...options });
    },
  });
}
