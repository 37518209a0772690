import { hashOf, type Passage, RagInstructError, type Retriever, type ScoredPassage } from "@rag-instruct/core";
import { isRanking, type RankedId, type RankingRetriever, readRanked } from "./ranking.ts";

/** Options of {@link hybridRetriever}. */
export interface HybridOptions {
  /** Added to every rank. @default 60 */
  k?: number;
  /** One a retriever. @default 1 each */
  weights?: readonly number[];
  /** Ranks taken from each retriever, where more are wanted than the fusion returns. @default the limit asked for */
  depth?: number;
}

/**
 * Reciprocal rank fusion (Cormack, Clarke and Büttcher 2009): a passage's score is the sum of weight / (k + rank) over the
 * retrievers that rank it; ties go to the smaller id. All retrievers run at the same time, and where they can rank
 * without reading texts, the texts of the fused ranking are read once, from the first one's store.
 */
export function hybridRetriever(
  retrievers: readonly Retriever[],
  { k = 60, weights = retrievers.map(() => 1), depth = 0 }: HybridOptions = {},
): Retriever {
  if (retrievers.length < 2 || weights.length !== retrievers.length) {
    throw new RagInstructError("bad-option", "hybridRetriever needs two or more retrievers, and as many weights");
  }
  if (!(k >= 0) || weights.some((weight) => !(weight >= 0))) {
    throw new RagInstructError("bad-option", "k and the weights must be 0 or more");
  }
  const id = `hybrid ${hashOf([retrievers.map((retriever) => retriever.id), k, weights, depth])}`;
  const fuse = (rankings: readonly (readonly RankedId[])[], limit: number) =>
    fuseRankings(rankings, { k, weights }).slice(0, limit);
  if (retrievers.every(isRanking)) return rankingHybrid(retrievers, { id, depth, fuse });
  return {
    id,
    async retrieve(queries, { limit, skip = 0, signal }) {
      const options = { limit: Math.max(limit, depth), ...(signal ? { signal } : {}) };
      const found = await Promise.all(retrievers.map((retriever) => retriever.retrieve(queries, options)));
      return queries.map((_, q) => {
        const rankings = found.map((ranking) => ranking[q]!);
        const passages = new Map(rankings.flat().map(({ passage }) => [passage.id, passage]));
        return scored(fuse(rankings.map(toIds), limit), passages).slice(skip);
      });
    },
  };
}

function rankingHybrid(
  retrievers: readonly RankingRetriever[],
  options: { id: string; depth: number; fuse: (rankings: readonly RankedId[][], limit: number) => RankedId[] },
): RankingRetriever {
  const { id, depth, fuse } = options;
  const { passages } = retrievers[0]!;
  const hybrid: RankingRetriever = {
    id,
    passages,
    async rank(queries, { limit, signal }) {
      const found = await Promise.all(
        retrievers.map((retriever) =>
          retriever.rank(queries, { limit: Math.max(limit, depth), ...(signal ? { signal } : {}) }),
        ),
      );
      return queries.map((_, q) =>
        fuse(
          found.map((rankings) => rankings[q]!),
          limit,
        ),
      );
    },
    async retrieve(queries, { limit, skip = 0, signal }) {
      const rankings = await hybrid.rank(queries, { limit, ...(signal ? { signal } : {}) });
      return readRanked(rankings, { passages, skip, signal });
    },
  };
  return hybrid;
}

/** Fuses rankings of one query; ids with equal scores stand in the order of the ids. */
export function fuseRankings(
  rankings: readonly (readonly RankedId[])[],
  { k, weights }: { k: number; weights: readonly number[] },
): RankedId[] {
  const scores = new Map<string, number>();
  for (const [i, ranking] of rankings.entries()) {
    for (const [at, { id }] of ranking.entries()) {
      scores.set(id, (scores.get(id) ?? 0) + weights[i]! / (k + at + 1));
    }
  }
  return Array.from(scores, ([id, score]) => ({ id, score })).sort(
    (a, b) => b.score - a.score || (a.id < b.id ? -1 : 1),
  );
}

function toIds(ranking: readonly ScoredPassage[]): RankedId[] {
  return ranking.map(({ passage, score }) => ({ id: passage.id, score }));
}

function scored(ranking: readonly RankedId[], passages: ReadonlyMap<string, Passage>): ScoredPassage[] {
  return ranking.map(({ id, score }, i) => ({ passage: passages.get(id)!, score, rank: i + 1 }));
}
