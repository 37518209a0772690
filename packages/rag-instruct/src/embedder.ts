import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { type Embedder, type OnProgress, RagInstructError } from "@rag-instruct/core";
import { aiEmbedder, onnxEmbedder } from "@rag-instruct/embed";
import type { EmbeddingChoice, EmbeddingEndpoint, ResolvedConfig } from "./config.ts";
import { endpointAddress, endpointKey } from "./models.ts";
import type { RunCalls } from "./run-calls.ts";
import { fingerprint, isThere } from "./stages/fingerprint.ts";

/** What an embedder is opened with. */
export interface EmbedderContext {
  calls: Pick<RunCalls, "open">;
  signal?: AbortSignal | undefined;
  onProgress?: OnProgress;
}

/** The embedder of a choice, closed with the scope that holds it. Throws what `onnxEmbedder` does, and `bad-option`. */
export async function openEmbedder(
  choice: EmbeddingChoice,
  { calls, signal, onProgress }: EmbedderContext,
): Promise<Embedder & AsyncDisposable> {
  if ("embed" in choice) return { ...bound(choice), [Symbol.asyncDispose]: async () => {} };
  if ("model" in choice) {
    const { model, quantized = false } = choice;
    return onnxEmbedder({ model, quantized, ...(signal ? { signal } : {}), ...(onProgress ? { onProgress } : {}) });
  }
  const embedder = aiEmbedder({
    model: endpointModel(choice),
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
    return { name, dimensions, ...(baseUrl === undefined ? {} : { baseUrl: endpointAddress(baseUrl) }) };
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

function endpointModel(choice: EmbeddingEndpoint) {
  const { name, baseUrl } = choice;
  const apiKey = endpointKey(choice);
  if (baseUrl === undefined) return createOpenAI({ apiKey: apiKey! }).embedding(name);
  return createOpenAICompatible({
    name: new URL(baseUrl).host,
    baseURL: endpointAddress(baseUrl),
    ...(apiKey ? { apiKey } : {}),
  }).embeddingModel(name);
}

/** Throws `bad-option` where no embedding model is configured. */
export function requireEmbeddings({ embeddings }: Pick<ResolvedConfig, "embeddings">): void {
  if (embeddings) return;
  const message =
    "no embedding model is named; give --embeddings with a model folder, a preset such as contriever-msmarco or a hub id";
  throw new RagInstructError("bad-option", message);
}
