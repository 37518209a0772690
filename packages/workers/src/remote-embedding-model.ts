import type { EmbeddingModelV4 } from "@ai-sdk/provider";
import { unpackVectors } from "./packed-vectors.ts";
import { limitHeaders } from "./remote-failure.ts";
import type { RemoteModelOptions } from "./remote-model.ts";

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
