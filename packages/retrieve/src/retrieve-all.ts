import type { OnProgress, Retriever, ScoredPassage, Source } from "@rag-instruct/core";

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
