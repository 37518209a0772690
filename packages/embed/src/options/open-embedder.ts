import { existsSync } from "node:fs";
import { isAbsolute } from "node:path";
import {
  badOption,
  type CheckOutcome,
  checkOutcome,
  type Embedder,
  type Kept,
  numberText,
  type OnProgress,
  type Passage,
  RagInstructError,
  tokensAbout,
} from "@rag-instruct/core";
import type { LazyCalls } from "@rag-instruct/core/calls";
import { isThere } from "@rag-instruct/core/node";
import type { AiEmbedderOptions } from "../ai-embedder.ts";
import { type PresetName, presets } from "../model/settings.ts";
import {
  type EmbeddingChoice,
  type EmbeddingEndpoint,
  type LocalEmbedding,
  nameEmbedding,
  vectorPaths,
} from "./embedding-options.ts";

/** What an embedder is opened with. */
export interface EmbedderContext {
  /** The paid calls of an endpoint; opened where one is chosen. */
  calls: Pick<LazyCalls, "open">;
  /** Gives the model of an endpoint. @default `embeddingModelAt` of `@rag-instruct/core/endpoints` */
  modelAt?: (place: EmbeddingEndpoint) => Promise<AiEmbedderOptions["model"]>;
  signal?: AbortSignal;
  /** Hears of a download. */
  onProgress?: OnProgress;
  /** Keeps a model of this machine open for those who open it next. @default it is closed with its scope */
  kept?: Kept<Embedder & AsyncDisposable>;
  /** What the model's files are known by, where they may be others one day under the same name. @default the name */
  knownAs?: string;
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
  { kept, knownAs, signal, onProgress }: EmbedderContext,
): Promise<Embedder & AsyncDisposable> {
  if (isAbsolute(model) && !existsSync(model))
    throw new RagInstructError(
      "file-missing",
      `the embedding model ${model} is not there; say where its folder is now with --embeddings, or rank by words with --retrieval bm25`,
    );
  const { onnxEmbedder } = await import("../onnx-embedder.ts");
  const options = { model, ...how, preset: presetOf(preset), onProgress };
  // Others may wait for what one opens and gives up on.
  return (
    kept?.get(JSON.stringify([knownAs, options]), () => onnxEmbedder(options)) ?? onnxEmbedder({ ...options, signal })
  );
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

/** Throws `bad-option` for a name that no preset has. */
function presetOf(name: string | undefined): PresetName | undefined {
  if (name === undefined || Object.hasOwn(presets, name)) return name as PresetName | undefined;
  const known = Object.keys(presets).join(", ");
  throw badOption(`embeddings.preset "${name}" is not one of ${known}`);
}

/** Tokens of a word of English, by the vocabularies of embedding models. */
const tokensOfWord = 1.33;

/** What a choice is checked with. */
export interface CheckEmbeddingContext extends EmbedderContext {
  /** Words of a passage. */
  words: number;
  /** Passages as they would be embedded, where some are known. */
  passages?: readonly Pick<Passage, "title" | "text">[];
  /** Throws where a path of vectors leads to nothing. */
  findVectors(path: string): Promise<unknown>;
}

/** Whether a choice embeds a text, and reads as much as a passage has, for a list of checks. Throws what an abort throws. */
export async function checkEmbedding(choice: EmbeddingChoice, context: CheckEmbeddingContext): Promise<CheckOutcome> {
  const { words, passages = [], findVectors, signal } = context;
  try {
    await using embedder = await openEmbedder(choice, context);
    await embedder.embed(["ready"], { kind: "query", signal });
    for (const path of vectorPaths(choice) ?? []) await findVectors(path);
    const { id, dimensions, maxTokens = Number.POSITIVE_INFINITY } = embedder;
    const tokens = Math.round(words * tokensOfWord);
    const cut = cutPassages(passages, { name: id, maxTokens });
    if (tokens <= maxTokens && cut === undefined)
      return checkOutcome.ok("embeddings", `${id}, ${dimensions} dimensions`);
    const found = cut ?? `${id} reads ${maxTokens} tokens, and a passage of ${words} words has about ${tokens}`;
    const mend = `the rest is not searched: --set corpus.by=words corpus.words=${Math.floor(maxTokens / tokensOfWord)}, or a model that reads more`;
    return checkOutcome.warning("embeddings", found, mend);
  } catch (error) {
    signal?.throwIfAborted();
    const mend = RagInstructError.is(error, "peer-missing")
      ? "npm install onnxruntime-node"
      : "mend `embeddings` in the config";
    return checkOutcome.failed("embeddings", (error as Error).message, mend);
  }
}

/**
 * Says how many passages are longer than a model reads; undefined where none is. Tokens are estimated from characters.
 * @param model.maxTokens tokens that it reads
 */
function cutPassages(
  passages: readonly Pick<Passage, "title" | "text">[],
  { name, maxTokens }: { name: string; maxTokens: number },
): string | undefined {
  const lengths = passages.map(({ title, text }) => tokensAbout(title, text));
  const cut = lengths.filter((tokens) => tokens > maxTokens);
  if (cut.length === 0) return undefined;
  const longest = cut.reduce((most, tokens) => Math.max(most, tokens), 0);
  const share = `${numberText(cut.length)} of the ${numberText(passages.length)} passages looked at`;
  return `${name} reads ${numberText(maxTokens)} tokens, and ${share} are longer: the longest has about ${numberText(longest)}`;
}

/** Says the same of a choice by the files of its model alone; undefined also where they are not here, or say no limit. Nothing is fetched or run. */
export async function cutPassagesOf(
  choice: EmbeddingChoice,
  passages: readonly Pick<Passage, "title" | "text">[],
): Promise<string | undefined> {
  const maxTokens = await tokensRead(choice);
  return maxTokens === undefined ? undefined : cutPassages(passages, { name: nameEmbedding(choice), maxTokens });
}

async function tokensRead(choice: EmbeddingChoice): Promise<number | undefined> {
  if ("embed" in choice) return choice.maxTokens;
  if (!("model" in choice)) return undefined;
  const { model, maxTokens } = choice;
  if (maxTokens !== undefined) return maxTokens;
  try {
    const { downloadModel } = await import("../hub/download.ts");
    const { readModelConfig } = await import("../model/model-config.ts");
    const folder = (await isThere(model)) ? model : await downloadModel({ model, offline: true });
    return (await readModelConfig(folder)).maxTokens;
  } catch {
    // Whoever runs the model is told what is wrong with it.
    return undefined;
  }
}
