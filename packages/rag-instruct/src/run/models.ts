import { basename, isAbsolute, resolve } from "node:path";
import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import type { EmbeddingModelV4, LanguageModelV4 } from "@ai-sdk/provider";
import { type Embedder, type OnProgress, RagInstructError } from "@rag-instruct/core";
import type { LazyCalls, ModelObject } from "@rag-instruct/core/calls";
import { type GgufModel, ggufModel, ggufProvider, nameGguf } from "@rag-instruct/core/gguf";
import { isThere, type Recall } from "@rag-instruct/core/node";
import { fingerprint } from "@rag-instruct/corpus";
import { aiEmbedder, downloadGguf, onnxEmbedder, type PresetName, presets } from "@rag-instruct/embed";
import {
  offlineModel,
  offlineModelId,
  offlineProvider,
  recordedModel,
  recordedModelId,
  recordedProvider,
} from "@rag-instruct/simulate";
import type { ModelReference, RunWorkers } from "@rag-instruct/workers";
import {
  type EmbeddingChoice,
  type EmbeddingEndpoint,
  type Endpoint,
  endpointAddress,
  endpointName,
  type GgufChoice,
  isEndpoint,
  isGguf,
  isOnHub,
  isStandInChoice,
  type ModelChoice,
  type StandIn,
  vectorPaths,
} from "../config/choices.ts";
import type { ResolvedConfig } from "../config/schema.ts";
import { recordedReplies } from "../demo.ts";

/** What a model is opened with. */
interface ModelContext {
  signal?: AbortSignal;
  /** Hears of a download. */
  onProgress?: OnProgress;
  /** Who calls it in place of this process. @default none */
  workers?: RunWorkers | undefined;
}

/** A model, and what it holds until it is disposed of. */
interface OpenModel extends AsyncDisposable {
  model: ModelObject;
}

/**
 * The model of a choice, called from here or by workers. An endpoint's address becomes part of the provider's name, and with it of every
 * ledger key. Throws `bad-option` when OpenAI's own endpoint is meant and the key is missing, and for one that workers cannot call; for
 * a GGUF file what `ggufModel` and `downloadGguf` throw.
 */
export async function openModel(choice: ModelChoice, context: ModelContext = {}): Promise<OpenModel> {
  const { workers } = context;
  if (workers !== undefined) return unheld(await remote(choice, workers));
  if (!isGguf(choice)) return unheld(resolveModel(choice));
  const model = await openGguf(choice, context);
  return { model, [Symbol.asyncDispose]: () => model.close() };
}

function unheld(model: ModelObject): OpenModel {
  return { model, [Symbol.asyncDispose]: async () => {} };
}

async function openGguf({ gguf, ...options }: GgufChoice, { signal, onProgress }: ModelContext): Promise<GgufModel> {
  if (!isOnHub(gguf)) return ggufModel({ ...options, path: gguf });
  return ggufModel({ ...options, path: await downloadGguf({ model: gguf, signal, onProgress }), id: gguf });
}

async function remote(choice: ModelChoice, { pool }: RunWorkers): Promise<ModelObject> {
  if (isStandInChoice(choice)) return standInModel(choice);
  if (!isEndpoint(choice)) {
    throw new RagInstructError(
      "bad-option",
      "workers cannot call a model of this process; name one by { name, baseUrl, keyVariable }",
    );
  }
  const { remoteModel } = await import("@rag-instruct/workers");
  return remoteModel({ pool, reference: referenceTo(choice), provider: nameModel(choice).provider });
}

function resolveModel(choice: Exclude<ModelChoice, GgufChoice>): ModelObject {
  if (isStandInChoice(choice)) return standInModel(choice);
  return isEndpoint(choice) ? resolveEndpoint(choice) : choice;
}

function standInModel(choice: StandIn): LanguageModelV4 {
  return choice === "offline" ? offlineModel() : recordedModel(recordedReplies());
}

const standIns: Readonly<Record<StandIn, { provider: string; modelId: string }>> = {
  offline: { provider: offlineProvider, modelId: offlineModelId },
  recorded: { provider: recordedProvider, modelId: recordedModelId },
};

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

/** The names of a choice's model. Where a key or a file is needed to call it, none is needed to name it. */
export function nameModel(choice: ModelChoice): { provider: string; modelId: string } {
  if (isStandInChoice(choice)) return standIns[choice];
  if (isGguf(choice)) return { provider: ggufProvider, modelId: nameOfGguf(choice.gguf) };
  const { provider, modelId } = isEndpoint(choice) ? endpointModel(choice, "none") : resolveModel(choice);
  return { provider, modelId };
}

/** A file that is gone can still be named in a report. */
function nameOfGguf(gguf: string): string {
  if (isOnHub(gguf)) return gguf;
  try {
    return nameGguf(gguf);
  } catch {
    return basename(gguf);
  }
}

/** What identifies a model in a stage's key and in the manifest. No key is part of it. */
export function describeModel({ provider, modelId }: { provider: string; modelId: string }): string {
  return `${provider}/${modelId}`;
}

/** What an embedder is opened with. */
interface EmbedderContext {
  calls: Pick<LazyCalls, "open">;
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
    const { model, vectors: _vectors, ...how } = choice;
    if (workers) {
      const { openRemoteEmbedder } = await import("@rag-instruct/workers");
      const remote = await openRemoteEmbedder({ pool: workers.pool, reference: { model, ...how }, signal });
      return { ...remote, [Symbol.asyncDispose]: async () => {} };
    }
    if (isAbsolute(model) && !(await isThere(model))) throw modelGone(model);
    return onnxEmbedder({ model, ...how, preset: presetOf(how.preset), signal, onProgress });
  }
  const { dimensions, batchSize } = choice;
  const preset = presetOf(choice.preset);
  const embedder = aiEmbedder({
    model: workers ? await remoteEndpointModel(choice, workers) : embeddingModelAt(choice),
    dimensions,
    batchSize,
    prompts: choice.prompts ?? (preset && presets[preset].prompts),
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
  const { preset, prompts } = choice;
  const paths = vectorPaths(choice);
  const vectors = paths && (await recall("vectors", () => fingerprint(paths)));
  if (!("model" in choice)) {
    const { name, baseUrl, dimensions } = choice;
    const address = baseUrl === undefined ? undefined : endpointAddress(baseUrl);
    return { name, dimensions, baseUrl: address, preset, prompts, vectors };
  }
  const { model, quantized = false, graph, pooling, normalize, maxTokens, dimensions } = choice;
  // One that is called as its folder is the folder's own, whether it was said or not.
  const stated = preset === basename(model) ? undefined : preset;
  const how = { quantized, graph, preset: stated, pooling, normalize, prompts, maxTokens, dimensions, vectors };
  const isFolder = isAbsolute(model) || (await isThere(model));
  return isFolder
    ? { folder: await recall("folder", () => fingerprint([model], { isWhole: true })), ...how }
    : { model, ...how };
}

/** A choice whose folders are named from the root, so that they mean the same from everywhere; a preset or hub id stays. */
export async function placeEmbedding(choice: EmbeddingChoice): Promise<EmbeddingChoice> {
  if ("embed" in choice) return choice;
  const vectors = vectorPaths(choice)?.map((path) => resolve(path));
  if (!("model" in choice) || !(await isThere(choice.model))) return { ...choice, vectors };
  return { ...choice, model: resolve(choice.model), vectors };
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
