import { hashOf, RagInstructError, type Retriever, type ScoredPassage } from "@rag-instruct/core";

/**
 * Reciprocal rank fusion (Cormack, Clarke and Büttcher 2009): a passage's score is the sum of weight / (k + rank) over the
 * retrievers that rank it.
 * @param options.k @default 60
 * @param options.weights one a retriever. @default 1 each
 */
export function hybridRetriever(
  retrievers: readonly Retriever[],
  { k = 60, weights = retrievers.map(() => 1) }: { k?: number; weights?: readonly number[] } = {},
): Retriever {
  if (retrievers.length < 2 || weights.length !== retrievers.length) {
    throw new RagInstructError("bad-option", "hybridRetriever needs two or more retrievers, and as many weights");
  }
  return {
    id: `hybrid ${hashOf([retrievers.map(({ id }) => id), k, weights])}`,
    async retrieve(queries, { limit, skip = 0, signal }) {
      const rankings = await Promise.all(
        retrievers.map((retriever) => retriever.retrieve(queries, { limit, ...(signal ? { signal } : {}) })),
      );
      return queries.map((_, q) =>
        fuse(
          rankings.map((ranking) => ranking[q]!),
          { k, weights },
        ).slice(skip, limit),
      );
    },
  };
}

function fuse(
  rankings: readonly ScoredPassage[][],
  { k, weights }: { k: number; weights: readonly number[] },
): ScoredPassage[] {
  const fused = new Map<string, ScoredPassage>();
  for (const [i, ranking] of rankings.entries()) {
    for (const { passage, rank } of ranking) {
      const entry = fused.get(passage.id) ?? { passage, score: 0, rank: 0 };
      entry.score += weights[i]! / (k + rank);
      fused.set(passage.id, entry);
    }
  }
  const best = [...fused.values()].sort((a, b) => b.score - a.score || (a.passage.id < b.passage.id ? -1 : 1));
  return best.map((entry, i) => ({ ...entry, rank: i + 1 }));
}
