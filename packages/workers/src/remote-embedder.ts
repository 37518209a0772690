import { type Embedder, mapOrdered, RagInstructError } from "@rag-instruct/core";
import { unpackVectors } from "./packed-vectors.ts";
import type { WorkerPool } from "./pool.ts";
import type { EmbedderReference } from "./protocol.ts";

/** Options of {@link openRemoteEmbedder}. */
export interface RemoteEmbedderOptions {
  pool: WorkerPool;
  reference: EmbedderReference;
  /** Texts of one job. @default all of one call, so that a model pads and groups them as it would here */
  batchSize?: number;
  /** Jobs on their way for one call of `embed`. @default 32 */
  concurrency?: number;
  signal?: AbortSignal | undefined;
}

/**
 * An embedder whose texts are embedded by workers; rows come back in the order of the texts. A worker says the id and the
 * dimensions, and from then on every worker must have that id. Throws what the worker meets when it opens the model.
 */
export async function openRemoteEmbedder(options: RemoteEmbedderOptions): Promise<Embedder> {
  const { pool, reference, batchSize = Number.MAX_SAFE_INTEGER, concurrency = 32 } = options;
  const asked = { kind: "embed" as const, embedder: reference, as: "query" as const, texts: [] };
  const { id, dimensions } = await pool.perform(asked, { signal: options.signal });
  return {
    id,
    dimensions,
    async embed(texts, { kind, signal }) {
      const data = new Float32Array(texts.length * dimensions);
      const starts = Array.from({ length: Math.ceil(texts.length / batchSize) }, (_, i) => i * batchSize);
      const embedded = mapOrdered(
        starts,
        async (from, { signal }) => {
          const batch = texts.slice(from, from + batchSize);
          const request = { ...asked, embedder: { ...reference, id }, as: kind, texts: batch };
          const rows = unpackVectors(await pool.perform(request, { signal }));
          if (rows.length === batch.length * dimensions) return rows;
          throw new RagInstructError(
            "reply-unusable",
            `a worker gave ${rows.length} numbers for ${batch.length} texts of ${dimensions} dimensions`,
          );
        },
        { concurrency, signal },
      );
      let at = 0;
      for await (const rows of embedded) {
        data.set(rows, at);
        at += rows.length;
      }
      return { data, count: texts.length, dimensions };
    },
  };
}
