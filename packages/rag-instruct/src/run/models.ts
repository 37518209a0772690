import { hostname } from "node:os";
import { basename, resolve } from "node:path";
import type { LanguageModelV4 } from "@ai-sdk/provider";
import { badOption, type Embedder, hashOf, type Kept, type OnProgress } from "@rag-instruct/core";
import type { CallsOptions, Ledger, ModelObject, ModelSettings, SharedBudget } from "@rag-instruct/core/calls";
import { embeddingModelAt, languageModelAt } from "@rag-instruct/core/endpoints";
import { type GgufModel, ggufModel, ggufProvider, nameGguf } from "@rag-instruct/core/gguf";
import type { Endpoint, GgufChoice, SettingsChoice } from "@rag-instruct/core/options";
import { downloadGguf } from "@rag-instruct/embed";
import { type EmbedderContext, type EmbeddingChoice, openEmbedder as openHere } from "@rag-instruct/embed/options";
import {
  type ExpectedCalls,
  offlineModel,
  offlineModelId,
  offlineProvider,
  recordedModel,
  recordedModelId,
  recordedProvider,
} from "@rag-instruct/simulate";
import type { ModelReference, RunWorkers } from "@rag-instruct/workers";
import {
  isEndpoint,
  isGguf,
  isOnHub,
  isStandInChoice,
  type ModelChoice,
  type StandIn,
} from "../config/model-choice.ts";
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
    throw badOption("workers cannot call a model of this process; name one by { name, baseUrl, keyVariable }");
  }
  const { remoteModel } = await import("@rag-instruct/workers");
  return remoteModel({ pool, reference: referenceTo(choice), provider: nameModel(choice).provider });
}

function resolveModel(choice: Exclude<ModelChoice, GgufChoice>): ModelObject {
  if (isStandInChoice(choice)) return standInModel(choice);
  return isEndpoint(choice) ? languageModelAt(choice) : choice;
}

function standInModel(choice: StandIn): LanguageModelV4 {
  return choice === "offline" ? offlineModel() : recordedModel(recordedReplies());
}

const standIns: Readonly<Record<StandIn, { provider: string; modelId: string }>> = {
  offline: { provider: offlineProvider, modelId: offlineModelId },
  recorded: { provider: recordedProvider, modelId: recordedModelId },
};

/** The names of a choice's model, with the address that tells its price. Where a key or a file is needed to call it, none is needed here. */
export function nameModel(choice: ModelChoice): { provider: string; modelId: string } {
  if (isStandInChoice(choice)) return standIns[choice];
  if (isGguf(choice)) return { provider: ggufProvider, modelId: nameOfGguf(choice.gguf) };
  return isEndpoint(choice) ? languageModelAt(choice, "none") : resolveModel(choice);
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
interface ModelEmbedderContext extends EmbedderContext {
  /** Who embeds in place of this process. @default none */
  workers?: RunWorkers | undefined;
}

/** The embedder of a choice, here or at workers. Throws what `openEmbedder` of `@rag-instruct/embed/options` does. */
export async function openEmbedder(
  choice: EmbeddingChoice,
  { workers, ...context }: ModelEmbedderContext,
): Promise<Embedder & AsyncDisposable> {
  if (!workers || "embed" in choice) return openHere(choice, context);
  const { openRemoteEmbedder, remoteEmbeddingModel } = await import("@rag-instruct/workers");
  const { pool } = workers;
  if ("model" in choice) {
    const { vectors: _, ...reference } = choice;
    const remote = await openRemoteEmbedder({ pool, reference, signal: context.signal });
    return { ...remote, [Symbol.asyncDispose]: async () => {} };
  }
  const { provider } = embeddingModelAt(choice, "none");
  const model = remoteEmbeddingModel({ pool, reference: referenceTo(choice), provider });
  return openHere(choice, { ...context, modelAt: async () => model });
}

/** Throws `bad-option` where no embedding model is configured. */
export function requireEmbeddings({ embeddings }: Pick<ResolvedConfig, "embeddings">): void {
  if (embeddings) return;
  throw badOption(
    "no embedding model is named; give --embeddings with a model folder, a preset such as contriever-msmarco or a hub id",
  );
}

/** An endpoint as workers know it. */
function referenceTo({ name, baseUrl, keyVariable }: Endpoint): ModelReference {
  return { name, baseUrls: baseUrl === undefined ? undefined : [baseUrl], keyVariable };
}

/** How a run makes its paid calls: one ledger, budget and pace for all stages. */
export function callsOptions(
  config: Pick<ResolvedConfig, "concurrency" | "prices" | "timeout" | "deadline" | "settings" | "budget" | "limits">,
  ledger: string,
  paying?: Paying,
): CallsOptions {
  const { concurrency, prices, timeout, deadline, settings, budget, limits } = config;
  return {
    ledger: paying?.ledger ?? ledger,
    concurrency: { max: concurrency },
    prices,
    timeout: timeout && timeout * 1000,
    deadline: deadline * 1000,
    budget: paying?.budget ?? budget,
    limits,
    settings: callSettings(settings),
  };
}

/** The settings of a config as calls take them. */
export function callSettings(choice: SettingsChoice | undefined): ModelSettings | undefined {
  if (!choice) return undefined;
  const { stop, ...settings } = choice;
  return stop ? { ...settings, stopSequences: [...stop] } : settings;
}

/** What workers are needed for. */
interface Served extends Pick<ResolvedConfig, "to"> {
  limits?: ResolvedConfig["limits"];
  /** Provider and id of the model, whose limits the workers share. */
  model: string;
  /** Called with what to do while work waits that no worker takes. */
  onNoWorker?: (note: string) => void;
}

/** The workers of a Redis; none without an address. Throws as `openWorkerPool` does. */
export async function openRunWorkers(
  redis: string | undefined,
  { to, model, limits, onNoWorker }: Served,
): Promise<RunWorkers | undefined> {
  if (redis === undefined) return undefined;
  const workers = await import("@rag-instruct/workers");
  return workers.openRunWorkers({ redis, run: hashOf([hostname(), resolve(to)]), endpoint: model, limits, onNoWorker });
}

/** Told what is about to be called and paid for, before the first call; what it throws stops the command. */
export type BeforeCalls = (expected: ExpectedCalls) => void | Promise<void>;

/** Who pays for calls in the place of the run that they are made in, and keeps what is slow to open between them. */
export interface Paying {
  budget: SharedBudget;
  /** Keeps the replies. @default a file of the run */
  ledger?: Ledger;
  /** Told before the first call; what it throws stops it. */
  beforeCalls?: BeforeCalls;
  /** @default a model that embeds questions here is closed with each retriever */
  kept?: Kept<Embedder & AsyncDisposable>;
}
