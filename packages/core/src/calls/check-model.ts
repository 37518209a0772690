import { jsonSchema } from "ai";
import { type CheckOutcome, checkOutcome } from "../check-outcome.ts";
import { trimEndOf } from "../text.ts";
import { isObject } from "../types.ts";
import { systemClock } from "../waiting.ts";
import { type Price, priceOf } from "./account.ts";
import { askCall, type TextReply } from "./ask.ts";
import { SchemaTrials } from "./endpoint-limits.ts";
import { type Failure, judgeFailure } from "./failure.ts";
import { type ModelObject, runsHere } from "./model-http.ts";
import type { ReplyEnd } from "./read-reply.ts";
import type { ModelSettings } from "./settings.ts";

/** Options of {@link checkLanguageModel}. */
export interface CheckModelOptions {
  settings?: ModelSettings;
  /** Prices by model id, before those that are known. */
  prices?: Readonly<Record<string, Price>>;
  /** Whether a run stops without a price, because its budget is in dollars. @default false */
  needsPrice?: boolean;
  signal?: AbortSignal;
}

/**
 * Whether a model answers, follows a schema and has a known price, with what to do where it does not. Makes one or two calls of a few
 * tokens, just as a run makes its own. Throws only what the signal gives.
 */
export async function checkLanguageModel(model: ModelObject, options: CheckModelOptions = {}): Promise<CheckOutcome[]> {
  return [...(await askOnce(model, options)), checkPrice(model, options)];
}

async function askOnce(model: ModelObject, { settings, signal }: CheckModelOptions): Promise<CheckOutcome[]> {
  const name = `${model.provider}/${model.modelId}`;
  const probe = await probeModel(model, { settings, signal });
  if ("failure" in probe) return [describeFailure(name, probe.failure)];
  if ("slow" in probe) {
    const mend = "a run waits longer; warm the server up, or raise the time of a call in the config";
    return [checkOutcome.warning("model", `${name} is there, and has not answered in ${probe.slow / 1000} s`, mend)];
  }
  const answers = checkOutcome.ok("model", `${name} answers in ${probe.seconds.toFixed(1)} s`);
  if (probe.end) return [answers, checkOutcome.failed("reply", probe.end.detail, mends.reply)];
  return [answers, structured[probe.schema]];
}

const structured = {
  followed: checkOutcome.ok("structured output", "the endpoint takes a schema, and the model follows it"),
  ignored: checkOutcome.warning(
    "structured output",
    "the model did not keep to the schema",
    "a run repairs what it can and asks again; a larger model, or a server that enforces schemas, wastes less",
  ),
  refused: checkOutcome.warning(
    "structured output",
    "the endpoint refuses a schema",
    "nothing to do: the prompt carries the form of the reply; a server with JSON schemas wastes fewer calls",
  ),
};

const mends = {
  key: "set OPENAI_API_KEY, or `keyVariable` in the config, to a key of this endpoint",
  quota: "wait, or look at the account's limits",
  model: "look at --model, and that --base-url ends in /v1",
  settings: "mend `model` in the config",
  certificate: "set NODE_EXTRA_CA_CERTS to the file of its authority, NODE_EXTRA_CA_CERTS=authority.pem, and ask again",
  endpoint: "look at the server's own log",
  reply: "set it under `settings` in the config, or with --max-tokens and --body, and ask again",
};

// A run waits so long for an endpoint that is away or has a limit: the default of core's `patience`.
const patience = 600_000;

function describeFailure(name: string, failure: Failure): CheckOutcome {
  const { message } = failure.error;
  if (failure.kind === "hopeless") return checkOutcome.failed("model", `${name}: ${message}`, mends[failure.fault]);
  if (failure.kind === "rejected") return checkOutcome.failed("model", `${name}: ${message}`, mends.endpoint);
  if (failure.kind === "transient" && failure.nobodyAt !== undefined)
    return checkOutcome.failed(
      "model",
      `${name} cannot be reached: ${message}`,
      "start the server, or mend --base-url",
    );
  const isWaitedFor = failure.kind === "overloaded" || failure.isOutage;
  if (isWaitedFor && (failure.wait ?? 0) <= patience)
    return checkOutcome.warning("model", `${name}: ${message}`, "a run waits for it, for ten minutes at most");
  if (failure.kind === "transient" && failure.isNoAnswer)
    return checkOutcome.failed("model", `${name}: ${message}`, mends.model);
  // An endpoint that cannot be reached sends no headers.
  if (failure.headers) return checkOutcome.failed("model", `${name}: ${message}`, mends.endpoint);
  return checkOutcome.failed("model", `${name} cannot be reached: ${message}`, "start the server, or mend --base-url");
}

function checkPrice(model: ModelObject, { prices, needsPrice = false }: CheckModelOptions): CheckOutcome {
  const { modelId } = model;
  const price = priceOf(model, prices);
  if (price)
    return checkOutcome.ok("price", `$${price.inputPerMillion} in, $${price.outputPerMillion} out per million tokens`);
  const found = `the price of ${modelId} is not known`;
  const mend = `give it in the config: prices: { "${modelId}": { inputPerMillion: 0, outputPerMillion: 0 } }`;
  return needsPrice
    ? checkOutcome.failed("price", `${found} and the budget is in dollars`, mend)
    : checkOutcome.warning("price", found, `${mend}; a server of your own may cost nothing`);
}

const maxWait = 30_000;
// One that runs here is loaded first.
const maxWaitHere = 600_000;
const maxTries = 3;
const backOff = 500;
const prompt = 'Reply with the JSON object {"ready": true} and nothing else.';
const schema = jsonSchema<{ ready: boolean }>({
  type: "object",
  properties: { ready: { type: "boolean" } },
  required: ["ready"],
  additionalProperties: false,
});

/** What {@link probeModel} found. */
export type ModelProbe =
  /**
   * It answered: `schema` says whether the endpoint takes a JSON schema, and whether the model kept to it; `end` is why there is no
   * object in its answer, such as output that went into thinking.
   */
  | { seconds: number; schema: "followed" | "ignored" | "refused"; end?: ReplyEnd }
  | { failure: Failure }
  /** Something listens there, and has not answered within this many milliseconds. */
  | { slow: number };

/**
 * Asks a model one short question just as a run asks its own, without any ledger, and up to three times where an answer may go better
 * next time. Throws only what the signal gives.
 * @param options.wait milliseconds for all of it. @default 30000, and 600000 for a model that is loaded into this process
 */
export async function probeModel(
  model: ModelObject,
  {
    settings,
    signal,
    wait = runsHere(model) ? maxWaitHere : maxWait,
  }: { settings?: ModelSettings; signal?: AbortSignal; wait?: number } = {},
): Promise<ModelProbe> {
  const timeout = AbortSignal.timeout(wait);
  const abort = signal ? AbortSignal.any([signal, timeout]) : timeout;
  const call = askCall({ model, prompt, schema, settings, version: "probe" }, { isBatched: false });
  for (let tries = 1; ; tries++) {
    const start = performance.now();
    try {
      const first = await call.execute(abort);
      const { value } = (await call.afterCut(first.value)?.execute(abort)) ?? first;
      return {
        seconds: (performance.now() - start) / 1000,
        ...readProbe(value, SchemaTrials.of(model).hasTaken(schema)),
      };
    } catch (error) {
      signal?.throwIfAborted();
      if (timeout.aborted) return { slow: wait };
      const failure = judgeFailure(error, await call.secrets?.());
      if (tries === maxTries || !mayGoBetter(failure)) return { failure };
      const pause = (failure.kind === "overloaded" && failure.wait) || backOff * tries;
      if (pause > wait / 2) return { failure };
      await systemClock.sleep(pause, abort).catch(() => {});
    }
  }
}

function mayGoBetter(failure: Failure): boolean {
  return failure.kind === "overloaded" || (failure.kind === "transient" && failure.nobodyAt === undefined);
}

function readProbe(
  { text, end }: TextReply,
  isTaken: boolean,
): { schema: "followed" | "ignored" | "refused"; end?: ReplyEnd } {
  const isObjectAlone = isReady(text);
  return {
    schema: !isTaken ? "refused" : isObjectAlone ? "followed" : "ignored",
    end: isObjectAlone ? undefined : end,
  };
}

function isReady(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) && "ready" in value;
  } catch {
    return false;
  }
}

const maxListWait = 5_000;

/** Ids of the models that an OpenAI-compatible server says it has; undefined where it does not say, or does not answer within 5 s. */
export async function listModels(
  baseUrl: string,
  { apiKey, signal }: { apiKey?: string; signal?: AbortSignal } = {},
): Promise<string[] | undefined> {
  const timeout = AbortSignal.timeout(maxListWait);
  try {
    const response = await fetch(`${trimEndOf(baseUrl, /\//)}/models`, {
      headers: apiKey ? { authorization: `Bearer ${apiKey}` } : {},
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    });
    const body: unknown = response.ok ? await response.json() : undefined;
    const list = isObject(body) && Array.isArray(body.data) ? body.data : undefined;
    return list?.flatMap((each: unknown) => (isObject(each) && typeof each.id === "string" ? [each.id] : []));
  } catch {
    signal?.throwIfAborted();
    return undefined;
  }
}
