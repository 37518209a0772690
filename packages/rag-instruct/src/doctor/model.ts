import { RagInstructError } from "@rag-instruct/core";
import { type Failure, judgeFailure, optionsUnder, priceOf } from "@rag-instruct/core/calls";
import { generateText, NoObjectGeneratedError, Output } from "ai";
import { z } from "zod";
import type { ResolvedConfig } from "../config/schema.ts";
import { runCalls } from "../run/calls.ts";
import { callSettings } from "../run/model-settings.ts";
import { describeModel, openEmbedder, resolveModel } from "../run/models.ts";
import { type Check, failed, ok, warning } from "./check.ts";

type Model = ReturnType<typeof resolveModel>;

const patience = 30_000;
const prompt = 'Reply with the JSON object {"ready": true} and nothing else.';

/** Whether the model answers, follows a schema, and has a known price. Makes one or two calls of a few tokens. */
export async function checkModel(config: ResolvedConfig, { signal }: { signal: AbortSignal }): Promise<Check[]> {
  if (config.model === "offline") {
    const mend = "name a model: --model gpt-4o-mini with OPENAI_API_KEY set, or --base-url for a server of your own";
    return [warning("model", "the offline model, for trying the flow and not for training", mend)];
  }
  let model: Model;
  try {
    model = resolveModel(config.model);
  } catch (error) {
    return [failed("model", (error as Error).message, "set the key, or name another model")];
  }
  return [...(await askOnce(model, config, signal)), checkPrice(model, config)];
}

async function askOnce(model: Model, { settings }: ResolvedConfig, signal: AbortSignal): Promise<Check[]> {
  const name = describeModel(model);
  const abortSignal = AbortSignal.any([signal, AbortSignal.timeout(patience)]);
  const asked = { ...optionsUnder(model, callSettings(settings)), maxOutputTokens: settings?.maxOutputTokens ?? 200 };
  const options = { ...asked, prompt, maxRetries: 0, abortSignal };
  const start = performance.now();
  const answered = () => ok("model", `${name} answers in ${((performance.now() - start) / 1000).toFixed(1)} s`);
  try {
    await generateText({ ...options, output: Output.object({ schema: z.object({ ready: z.boolean() }) }) });
    return [answered(), ok("structured output", "the endpoint takes a schema, and the model follows it")];
  } catch (error) {
    signal.throwIfAborted();
    if (NoObjectGeneratedError.isInstance(error)) {
      const mend =
        "a run repairs what it can and asks again; a larger model, or a server that enforces schemas, wastes less";
      return [answered(), warning("structured output", "the model did not keep to the schema", mend)];
    }
    const failure = judgeFailure(error);
    if (failure.kind !== "rejected") return [describeFailure(name, failure)];
  }
  // The endpoint refuses the request, perhaps for its schema alone.
  try {
    await generateText(options);
    const mend =
      "nothing to do: the prompt carries the form of the reply; a server with JSON schemas wastes fewer calls";
    return [answered(), warning("structured output", "the endpoint refuses a schema", mend)];
  } catch (error) {
    signal.throwIfAborted();
    return [describeFailure(name, judgeFailure(error))];
  }
}

const mends = {
  key: "set OPENAI_API_KEY, or `keyVariable` in the config, to a key of this endpoint",
  quota: "wait, or look at the account's limits",
  model: "look at --model, and that --base-url ends in /v1",
  settings: "mend `model` in the config",
  endpoint: "look at the server's own log",
};

function describeFailure(name: string, failure: Failure): Check {
  const { message } = failure.error;
  if (failure.kind === "hopeless") return failed("model", `${name}: ${message}`, mends[failure.fault]);
  if (failure.kind === "overloaded") return failed("model", `${name}: ${message}`, mends.quota);
  // An endpoint that cannot be reached sends no headers.
  if (failure.headers || failure.kind === "rejected") return failed("model", `${name}: ${message}`, mends.endpoint);
  return failed("model", `${name} cannot be reached: ${message}`, "start the server, or mend --base-url");
}

function checkPrice(model: Model, { prices, budget }: ResolvedConfig): Check {
  const { modelId } = model;
  const price = priceOf(model, prices);
  if (price) return ok("price", `$${price.inputPerMillion} in, $${price.outputPerMillion} out per million tokens`);
  const found = `the price of ${modelId} is not known`;
  const mend = `give it in the config: prices: { "${modelId}": { inputPerMillion: 0, outputPerMillion: 0 } }`;
  return budget?.usd === undefined
    ? warning("price", found, `${mend}; a server of your own may cost nothing`)
    : failed("price", `${found} and the budget is in dollars`, mend);
}

/** Whether the embedding model embeds a text. */
export async function checkEmbeddings(config: ResolvedConfig, { signal }: { signal: AbortSignal }): Promise<Check[]> {
  const { embeddings, to } = config;
  if (!embeddings) return [ok("embeddings", "none; BM25 needs no model")];
  try {
    await using calls = runCalls(`${to}/queries.jsonl`, { ...config, budget: undefined, batch: false });
    await using embedder = await openEmbedder(embeddings, { calls, signal });
    await embedder.embed(["ready"], { kind: "query", signal });
    return [ok("embeddings", `${embedder.id}, ${embedder.dimensions} dimensions`)];
  } catch (error) {
    signal.throwIfAborted();
    const mend = RagInstructError.is(error, "peer-missing")
      ? "npm install onnxruntime-node"
      : "mend `embeddings` in the config";
    return [failed("embeddings", (error as Error).message, mend)];
  }
}
