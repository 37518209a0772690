import type { EmbeddingModelV4, LanguageModelV4, LanguageModelV4CallOptions } from "@ai-sdk/provider";
import { RagInstructError } from "@rag-instruct/core";
import { type CarriesChanges, changeRequests, patientModel, takeChange } from "@rag-instruct/core/calls";
import type { ModelPlace } from "@rag-instruct/core/endpoints";
import { APICallError } from "ai";
import type { ModelReference } from "./protocol.ts";

/** What a worker lets runs do with its keys and its network. */
export interface WorkerRules {
  /** Servers that it calls in place of those of the run. @default those of the run */
  baseUrls?: readonly string[];
  /** Servers of runs that it may call, beside OpenAI's own. @default none */
  allowed?: readonly string[];
  /** Environment variables whose keys it may use. @default ["OPENAI_API_KEY"] */
  keyVariables?: readonly string[];
}

/**
 * Where a run's model is called. Which addresses and keys a run may use is for the worker to say, and not for what is in Redis: whoever
 * writes there could have it send a key anywhere. Throws `bad-option` with the flag of `rag-instruct worker` that would allow it.
 */
export function placesFor(
  { name, baseUrls: asked, keyVariable = "OPENAI_API_KEY" }: ModelReference,
  { baseUrls, allowed = [], keyVariables = ["OPENAI_API_KEY"] }: WorkerRules,
): ModelPlace[] {
  if (!keyVariables.includes(keyVariable)) {
    throw new RagInstructError(
      "bad-option",
      `the run wants the key in ${keyVariable}, which this worker may not use; start it with --key-variable ${keyVariable}`,
    );
  }
  const refused = baseUrls ? undefined : asked?.find((address) => !allowed.some((known) => isSame(known, address)));
  if (refused !== undefined) {
    throw new RagInstructError(
      "bad-option",
      `the run wants ${refused} called, which this worker may not; start it with --allow ${refused}, or with --base-url and a server of its own`,
    );
  }
  const addresses = baseUrls ?? asked;
  return addresses ? addresses.map((baseUrl) => ({ name, keyVariable, baseUrl })) : [{ name, keyVariable }];
}

/** Whether two addresses are one, whatever slashes end them. */
function isSame(one: string, other: string): boolean {
  return [one, other].every((url) => URL.canParse(url)) && trimmed(one) === trimmed(other);
}

function trimmed(url: string): string {
  return new URL(url).href.replace(/\/+$/, "");
}

interface Endpoint<M = unknown> {
  model: M;
  underWay: number;
  /** Milliseconds of a call, a moving mean. */
  latency: number;
  /** Failures in a row. */
  failures: number;
  restsUntil: number;
}

// How much a new call weighs in the mean of an endpoint's latency.
const weight = 0.2;
const firstRest = 1000;
const maxRest = 60_000;

/**
 * One model over several endpoints that serve the same weights: each call goes where it is likely to end first, by calls under
 * way and measured latency. An endpoint that fails rests, longer each time, and the call goes to another one; when none is
 * left, the last error is thrown.
 */
export function balancedModel(models: readonly LanguageModelV4[]): LanguageModelV4 {
  const { first, choose, perform } = balance(models);
  const balanced: LanguageModelV4 & CarriesChanges = {
    carriesRequestChanges: true,
    specificationVersion: "v4",
    provider: models.length === 1 ? first.provider : "balanced",
    modelId: first.modelId,
    supportedUrls: first.supportedUrls,
    doGenerate: (options) => perform((model) => generateChanged(model, options), options.abortSignal),
    doStream: (options) => choose().doStream(options),
  };
  return balanced;
}

/** Calls a model with the change of its request that travels in the provider options. */
export function generateChanged(model: LanguageModelV4, options: LanguageModelV4CallOptions) {
  const { change, providerOptions } = takeChange(options.providerOptions);
  const changed = changeRequests(model, change);
  const asked = { ...options, providerOptions: { ...providerOptions, ...changed.providerOptions } };
  return patientModel(changed.model as LanguageModelV4).doGenerate(asked as LanguageModelV4CallOptions);
}

/** The same for an embedding model. */
export function balancedEmbeddingModel(models: readonly EmbeddingModelV4[]): EmbeddingModelV4 {
  const { first, perform } = balance(models);
  return {
    specificationVersion: "v4",
    provider: models.length === 1 ? first.provider : "balanced",
    modelId: first.modelId,
    maxEmbeddingsPerCall: first.maxEmbeddingsPerCall,
    supportsParallelCalls: first.supportsParallelCalls,
    doEmbed: (options) => perform((model) => patientModel(model).doEmbed(options), options.abortSignal),
  };
}

function balance<M>(models: readonly M[]) {
  const [first] = models;
  if (first === undefined)
    throw new RagInstructError("bad-option", "there is no endpoint to balance; name one or more");
  const endpoints = models.map(
    (model): Endpoint<M> => ({ model, underWay: 0, latency: 0, failures: 0, restsUntil: 0 }),
  );
  return {
    first,
    choose: () => likelyFirst(new Set(endpoints)).model,
    async perform<R>(call: (model: M) => PromiseLike<R>, signal: AbortSignal | undefined): Promise<R> {
      const untried = new Set(endpoints);
      for (;;) {
        const endpoint = likelyFirst(untried);
        untried.delete(endpoint);
        try {
          return await timed(endpoint, () => call(endpoint.model));
        } catch (error) {
          if (signal?.aborted || !isOfEndpoint(error)) throw error;
          rest(endpoint);
          if (![...untried].some(isReady)) throw error;
        }
      }
    },
  };
}

function likelyFirst<M>(endpoints: ReadonlySet<Endpoint<M>>): Endpoint<M> {
  const ready = [...endpoints].filter(isReady);
  const [best] =
    ready.length > 0
      ? ready.sort((a, b) => expected(a) - expected(b))
      : [...endpoints].sort((a, b) => a.restsUntil - b.restsUntil);
  return best!;
}

function expected({ underWay, latency }: Endpoint): number {
  return (underWay + 1) * Math.max(latency, 1);
}

function isReady({ restsUntil }: Endpoint): boolean {
  return restsUntil <= Date.now();
}

async function timed<R>(endpoint: Endpoint, call: () => PromiseLike<R>): Promise<R> {
  const start = performance.now();
  endpoint.underWay++;
  try {
    const result = await call();
    const took = performance.now() - start;
    endpoint.latency = endpoint.latency === 0 ? took : endpoint.latency + weight * (took - endpoint.latency);
    endpoint.failures = 0;
    return result;
  } finally {
    endpoint.underWay--;
  }
}

function rest(endpoint: Endpoint): void {
  endpoint.failures++;
  endpoint.restsUntil = Date.now() + Math.min(maxRest, firstRest * 2 ** (endpoint.failures - 1));
}

/** Whether another endpoint might answer: not so for a request that is wrong in itself. */
function isOfEndpoint(error: unknown): boolean {
  if (!APICallError.isInstance(error) || error.statusCode === undefined) return true;
  return ![400, 413, 422].includes(error.statusCode);
}
