import type { Hits, PassageStore, Retriever, ScoredPassage } from "@rag-instruct/core";

/** A place in a ranking whose text has not been read. */
export interface RankedId {
  id: string;
  score: number;
}

/** A retriever that can also rank without reading texts: fusion then reads only those it returns. */
export interface RankingRetriever extends Retriever {
  /** Where the texts are read from. */
  passages: Pick<PassageStore, "get">;
  /** One list a query, best first, from the top. */
  rank(queries: readonly string[], options: { limit: number; signal?: AbortSignal }): Promise<RankedId[][]>;
}

export function isRanking(retriever: Retriever): retriever is RankingRetriever {
  return "rank" in retriever && "passages" in retriever;
}

/** Reads the passages of rankings behind the leading ranks that are skipped, each distinct one once. */
export async function readRanked(
  rankings: readonly (readonly RankedId[])[],
  { passages, skip, signal }: { passages: Pick<PassageStore, "get">; skip: number; signal?: AbortSignal | undefined },
): Promise<ScoredPassage[][]> {
  const wanted = [...new Set(rankings.flatMap((ranking) => ranking.slice(skip).map(({ id }) => id)))];
  signal?.throwIfAborted();
  const read = wanted.length === 0 ? [] : await passages.get(wanted);
  signal?.throwIfAborted();
  const byId = new Map(wanted.map((id, i) => [id, read[i]!]));
  return rankings.map((ranking) =>
    ranking.slice(skip).map(({ id, score }, i) => ({ passage: byId.get(id)!, score, rank: skip + i + 1 })),
  );
}

/** The ids of hits; those of the first `skip` ranks are left empty. */
export function idsOf(
  { queries, limit, rows, scores }: Hits,
  index: { idOf(row: number): string },
  skip = 0,
): RankedId[][] {
  return Array.from({ length: queries }, (_, q) => {
    const ranking: RankedId[] = [];
    for (let at = q * limit; at < (q + 1) * limit && rows[at]! >= 0; at++) {
      ranking.push({ id: ranking.length < skip ? "" : index.idOf(rows[at]!), score: scores[at]! });
    }
    return ranking;
  });
}
