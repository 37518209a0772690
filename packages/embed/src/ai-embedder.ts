import { type Embedder, mapOrdered, RagInstructError, type Vectors } from "@rag-instruct/core";
import { importPeer } from "@rag-instruct/core/node";
import type { EmbeddingModel } from "ai";

/** Options of {@link aiEmbedder}. */
export interface AiEmbedderOptions {
  /** An embedding model object of the AI SDK. */
  model: Exclude<EmbeddingModel, string>;
  /** Dimensions of its vectors, checked in every reply. */
  dimensions: number;
  /** Texts in one call. @default 64 */
  batchSize?: number;
  /** Calls at the same time. @default 4 */
  concurrency?: number;
}

/**
 * An embedder over any embedding model of the AI SDK (optional peer `ai`). Throws `reply-unusable` and names the texts when
 * a call fails, or a reply has another number of vectors, other dimensions, or a value that is no number.
 */
export function aiEmbedder({ model, dimensions, batchSize = 64, concurrency = 4 }: AiEmbedderOptions): Embedder {
  return {
    id: `ai ${model.provider}/${model.modelId} ${dimensions}`,
    dimensions,
    async embed(texts, { signal }): Promise<Vectors> {
      const { embedMany } = await importPeer("ai", () => import("ai"));
      const starts = Array.from({ length: Math.ceil(texts.length / batchSize) }, (_, i) => i * batchSize);
      const vectors: Vectors = { data: new Float32Array(texts.length * dimensions), count: texts.length, dimensions };
      const replies = mapOrdered(
        starts,
        async (from, { signal: abortSignal }) => {
          const values = texts.slice(from, from + batchSize);
          const { embeddings } = await embedMany({ model, values, abortSignal, maxParallelCalls: 1 }).catch((cause) => {
            if (abortSignal.aborted) throw cause;
            throw unusable((cause as Error).message, { from, count: values.length }, cause);
          });
          return { from, embeddings, count: values.length };
        },
        { concurrency, ...(signal ? { signal } : {}) },
      );
      for await (const { from, embeddings, count } of replies) {
        checkReply(embeddings, { from, count, dimensions });
        for (const [i, embedding] of embeddings.entries()) vectors.data.set(embedding, (from + i) * dimensions);
      }
      return vectors;
    },
  };
}

interface Texts {
  from: number;
  count: number;
}

function checkReply(embeddings: readonly number[][], texts: Texts & { dimensions: number }): void {
  if (embeddings.length !== texts.count) throw unusable(`${embeddings.length} vectors came back`, texts);
  for (const embedding of embeddings) {
    if (embedding.length !== texts.dimensions) {
      throw unusable(`vectors of ${embedding.length} dimensions came back, not ${texts.dimensions}`, texts);
    }
    if (!embedding.every(Number.isFinite)) throw unusable("a value that is no number came back", texts);
  }
}

function unusable(what: string, { from, count }: Texts, cause?: unknown): RagInstructError {
  return new RagInstructError("reply-unusable", `embedding texts ${from + 1} to ${from + count}: ${what}`, { cause });
}
