import { type Check, check, RagInstructError } from "@rag-instruct/core";
import { type Failure, lazyCalls, type ModelObject, priceOf, probeModel } from "@rag-instruct/core/calls";
import { listInputFiles } from "@rag-instruct/corpus";
import { downloadGguf } from "@rag-instruct/embed";
import { isGguf, isOnHub, vectorPaths } from "../config/choices.ts";
import type { ResolvedConfig } from "../config/schema.ts";
import { callsOptions } from "../run/calls.ts";
import { callSettings } from "../run/model-settings.ts";
import { describeModel, openEmbedder, openModel } from "../run/models.ts";

/** Whether the model answers, follows a schema, and has a known price. Makes one or two calls of a few tokens. */
export async function checkModel(config: ResolvedConfig, { signal }: { signal: AbortSignal }): Promise<Check[]> {
  if (config.model === "offline") {
    const mend = "name a model: --model gpt-4o-mini with OPENAI_API_KEY set, or --base-url for a server of your own";
    return [check.warning("model", "the offline model, for trying the flow and not for training", mend)];
  }
  const { model: choice } = config;
  if (isGguf(choice) && isOnHub(choice.gguf) && !(await isDownloaded(choice.gguf)))
    return [
      check.warning("model", `${choice.gguf} is not on this machine yet`, "nothing to do: the first run downloads it"),
    ];
  try {
    await using opened = await openModel(choice, { signal });
    return [...(await askOnce(opened.model, config, signal)), checkPrice(opened.model, config)];
  } catch (error) {
    signal.throwIfAborted();
    const mend = RagInstructError.is(error, "peer-missing")
      ? "npm install node-llama-cpp"
      : `${isGguf(choice) ? "mend the path" : "set the key"}, or name another model`;
    return [check.failed("model", (error as Error).message, mend)];
  }
}

function isDownloaded(gguf: string): Promise<boolean> {
  return downloadGguf({ model: gguf, offline: true }).then(
    () => true,
    () => false,
  );
}

async function askOnce(model: ModelObject, { settings }: ResolvedConfig, signal: AbortSignal): Promise<Check[]> {
  const name = describeModel(model);
  const probe = await probeModel(model, { settings: callSettings(settings), signal });
  if ("failure" in probe) return [describeFailure(name, probe.failure)];
  if ("slow" in probe) {
    const mend = "a run waits longer; warm the server up, or raise the time of a call in the config";
    return [check.warning("model", `${name} is there, and has not answered in ${probe.slow / 1000} s`, mend)];
  }
  const answers = check.ok("model", `${name} answers in ${probe.seconds.toFixed(1)} s`);
  if (probe.end) return [answers, check.failed("reply", probe.end.detail, mends.reply)];
  return [answers, structured[probe.schema]];
}

const structured = {
  followed: check.ok("structured output", "the endpoint takes a schema, and the model follows it"),
  ignored: check.warning(
    "structured output",
    "the model did not keep to the schema",
    "a run repairs what it can and asks again; a larger model, or a server that enforces schemas, wastes less",
  ),
  refused: check.warning(
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

function describeFailure(name: string, failure: Failure): Check {
  const { message } = failure.error;
  if (failure.kind === "hopeless") return check.failed("model", `${name}: ${message}`, mends[failure.fault]);
  if (failure.kind === "rejected") return check.failed("model", `${name}: ${message}`, mends.endpoint);
  if (failure.kind === "transient" && failure.nobodyAt !== undefined)
    return check.failed("model", `${name} cannot be reached: ${message}`, "start the server, or mend --base-url");
  const isWaitedFor = failure.kind === "overloaded" || failure.isOutage;
  if (isWaitedFor && (failure.wait ?? 0) <= patience)
    return check.warning("model", `${name}: ${message}`, "a run waits for it, for ten minutes at most");
  // An endpoint that cannot be reached sends no headers.
  if (failure.headers) return check.failed("model", `${name}: ${message}`, mends.endpoint);
  return check.failed("model", `${name} cannot be reached: ${message}`, "start the server, or mend --base-url");
}

function checkPrice(model: ModelObject, { prices, budget }: ResolvedConfig): Check {
  const { modelId } = model;
  const price = priceOf(model, prices);
  if (price)
    return check.ok("price", `$${price.inputPerMillion} in, $${price.outputPerMillion} out per million tokens`);
  const found = `the price of ${modelId} is not known`;
  const mend = `give it in the config: prices: { "${modelId}": { inputPerMillion: 0, outputPerMillion: 0 } }`;
  return budget?.usd === undefined
    ? check.warning("price", found, `${mend}; a server of your own may cost nothing`)
    : check.failed("price", `${found} and the budget is in dollars`, mend);
}

/** Whether the embedding model embeds a text. */
export async function checkEmbeddings(config: ResolvedConfig, { signal }: { signal: AbortSignal }): Promise<Check[]> {
  const { embeddings, to } = config;
  if (!embeddings) return [check.ok("embeddings", "none; BM25 needs no model")];
  try {
    await using calls = lazyCalls({ ...callsOptions(config, `${to}/queries.jsonl`), budget: undefined });
    await using embedder = await openEmbedder(embeddings, { calls, signal });
    await embedder.embed(["ready"], { kind: "query", signal });
    for (const path of vectorPaths(embeddings) ?? []) await listInputFiles(path);
    return [check.ok("embeddings", `${embedder.id}, ${embedder.dimensions} dimensions`)];
  } catch (error) {
    signal.throwIfAborted();
    const mend = RagInstructError.is(error, "peer-missing")
      ? "npm install onnxruntime-node"
      : "mend `embeddings` in the config";
    return [check.failed("embeddings", (error as Error).message, mend)];
  }
}
