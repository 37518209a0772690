import { existsSync } from "node:fs";
import { isAbsolute } from "node:path";
import { type Embedder, type OnProgress, RagInstructError } from "@rag-instruct/core";
import type { LazyCalls } from "@rag-instruct/core/calls";
import type { AiEmbedderOptions } from "../ai-embedder.ts";
import { type PresetName, presets } from "../model/presets.ts";
import type { EmbeddingChoice, EmbeddingEndpoint, LocalEmbedding } from "./embedding-options.ts";

/** What an embedder is opened with. */
export interface EmbedderContext {
  /** The paid calls of an endpoint; opened where one is chosen. */
  calls: Pick<LazyCalls, "open">;
  /** Gives the model of an endpoint. @default `embeddingModelAt` of `@rag-instruct/core/endpoints` */
  modelAt?: (place: EmbeddingEndpoint) => Promise<AiEmbedderOptions["model"]>;
  signal?: AbortSignal;
  /** Hears of a download. */
  onProgress?: OnProgress;
}

/**
 * The embedder of a choice, closed with the scope that holds it; an embedder object is closed by whoever made it. Throws what `onnxEmbedder`
 * and `aiEmbedder` do, `file-missing` for a folder that is gone, and `bad-option` for an unknown preset and a missing key.
 */
export async function openEmbedder(
  choice: EmbeddingChoice,
  context: EmbedderContext,
): Promise<Embedder & AsyncDisposable> {
  if ("embed" in choice) {
    const { id, dimensions, maxTokens } = choice;
    return unheld({ id, dimensions, maxTokens, embed: (texts, options) => choice.embed(texts, options) });
  }
  return "model" in choice ? openHere(choice, context) : unheld(await openEndpoint(choice, context));
}

function unheld(embedder: Embedder): Embedder & AsyncDisposable {
  return { ...embedder, [Symbol.asyncDispose]: async () => {} };
}

async function openHere(
  { model, vectors: _, preset, ...how }: LocalEmbedding,
  { signal, onProgress }: EmbedderContext,
): Promise<Embedder & AsyncDisposable> {
  if (isAbsolute(model) && !existsSync(model))
    throw new RagInstructError(
      "file-missing",
      `the embedding model ${model} is not there; say where its folder is now with --embeddings, or rank by words with --retrieval bm25`,
    );
  const { onnxEmbedder } = await import("../onnx-embedder.ts");
  return onnxEmbedder({ model, ...how, preset: presetOf(preset), signal, onProgress });
}

async function openEndpoint(choice: EmbeddingEndpoint, { calls, modelAt = modelHere }: EmbedderContext) {
  const { dimensions, batchSize } = choice;
  const preset = presetOf(choice.preset);
  const { aiEmbedder } = await import("../ai-embedder.ts");
  return aiEmbedder({
    model: await modelAt(choice),
    dimensions,
    batchSize,
    prompts: choice.prompts ?? (preset && presets[preset].prompts),
    calls: await calls.open(),
  });
}

async function modelHere(place: EmbeddingEndpoint): Promise<AiEmbedderOptions["model"]> {
  const { embeddingModelAt } = await import("@rag-instruct/core/endpoints");
  return embeddingModelAt(place);
}

/** Throws `bad-option` for a name that is none. */
function presetOf(name: string | undefined): PresetName | undefined {
  if (name === undefined || Object.hasOwn(presets, name)) return name as PresetName | undefined;
  const known = Object.keys(presets).join(", ");
  throw new RagInstructError("bad-option", `embeddings.preset "${name}" is not one of ${known}`);
}
