import { once } from "node:events";
import { RagInstructError } from "@rag-instruct/core";
import type { EmbedderReference, ModelReference } from "@rag-instruct/workers";
import { type Endpoint, endpointAddress } from "../../config/choices.ts";
import { type CommandDefinition, flag } from "../command.ts";

interface WorkerFlags {
  redis?: string;
  concurrency: number;
  baseUrl?: string[];
  allow?: string[];
  keyVariable: string[];
  embeddings?: string[];
}

/** Embeds and makes calls for runs elsewhere, until it is interrupted; the calls under way end first. */
export const worker: CommandDefinition<undefined, WorkerFlags> = {
  flags: [
    flag("--redis <url>", "Redis that the run has too", { env: "RAG_INSTRUCT_REDIS" }),
    flag("--concurrency <number>", "calls at the same time", { standard: 64 }),
    flag("--base-url <url...>", "servers to call in place of the run's own"),
    flag("--allow <url...>", "servers of runs that it may call, beside OpenAI's"),
    flag("--embeddings <model...>", "ONNX models that it embeds with, as runs name them"),
    flag("--key-variable <name...>", "variables whose keys it may use", { standard: ["OPENAI_API_KEY"] }),
  ],
  examples: [
    "rag-instruct worker --redis redis://10.0.0.5:6379",
    "rag-instruct worker \\",
    "    --base-url http://127.0.0.1:8000/v1 http://127.0.0.1:8001/v1",
    "rag-instruct worker --embeddings contriever-msmarco",
  ],
  async run(_, flags, { view, signal }) {
    const { redis, keyVariable, embeddings } = flags;
    if (redis === undefined)
      throw new RagInstructError("bad-option", "name the Redis of the run: --redis, or RAG_INSTRUCT_REDIS");
    const [
      { balancedEmbeddingModel, balancedModel, startWorker },
      { embeddingModelAt, resolveEndpoint },
      { onnxEmbedder },
    ] = await Promise.all([
      import("@rag-instruct/workers"),
      import("../../run/models.ts"),
      import("@rag-instruct/embed"),
    ]);
    const served = await startWorker({
      redis,
      concurrency: makesCalls(flags) ? flags.concurrency : 0,
      embedConcurrency: embeddings ? 1 : 0,
      openModel: (reference) => balancedModel(endpointsOf(reference, flags).map(resolveEndpoint)),
      openEmbeddingModel: (reference) =>
        balancedEmbeddingModel(endpointsOf(reference, flags).map((endpoint) => embeddingModelAt(endpoint))),
      openEmbedder: async ({ model, quantized = false }: EmbedderReference) => {
        if (embeddings?.includes(model)) return onnxEmbedder({ model, quantized });
        throw new RagInstructError(
          "bad-option",
          `the run embeds with ${model}, and this worker was started for ${(embeddings ?? []).join(", ")}; start it with --embeddings ${model}`,
        );
      },
      secrets: keyVariable.flatMap((name) => process.env[name] ?? []),
    });
    const progress = setInterval(() => view.onProgress({ stage: "serve", done: served.finished }), 1000);
    if (!signal.aborted) await once(signal, "abort");
    clearInterval(progress);
    await served.close();
    const { finished } = served;
    return { text: `${finished} calls made.\n`, json: { finished } };
  },
};

/** A worker that is started to embed makes calls only where it is told which, or has a key for them. */
function makesCalls({ embeddings, baseUrl, allow, keyVariable }: WorkerFlags): boolean {
  return !embeddings || Boolean(baseUrl ?? allow) || keyVariable.some((name) => process.env[name]);
}

/**
 * Where a run's model is called. Which addresses and keys a run may use is for this worker to say, and not for what is in Redis:
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
