import { once } from "node:events";
import { RagInstructError } from "@rag-instruct/core";
import { onnxEmbedder } from "@rag-instruct/embed";
import { resolveEndpoint } from "../models.ts";
import { balancedModel, type ModelReference, startWorker } from "../workers/index.ts";
import type { Answer, CommandContext } from "./command.ts";

/** The flags of `worker`. */
export interface WorkerFlags {
  redis?: string;
  concurrency: number;
  baseUrl?: string[];
  keyVariable: string[];
}

/** Serves until it is interrupted, and ends the calls under way first. */
export async function workerCommand(flags: WorkerFlags, { view, signal }: CommandContext): Promise<Answer> {
  const { redis, concurrency, baseUrl, keyVariable } = flags;
  if (redis === undefined)
    throw new RagInstructError("bad-option", "name the Redis of the run: --redis, or RAG_INSTRUCT_REDIS");
  const worker = await startWorker({
    redis,
    concurrency,
    openModel: (reference) => openModel(reference, { baseUrl, keyVariable }),
    openEmbedder: ({ model }) => onnxEmbedder({ model }),
    secrets: keyVariable.flatMap((name) => process.env[name] ?? []),
  });
  const progress = setInterval(() => view.onProgress({ stage: "serve", done: worker.finished }), 1000);
  if (!signal.aborted) await once(signal, "abort");
  clearInterval(progress);
  await worker.close();
  const { finished } = worker;
  return { text: `${finished} calls made.\n`, json: { finished } };
}

/** The model of a reference. Which keys a run may use is this worker's to say, and not what stands in Redis. */
function openModel(
  { name, baseUrls, keyVariable = "OPENAI_API_KEY" }: ModelReference,
  { baseUrl, keyVariable: allowed }: { baseUrl: string[] | undefined; keyVariable: string[] },
) {
  if (!allowed.includes(keyVariable)) {
    throw new RagInstructError(
      "bad-option",
      `the run wants the key in ${keyVariable}, which this worker may not use; start it with --key-variable ${keyVariable}`,
    );
  }
  const addresses = baseUrl ?? baseUrls;
  const modelAt = (address?: string) =>
    resolveEndpoint({ name, keyVariable, ...(address === undefined ? {} : { baseUrl: address }) });
  return balancedModel(addresses ? addresses.map((address) => modelAt(address)) : [modelAt()]);
}
