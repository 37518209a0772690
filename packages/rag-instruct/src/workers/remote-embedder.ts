import { type Embedder, inBatches, mapOrdered } from "@rag-instruct/core";
import type { WorkerPool } from "./pool.ts";
import type { EmbedderReference } from "./protocol.ts";

/** Options of {@link remoteEmbedder}. */
export interface RemoteEmbedderOptions {
  pool: WorkerPool;
  reference: EmbedderReference;
  dimensions: number;
  /** Texts of one job. @default 256 */
  batchSize?: number;
  /** Jobs on their way for one call of `embed`. @default 32 */
  concurrency?: number;
}

/** An embedder whose texts are embedded by workers; rows come back in the order of the texts. */
export function remoteEmbedder(options: RemoteEmbedderOptions): Embedder {
  const { pool, reference, dimensions, batchSize = 256, concurrency = 32 } = options;
  return {
    id: reference.id,
    dimensions,
    async embed(texts, { kind, signal }) {
      const data = new Float32Array(texts.length * dimensions);
      const embedded = mapOrdered(
        inBatches(texts, batchSize),
        async (batch, { signal }) => {
          const { base64 } = await pool.perform(
            { kind: "embed", embedder: reference, as: kind, texts: batch },
            { signal },
          );
          const bytes = Buffer.from(base64, "base64");
          return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
        },
        { concurrency, ...(signal ? { signal } : {}) },
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
