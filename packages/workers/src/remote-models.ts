import type { EmbeddingModelV4, LanguageModelV4 } from "@ai-sdk/provider";
import { type Embedder, mapOrdered, RagInstructError } from "@rag-instruct/core";
import type { CarriesChanges } from "@rag-instruct/core/calls";
import type { WorkerPool } from "./pool.ts";
import { type EmbedderReference, limitHeaders, type ModelReference, unpackVectors } from "./protocol.ts";

/** Options of {@link remoteModel}. */
export interface RemoteModelOptions {
  pool: WorkerPool;
  /** What the workers call. */
  reference: ModelReference;
  /** Name of the provider, as a local model of the same reference has it, so that both share one ledger. */
  provider: string;
  /** Milliseconds for a call once a worker has begun it. @default 120000 */
  timeout?: number;
}

/**
 * A language model of the AI SDK whose calls are made by workers. Everything around the call, ledger, budget, retries and
 * checks, stays where it is.
 */
export function remoteModel({ pool, reference, provider, timeout = 120_000 }: RemoteModelOptions): LanguageModelV4 {
  const model: LanguageModelV4 & CarriesChanges = {
    carriesRequestChanges: true,
    specificationVersion: "v4",
    provider,
    modelId: reference.name,
    supportedUrls: {},
    async doGenerate({ abortSignal, headers: given = {}, tools: _tools, toolChoice: _choice, ...asked }) {
      // The worker's own user agent is the true one.
      const { "user-agent": _agent, ...sent } = given;
      const options = Object.keys(sent).length > 0 ? { ...asked, headers: sent } : asked;
      const { headers, ...reply } = await pool.perform(
        { kind: "generate", model: reference, options, timeout },
        { signal: abortSignal },
      );
      return { ...reply, response: headers ? { headers: limitHeaders(headers) } : undefined };
    },
    doStream() {
      throw new RagInstructError("bad-option", "workers do not stream; call the model with generateText");
    },
  };
  return model;
}

/** An embedding model of the AI SDK whose calls are made by workers. Numbers come back in single precision. */
export function remoteEmbeddingModel({
  pool,
  reference,
  provider,
  timeout = 120_000,
}: RemoteModelOptions): EmbeddingModelV4 {
  return {
    specificationVersion: "v4",
    provider,
    modelId: reference.name,
    maxEmbeddingsPerCall: undefined,
    supportsParallelCalls: true,
    async doEmbed({ abortSignal, values, providerOptions }) {
      const options = { values, providerOptions };
      const request = { kind: "embed-call", model: reference, options, timeout } as const;
      const { tokens, headers, ...packed } = await pool.perform(request, { signal: abortSignal });
      const data = unpackVectors(packed);
      const { dimensions } = packed;
      const rows = dimensions === 0 ? 0 : data.length / dimensions;
      return {
        embeddings: Array.from({ length: rows }, (_, row) => [
          ...data.subarray(row * dimensions, (row + 1) * dimensions),
        ]),
        warnings: [],
        usage: tokens === undefined ? undefined : { tokens },
        response: headers ? { headers: limitHeaders(headers) } : undefined,
      };
    },
  };
}

/** Options of {@link openRemoteEmbedder}. */
export interface RemoteEmbedderOptions {
  pool: WorkerPool;
  reference: EmbedderReference;
  /** Texts of one job. @default all of one call, so that a model pads and groups them as it would here */
  batchSize?: number;
  /** Jobs on their way for one call of `embed`. @default 32 */
  concurrency?: number;
  signal?: AbortSignal;
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
          const reply = await pool.perform(request, { signal });
          const rows = unpackVectors(reply);
          if (rows.length === batch.length * dimensions) return { rows, cut: reply.cut };
          throw new RagInstructError(
            "reply-unusable",
            `a worker gave ${rows.length} numbers for ${batch.length} texts of ${dimensions} dimensions`,
          );
        },
        { concurrency, signal },
      );
      let at = 0;
      let sum: number | undefined;
      for await (const { rows, cut } of embedded) {
        data.set(rows, at);
        at += rows.length;
        if (cut !== undefined) sum = (sum ?? 0) + cut;
      }
      return { data, count: texts.length, dimensions, cut: sum };
    },
  };
}
