import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import type { EmbeddingModelV4 } from "@ai-sdk/provider";
import { type Embedder, type OnProgress, RagInstructError } from "@rag-instruct/core";
import { aiEmbedder, onnxEmbedder } from "@rag-instruct/embed";
import type { EmbeddingChoice, EmbeddingEndpoint, Endpoint, ResolvedConfig } from "./config.ts";
import { endpointAddress, endpointKey } from "./models.ts";
import type { RunCalls } from "./run-calls.ts";
import { type RunWorkers, referenceTo } from "./run-workers.ts";
import { fingerprint, isThere } from "./stages/fingerprint.ts";

/** What an embedder is opened with. */
export interface EmbedderContext {
  calls: Pick<RunCalls, "open">;
  signal?: AbortSignal | undefined;
  onProgress?: OnProgress;
  /** Who embeds in place of this process. @default none */
  workers?: RunWorkers | undefined;
}

/** The embedder of a choice, closed with the scope that holds it. Throws what `onnxEmbedder` does, and `bad-option`. */
export async function openEmbedder(
  choice: EmbeddingChoice,
  { calls, signal, onProgress, workers }: EmbedderContext,
): Promise<Embedder & AsyncDisposable> {
  if ("embed" in choice) return { ...bound(choice), [Symbol.asyncDispose]: async () => {} };
  if ("model" in choice) {
    const { model, quantized = false } = choice;
    if (workers) {
      const { openRemoteEmbedder } = await import("@rag-instruct/workers");
      const remote = await openRemoteEmbedder({ pool: workers.pool, reference: { model, quantized }, signal });
      return { ...remote, [Symbol.asyncDispose]: async () => {} };
    }
    return onnxEmbedder({ model, quantized, signal, onProgress });
  }
  const embedder = aiEmbedder({
    model: workers ? await remoteEndpointModel(choice, workers) : embeddingModelAt(choice),
    dimensions: choice.dimensions,
    calls: await calls.open(),
  });
  return { ...embedder, [Symbol.asyncDispose]: async () => {} };
}

/** What identifies the vectors of a choice in a stage's key and in the manifest. No key is part of it. */
export async function describeEmbedding(choice: EmbeddingChoice): Promise<Record<string, unknown>> {
  if ("embed" in choice) return { embedder: choice.id };
  if (!("model" in choice)) {
    const { name, baseUrl, dimensions } = choice;
    return { name, dimensions, baseUrl: baseUrl === undefined ? undefined : endpointAddress(baseUrl) };
  }
  const { model, quantized = false } = choice;
  return (await isThere(model)) ? { folder: await fingerprint([model]), quantized } : { model, quantized };
}

function bound(embedder: Embedder): Embedder {
  return {
    id: embedder.id,
    dimensions: embedder.dimensions,
    embed: (texts, options) => embedder.embed(texts, options),
  };
}

async function remoteEndpointModel(choice: EmbeddingEndpoint, { pool }: RunWorkers): Promise<EmbeddingModelV4> {
  const { remoteEmbeddingModel } = await import("@rag-instruct/workers");
  const { provider } = embeddingModelAt(choice, "none");
  return remoteEmbeddingModel({ pool, reference: referenceTo(choice), provider });
}

/** The embedding model of an endpoint, with the key from the environment. Throws `bad-option` like `resolveEndpoint`. */
export function embeddingModelAt(choice: Endpoint, apiKey = endpointKey(choice)): EmbeddingModelV4 {
  const { name, baseUrl } = choice;
  if (baseUrl === undefined) return createOpenAI({ apiKey: apiKey! }).embedding(name);
  return createOpenAICompatible({
    name: new URL(baseUrl).host,
    baseURL: endpointAddress(baseUrl),
    apiKey: apiKey || undefined,
  }).embeddingModel(name);
}

/** Throws `bad-option` where no embedding model is configured. */
export function requireEmbeddings({ embeddings }: Pick<ResolvedConfig, "embeddings">): void {
  if (embeddings) return;
  const message =
    "no embedding model is named; give --embeddings with a model folder, a preset such as contriever-msmarco or a hub id";
  throw new RagInstructError("bad-option", message);
}
