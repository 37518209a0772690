import type { LanguageModelV4, LanguageModelV4GenerateResult } from "@ai-sdk/provider";
import { RagInstructError } from "@rag-instruct/core";
import { APICallError } from "ai";

interface Endpoint {
  model: LanguageModelV4;
  underWay: number;
  /** Milliseconds of a call, a moving mean. */
  speed: number;
  /** Failures in a row. */
  failures: number;
  restsUntil: number;
}

// How much a new call weighs in the mean of an endpoint's speed.
const weight = 0.2;
const firstRest = 1000;
const longestRest = 60_000;

/**
 * One model over several endpoints that serve the same weights: each call goes where it is likely to end first, by calls under
 * way and measured speed. An endpoint that fails rests, longer each time, and the call goes to another one; when none is
 * left, the last error is thrown.
 */
export function balancedModel(models: readonly LanguageModelV4[]): LanguageModelV4 {
  const [first] = models;
  if (!first) throw new RagInstructError("bad-option", "there is no endpoint to balance; name one or more");
  const endpoints: Endpoint[] = models.map((model) => ({ model, underWay: 0, speed: 0, failures: 0, restsUntil: 0 }));
  return {
    specificationVersion: "v4",
    provider: models.length === 1 ? first.provider : "balanced",
    modelId: first.modelId,
    supportedUrls: first.supportedUrls,
    async doGenerate(options) {
      const untried = new Set(endpoints);
      for (;;) {
        const endpoint = likelyFirst(untried);
        untried.delete(endpoint);
        try {
          return await timed(endpoint, () => endpoint.model.doGenerate(options));
        } catch (error) {
          if (options.abortSignal?.aborted || !isOfEndpoint(error)) throw error;
          rest(endpoint);
          if (![...untried].some(isReady)) throw error;
        }
      }
    },
    doStream: (options) => likelyFirst(new Set(endpoints)).model.doStream(options),
  };
}

function likelyFirst(endpoints: ReadonlySet<Endpoint>): Endpoint {
  const ready = [...endpoints].filter(isReady);
  const [best] =
    ready.length > 0
      ? ready.sort((a, b) => expected(a) - expected(b))
      : [...endpoints].sort((a, b) => a.restsUntil - b.restsUntil);
  return best!;
}

function expected({ underWay, speed }: Endpoint): number {
  return (underWay + 1) * Math.max(speed, 1);
}

function isReady({ restsUntil }: Endpoint): boolean {
  return restsUntil <= Date.now();
}

async function timed(
  endpoint: Endpoint,
  call: () => PromiseLike<LanguageModelV4GenerateResult>,
): Promise<LanguageModelV4GenerateResult> {
  const start = performance.now();
  endpoint.underWay++;
  try {
    const result = await call();
    const took = performance.now() - start;
    endpoint.speed = endpoint.speed === 0 ? took : endpoint.speed + weight * (took - endpoint.speed);
    endpoint.failures = 0;
    return result;
  } finally {
    endpoint.underWay--;
  }
}

function rest(endpoint: Endpoint): void {
  endpoint.failures++;
  endpoint.restsUntil = Date.now() + Math.min(longestRest, firstRest * 2 ** (endpoint.failures - 1));
}

/** Whether another endpoint might answer: not so for a request that is wrong in itself. */
function isOfEndpoint(error: unknown): boolean {
  if (!APICallError.isInstance(error) || error.statusCode === undefined) return true;
  return ![400, 413, 422].includes(error.statusCode);
}
