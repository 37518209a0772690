import { isAbsolute, resolve } from "node:path";
import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import type { EmbeddingModelV4, LanguageModelV4 } from "@ai-sdk/provider";
import { type Embedder, type OnProgress, RagInstructError } from "@rag-instruct/core";
import type { ModelObject } from "@rag-instruct/core/calls";
import { isThere, type Recall } from "@rag-instruct/core/node";
import { fingerprint } from "@rag-instruct/corpus";
import { aiEmbedder, onnxEmbedder, type PresetName, presets } from "@rag-instruct/embed";
import { offlineModel } from "@rag-instruct/simulate";
import type { ModelReference, RunWorkers } from "@rag-instruct/workers";
import {
  type EmbeddingChoice,
  type EmbeddingEndpoint,
  type Endpoint,
  endpointAddress,
  endpointName,
  isEndpoint,
  type ModelChoice,
} from "../config/choices.ts";
import type { ResolvedConfig } from "../config/schema.ts";
import type { RunCalls } from "./calls.ts";

/**
 * The model object of a choice. The endpoint's address becomes part of the provider's name, and with it of every ledger key.
 * Throws `bad-option` when OpenAI's own endpoint is meant and the key is missing.
 */
export function resolveModel(choice: ModelChoice): ModelObject {
  if (choice === "offline") return offlineModel();
  if (!isEndpoint(choice)) return choice;
  return resolveEndpoint(choice);
}

/** The model of a choice, called from here or by workers. Throws `bad-option` for one that workers cannot call. */
export async function runModel(choice: ModelChoice, workers: RunWorkers | undefined): Promise<ModelObject> {
  if (workers === undefined || choice === "offline") return resolveModel(choice);
  if (!isEndpoint(choice)) {
    throw new RagInstructError(
      "bad-option",
      "workers cannot call a model object of this process; name a model by { name, baseUrl, keyVariable }",
    );
  }
  const { remoteModel } = await import("@rag-instruct/workers");
  return remoteModel({ pool: workers.pool, reference: referenceTo(choice), provider: nameModel(choice).provider });
}

/** The model object of an endpoint, with the key from the environment. Throws like {@link resolveModel}. */
export function resolveEndpoint(endpoint: Endpoint): LanguageModelV4 {
  return endpointModel(endpoint, endpointKey(endpoint));
}

function endpointModel({ name, baseUrl }: Endpoint, apiKey: string | undefined): LanguageModelV4 {
  if (baseUrl === undefined) return createOpenAI({ apiKey: apiKey! }).chat(name);
  return createOpenAICompatible({
    name: endpointName(baseUrl),
    baseURL: endpointAddress(baseUrl),
    supportsStructuredOutputs: true,
    apiKey: apiKey || undefined,
  })(name);
}

/** The key of an endpoint, from the environment. Throws `bad-option` where OpenAI's own endpoint is meant and it is missing. */
function endpointKey({ baseUrl, keyVariable = "OPENAI_API_KEY" }: Endpoint): string | undefined {
  const key = process.env[keyVariable] || undefined;
  if (key !== undefined || baseUrl !== undefined) return key;
  throw new RagInstructError(
    "bad-option",
    `${keyVariable} is not set; set it, or name a server of your own with --base-url`,
  );
}

/** The names of a choice's model. Where a key is needed to call it, none is needed to name it. */
export function nameModel(choice: ModelChoice): { provider: string; modelId: string } {
  const { provider, modelId } = isEndpoint(choice) ? endpointModel(choice, "none") : resolveModel(choice);
  return { provider, modelId };
}

/** What identifies a model in a stage's key and in the manifest. No key is part of it. */
export function describeModel({ provider, modelId }: { provider: string; modelId: string }): string {
  return `${provider}/${modelId}`;
}

/** What an embedder is opened with. */
interface EmbedderContext {
  calls: Pick<RunCalls, "open">;
  signal?: AbortSignal;
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
    const { model, quantized = false, preset } = choice;
    if (workers) {
      const { openRemoteEmbedder } = await import("@rag-instruct/workers");
      const remote = await openRemoteEmbedder({ pool: workers.pool, reference: { model, quantized }, signal });
      return { ...remote, [Symbol.asyncDispose]: async () => {} };
    }
    if (isAbsolute(model) && !(await isThere(model))) throw modelGone(model);
    return onnxEmbedder({ model, quantized, preset: presetOf(preset), signal, onProgress });
  }
  const embedder = aiEmbedder({
    model: workers ? await remoteEndpointModel(choice, workers) : embeddingModelAt(choice),
    dimensions: choice.dimensions,
    calls: await calls.open(),
  });
  return { ...embedder, [Symbol.asyncDispose]: async () => {} };
}

/**
 * What identifies the vectors of a choice in a stage's key and in the manifest. No key is part of it.
 * @param recall reads a model folder, or gives what is recorded of one that is gone
 */
export async function describeEmbedding(choice: EmbeddingChoice, recall: Recall): Promise<Record<string, unknown>> {
  if ("embed" in choice) return { embedder: choice.id };
  if (!("model" in choice)) {
    const { name, baseUrl, dimensions } = choice;
    return { name, dimensions, baseUrl: baseUrl === undefined ? undefined : endpointAddress(baseUrl) };
  }
  const { model, quantized = false } = choice;
  const isFolder = isAbsolute(model) || (await isThere(model));
  return isFolder
    ? { folder: await recall("folder", () => fingerprint([model], { isWhole: true })), quantized }
    : { model, quantized };
}

/** A choice whose model folder is named from the root, so that it means the same from everywhere; a preset or hub id stays. */
export async function placeEmbedding(choice: EmbeddingChoice): Promise<EmbeddingChoice> {
  if (!("model" in choice) || !(await isThere(choice.model))) return choice;
  const { model, preset = Object.hasOwn(presets, model) ? model : undefined } = choice;
  return { ...choice, model: resolve(model), preset };
}

/** Throws `bad-option` for a name that is none. */
function presetOf(name: string | undefined): PresetName | undefined {
  if (name === undefined || Object.hasOwn(presets, name)) return name as PresetName | undefined;
  const known = Object.keys(presets).join(", ");
  throw new RagInstructError("bad-option", `embeddings.preset "${name}" is not one of ${known}`);
}

function modelGone(model: string): RagInstructError {
  return new RagInstructError(
    "file-missing",
    `the embedding model ${model} is not there; say where its folder is now with --embeddings, or rank by words with --retrieval bm25`,
  );
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
    name: endpointName(baseUrl),
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

/** An endpoint as workers know it. */
function referenceTo({ name, baseUrl, keyVariable }: Endpoint): ModelReference {
  return { name, baseUrls: baseUrl === undefined ? undefined : [baseUrl], keyVariable };
}
