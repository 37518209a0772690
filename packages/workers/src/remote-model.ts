import type { LanguageModelV4 } from "@ai-sdk/provider";
import { RagInstructError } from "@rag-instruct/core";
import type { WorkerPool } from "./pool.ts";
import type { ModelReference } from "./protocol.ts";
import { limitHeaders } from "./remote-failure.ts";

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
  return {
    specificationVersion: "v4",
    provider,
    modelId: reference.name,
    supportedUrls: {},
    async doGenerate({ abortSignal, headers: _headers, tools: _tools, toolChoice: _choice, ...options }) {
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
}
