import type { EmbeddingModelV4, LanguageModelV4, LanguageModelV4CallOptions } from "@ai-sdk/provider";
import { RagInstructError } from "@rag-instruct/core";
import { type CarriesChanges, changeRequests, patientModel, takeChange } from "@rag-instruct/core/calls";
import { APICallError } from "ai";

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
