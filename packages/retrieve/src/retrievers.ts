import {
  amount,
  type Embedder,
  type Hits,
  type OnProgress,
  type PassageSource,
  type PassageStore,
  passageStoreOf,
  RagInstructError,
  type Retriever,
  type ScoredPassage,
  type Source,
  type VectorIndex,
} from "@rag-instruct/core";
import type { Bm25Index } from "./bm25/open-index.ts";
import { checkLimit } from "./hits.ts";

/** A place in a ranking whose text has not been read. */
export interface RankedId {
  id: string;
  score: number;
}

/** Reads the texts of a ranking; one that says its size is compared with the index. */
type PassageReader = Pick<PassageStore, "get"> & Partial<Pick<PassageStore, "size">>;

/** Where the texts of a ranking are read from: a store, or simply a list. */
export type RankedPassages = PassageSource<PassageReader>;

/** A retriever that can also rank without reading texts: fusion then reads only those it returns. */
export interface RankingRetriever extends Retriever {
  passages: RankedPassages;
  /** SHA-256 over the passages' ids in the order of the index, each with a newline behind it, where it is known. */
  corpus?: string;
  /** One list a query, best first, from the top. */
  rank(queries: readonly string[], options: { limit: number; signal?: AbortSignal }): Promise<RankedId[][]>;
}

/**
 * Ranks by BM25 and reads the passages found from a store or a list, each once. Leading ranks that are skipped are never read.
 * Throws `index-mismatch` when the store does not hold as many passages as the index.
 */
export function bm25Retriever({ index, passages }: { index: Bm25Index; passages: RankedPassages }): RankingRetriever {
  return indexRetriever({ id: index.id, index, passages, find: (queries, options) => index.search(queries, options) });
}

/**
 * Ranks by the inner product of embeddings and reads the passages found from a store or a list, each once. Works over any
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
      const vectors = await embedder.embed(queries, { kind: "query", signal });
      signal?.throwIfAborted();
      return index.search(vectors, { limit, signal });
    },
  });
}

/** Options of {@link retrieveAll}. */
export interface RetrieveAllOptions {
  retriever: Retriever;
  queries: Source<string>;
  /** Depth of the rankings. */
  limit: number;
  /** Leading ranks whose passages are neither read nor returned. @default 0 */
  skip?: number;
  /** Queries asked together; their rankings are held in memory. @default 256 */
  batchSize?: number;
  /** Number of queries, where it is known, for the progress. */
  total?: number;
  onProgress?: OnProgress;
  signal?: AbortSignal;
}

/** Ranks passages for a stream of queries, batch by batch, in memory that does not grow: a ranking a query, in order. */
export async function* retrieveAll(options: RetrieveAllOptions): AsyncGenerator<ScoredPassage[]> {
  const { retriever, queries, limit, skip = 0, batchSize = 256, total, onProgress, signal } = options;
  let done = 0;
  let batch: string[] = [];
  async function* flush(): AsyncGenerator<ScoredPassage[]> {
    if (batch.length === 0) return;
    const rankings = await retriever.retrieve(batch, { limit, skip, signal });
    batch = [];
    done += rankings.length;
    yield* rankings;
    onProgress?.({ stage: "retrieve", done, total });
  }
  for await (const query of queries) {
    signal?.throwIfAborted();
    batch.push(query);
    if (batch.length >= batchSize) yield* flush();
  }
  yield* flush();
}

/** How hits are found; without queries nothing need be done. */
export type FindHits = (queries: readonly string[], options: { limit: number; signal?: AbortSignal }) => Promise<Hits>;

/**
 * A retriever over an index and a store. Throws `index-mismatch` when the store does not hold as many passages as the index.
 */
export function indexRetriever({
  id,
  index,
  passages,
  find,
}: {
  id: string;
  index: { size: number; corpus?: string; idOf(row: number): string };
  passages: RankedPassages;
  find: FindHits;
}): RankingRetriever {
  const store = passageStoreOf(passages);
  if (store.size !== undefined && store.size !== index.size) {
    throw new RagInstructError(
      "index-mismatch",
      `the index (${id}) holds ${amount(index.size, "passage")} and the store ${store.size}; build the index of this store again`,
    );
  }
  return {
    id,
    corpus: index.corpus,
    passages: store,
    rank: async (queries, options) => idsOf(await find(queries, options), index),
    async retrieve(queries, { limit, skip = 0, signal }) {
      const hits = await find(queries, { limit, signal });
      return readRanked(idsOf(hits, index, skip), { passages: store, skip, signal });
    },
  };
}

export function isRanking(retriever: Retriever): retriever is RankingRetriever {
  return "rank" in retriever && "passages" in retriever;
}

/**
 * Reads the passages of rankings behind the leading ranks that are skipped, each distinct one once.
 * Throws `index-mismatch` where the store gives another passage than the ranked one, or none.
 */
export async function readRanked(
  rankings: readonly (readonly RankedId[])[],
  { passages, skip, signal }: { passages: PassageReader; skip: number; signal?: AbortSignal },
): Promise<ScoredPassage[][]> {
  const wanted = [...new Set(rankings.flatMap((ranking) => ranking.slice(skip).map(({ id }) => id)))];
  signal?.throwIfAborted();
  const read = wanted.length === 0 ? [] : await passages.get(wanted);
  signal?.throwIfAborted();
  const byId = new Map(wanted.map((id, i) => [id, read[i]!]));
  for (const [id, passage] of byId) {
    if (passage?.id === id) continue;
    throw new RagInstructError(
      "index-mismatch",
      `the index ranks the passage ${id}, and the store gives ${passage?.id ?? "none"} for it; build the index of this store again`,
    );
  }
  return rankings.map((ranking) =>
    ranking.slice(skip).map(({ id, score }, i) => ({ passage: byId.get(id)!, score, rank: skip + i + 1 })),
  );
}

/** The ids of hits; those of the first `skip` ranks are left empty. */
function idsOf({ queries, limit, rows, scores }: Hits, index: { idOf(row: number): string }, skip = 0): RankedId[][] {
  return Array.from({ length: queries }, (_, q) => {
    const ranking: RankedId[] = [];
    for (let at = q * limit; at < (q + 1) * limit && rows[at]! >= 0; at++) {
      ranking.push({ id: ranking.length < skip ? "" : index.idOf(rows[at]!), score: scores[at]! });
    }
    return ranking;
  });
}
