import { type CheckOutcome, checkOutcome } from "../check-outcome.ts";
import { type Price, priceOf } from "./account.ts";
import type { Failure } from "./failure.ts";
import type { ModelObject } from "./model-http.ts";
import { probeModel } from "./probe-model.ts";
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
  certificate: "NODE_EXTRA_CA_CERTS=authority.pem rag-instruct doctor …",
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
