import {
  hashOf,
  mapOrdered,
  type Passage,
  passageStoreOf,
  RagInstructError,
  type Retriever,
  type ScoredPassage,
} from "@rag-instruct/core";
import { checkLimit } from "./hits.ts";
import { isRanking, type RankedId, type RankingRetriever, readRanked } from "./retrievers.ts";

/** Options of {@link hybridRetriever}. */
export interface HybridOptions {
  /** Added to every rank. @default 60 */
  k?: number;
  /** One a retriever. @default 1 each */
  weights?: readonly number[];
  /** Ranks taken from each retriever, where more are wanted than the fusion returns. @default the limit asked for */
  depth?: number;
}

interface Fusion {
  id: string;
  depth: number;
  fuse(rankings: readonly (readonly RankedId[])[], limit: number): RankedId[];
}

/**
 * Reciprocal rank fusion (Cormack, Clarke and Büttcher 2009): a passage's score is the sum of weight / (k + rank) over the
 * retrievers that rank it; ties go to the smaller id. With weights of 1 that is `pyserini.fusion --method rrf`. All retrievers
 * run at the same time, and when one fails the others are told to stop. Where all can rank without reading texts, the texts of
 * the fused ranking are read once, from the first one's store. Throws `bad-option`, and `index-mismatch` for retrievers that are
 * known to rank different corpora.
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
  const fusion: Fusion = {
    id: `hybrid ${hashOf([retrievers.map((retriever) => retriever.id), k, weights, depth])}`,
    depth,
    fuse: (rankings, limit) => fuseRankings(rankings, { k, weights }).slice(0, limit),
  };
  return retrievers.every(isRanking) ? rankingHybrid(retrievers, fusion) : readingHybrid(retrievers, fusion);
}

/**
 * Ranks as the first retriever does, and where that finds fewer passages than are asked for, goes on with the ranking of the second: BM25
 * finds only what shares a word with the question, and dense search ranks everything. What is filled in has score 0, which is what
 * BM25 gives it. The second is opened when the first question falls short; where it is not there, rankings stay short. What was opened is
 * closed with the retriever, and so is the first one.
 */
export function filledRetriever(
  first: Retriever & Partial<AsyncDisposable>,
  openSecond: () => Promise<(Retriever & Partial<AsyncDisposable>) | undefined>,
): Retriever & AsyncDisposable {
  let second: ReturnType<typeof openSecond> | undefined;
  return {
    id: `filled ${first.id}`,
    async [Symbol.asyncDispose]() {
      await (await second?.catch(() => undefined))?.[Symbol.asyncDispose]?.();
      await first[Symbol.asyncDispose]?.();
    },
    async retrieve(queries, options) {
      const found = await first.retrieve(queries, options);
      const wanted = options.limit - (options.skip ?? 0);
      const short = found.flatMap((list, i) => (list.length < wanted ? [i] : []));
      if (short.length === 0) return found;
      second ??= openSecond();
      const filler = await second;
      if (filler === undefined) return found;
      // From the top: what is filled in must not stand in the first ranking already, before `skip` either.
      const asked = short.map((i) => queries[i]!);
      const { limit, skip = 0, signal } = options;
      const [whole, rest] = await Promise.all([
        skip === 0 ? short.map((i) => found[i]!) : first.retrieve(asked, { limit, signal }),
        filler.retrieve(asked, { limit, signal }),
      ]);
      for (const [at, i] of short.entries()) found[i] = fill(whole[at]!, rest[at]!, limit).slice(skip);
      return found;
    },
  };
}

function fill(ranking: readonly ScoredPassage[], rest: readonly ScoredPassage[], limit: number): ScoredPassage[] {
  const known = new Set(ranking.map(({ passage }) => passage.id));
  const others = rest.filter(({ passage }) => !known.has(passage.id));
  return [...ranking, ...others.map((each, i) => ({ ...each, rank: ranking.length + i + 1, score: 0 }))].slice(
    0,
    limit,
  );
}

/** Fuses ids, and reads only what it returns. */
function rankingHybrid(retrievers: readonly RankingRetriever[], { id, depth, fuse }: Fusion): RankingRetriever {
  const passages = passageStoreOf(retrievers[0]!.passages);
  const corpus = corpusOf(retrievers);
  const hybrid: RankingRetriever = {
    id,
    corpus,
    passages,
    async rank(queries, { limit, signal }) {
      checkLimit(limit);
      const found = await atOnce(retrievers, { limit: Math.max(limit, depth), signal }, (retriever, options) =>
        retriever.rank(queries, options),
      );
      return queries.map((_, q) =>
        fuse(
          found.map((rankings) => rankings[q]!),
          limit,
        ),
      );
    },
    async retrieve(queries, { limit, skip = 0, signal }) {
      const rankings = await hybrid.rank(queries, { limit, signal });
      return readRanked(rankings, { passages, skip, signal });
    },
  };
  return hybrid;
}

/** Fuses what retrievers have read. */
function readingHybrid(retrievers: readonly Retriever[], { id, depth, fuse }: Fusion): Retriever {
  return {
    id,
    async retrieve(queries, { limit, skip = 0, signal }) {
      checkLimit(limit);
      const found = await atOnce(retrievers, { limit: Math.max(limit, depth), signal }, (retriever, options) =>
        retriever.retrieve(queries, options),
      );
      return queries.map((_, q) => {
        const rankings = found.map((ranking) => ranking[q]!);
        const passages = new Map(rankings.flat().map(({ passage }) => [passage.id, passage]));
        return scored(fuse(rankings.map(toIds), limit), passages).slice(skip);
      });
    },
  };
}

/** Asks all retrievers at the same time; the first failure stops the others. */
function atOnce<R extends Retriever, T>(
  retrievers: readonly R[],
  { limit, signal }: { limit: number; signal: AbortSignal | undefined },
  ask: (retriever: R, options: { limit: number; signal: AbortSignal }) => Promise<T>,
): Promise<T[]> {
  const options = { concurrency: retrievers.length, signal };
  return Array.fromAsync(mapOrdered(retrievers, (retriever, { signal }) => ask(retriever, { limit, signal }), options));
}

/** The corpus that all retrievers rank, where any of them says which. */
function corpusOf(retrievers: readonly RankingRetriever[]): string | undefined {
  const known = new Set(retrievers.flatMap(({ corpus }) => corpus ?? []));
  if (known.size <= 1) return known.values().next().value;
  throw new RagInstructError(
    "index-mismatch",
    `the indexes of ${retrievers.map(({ id }) => id).join(" and ")} hold different passages, or hold them in another order; build both from the same store`,
  );
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
