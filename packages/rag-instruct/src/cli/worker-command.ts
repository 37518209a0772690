import { once } from "node:events";
import { RagInstructError } from "@rag-instruct/core";
import { onnxEmbedder } from "@rag-instruct/embed";
import {
  balancedEmbeddingModel,
  balancedModel,
  type EmbedderReference,
  type ModelReference,
  startWorker,
} from "@rag-instruct/workers";
import type { Endpoint } from "../config.ts";
import { embeddingModelAt } from "../embedder.ts";
import { endpointAddress, resolveEndpoint } from "../models.ts";
import type { Answer, CommandContext } from "./command.ts";

/** The flags of `worker`. */
export interface WorkerFlags {
  redis?: string;
  concurrency: number;
  baseUrl?: string[];
  allow?: string[];
  keyVariable: string[];
  embeddings?: string[];
}

/** Serves until it is interrupted, and ends the calls under way first. */
export async function workerCommand(flags: WorkerFlags, { view, signal }: CommandContext): Promise<Answer> {
  const { redis, keyVariable, embeddings } = flags;
  if (redis === undefined)
    throw new RagInstructError("bad-option", "name the Redis of the run: --redis, or RAG_INSTRUCT_REDIS");
  const worker = await startWorker({
    redis,
    concurrency: makesCalls(flags) ? flags.concurrency : 0,
    embedConcurrency: embeddings ? 1 : 0,
    openModel: (reference) => balancedModel(endpointsOf(reference, flags).map(resolveEndpoint)),
    openEmbeddingModel: (reference) =>
      balancedEmbeddingModel(endpointsOf(reference, flags).map((endpoint) => embeddingModelAt(endpoint))),
    openEmbedder: (reference) => openEmbedder(reference, flags),
    secrets: keyVariable.flatMap((name) => process.env[name] ?? []),
  });
  const progress = setInterval(() => view.onProgress({ stage: "serve", done: worker.finished }), 1000);
  if (!signal.aborted) await once(signal, "abort");
  clearInterval(progress);
  await worker.close();
  const { finished } = worker;
  return { text: `${finished} calls made.\n`, json: { finished } };
}

/** A worker that is started to embed makes calls only where it is told which, or has a key for them. */
function makesCalls({ embeddings, baseUrl, allow, keyVariable }: WorkerFlags): boolean {
  return !embeddings || Boolean(baseUrl ?? allow) || keyVariable.some((name) => process.env[name]);
}

/**
 * Where a run's model is called. Which addresses and keys a run may use is this worker's to say, and not what stands in Redis:
 * whoever writes there could have it send a key anywhere.
 */
function endpointsOf(
  { name, baseUrls, keyVariable = "OPENAI_API_KEY" }: ModelReference,
  { baseUrl, allow = [], keyVariable: variables }: WorkerFlags,
): Endpoint[] {
  if (!variables.includes(keyVariable)) {
    throw new RagInstructError(
      "bad-option",
      `the run wants the key in ${keyVariable}, which this worker may not use; start it with --key-variable ${keyVariable}`,
    );
  }
  const refused = baseUrl ? undefined : baseUrls?.find((address) => !allow.some((known) => isSame(known, address)));
  if (refused !== undefined) {
    throw new RagInstructError(
      "bad-option",
      `the run wants ${refused} called, which this worker may not; start it with --allow ${refused}, or with --base-url and a server of its own`,
    );
  }
  const addresses = baseUrl ?? baseUrls;
  return addresses ? addresses.map((address) => ({ name, keyVariable, baseUrl: address })) : [{ name, keyVariable }];
}

function isSame(one: string, other: string): boolean {
  return (
    [one, other].every((url) => URL.canParse(url)) &&
    endpointAddress(new URL(one).href) === endpointAddress(new URL(other).href)
  );
}

async function openEmbedder(
  { model, quantized = false }: EmbedderReference,
  { embeddings = [] }: WorkerFlags,
): ReturnType<typeof onnxEmbedder> {
  if (embeddings.includes(model)) return onnxEmbedder({ model, quantized });
  throw new RagInstructError(
    "bad-option",
    `the run embeds with ${model}, and this worker was started for ${embeddings.join(", ")}; start it with --embeddings ${model}`,
  );
}
