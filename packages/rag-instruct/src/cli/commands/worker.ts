import { once } from "node:events";
import { amount, badOption } from "@rag-instruct/core";
import type { OnnxEmbedderOptions } from "@rag-instruct/embed";
import type { EmbedderReference } from "@rag-instruct/workers";
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
    if (redis === undefined) throw badOption("name the Redis of the run: --redis, or RAG_INSTRUCT_REDIS");
    const { embeddingModelAt, languageModelAt } = await import("@rag-instruct/core/endpoints");
    const { balancedEmbeddingModel, balancedModel, placesFor, startWorker } = await import("@rag-instruct/workers");
    const { onnxEmbedder } = await import("@rag-instruct/embed");
    const rules = { baseUrls: flags.baseUrl, allowed: flags.allow, keyVariables: keyVariable };
    const served = await startWorker({
      redis,
      concurrency: makesCalls(flags) ? flags.concurrency : 0,
      embedConcurrency: embeddings ? 1 : 0,
      openModel: (reference) => balancedModel(placesFor(reference, rules).map((place) => languageModelAt(place))),
      openEmbeddingModel: (reference) =>
        balancedEmbeddingModel(placesFor(reference, rules).map((place) => embeddingModelAt(place))),
      openEmbedder: async ({ id: _, ...reference }: EmbedderReference) => {
        const { model } = reference;
        if (embeddings?.includes(model)) return onnxEmbedder(reference as OnnxEmbedderOptions);
        throw badOption(
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
    return { text: `${amount(finished, "call")} made.\n`, json: { finished } };
  },
};

/** A worker that is started to embed makes calls only where it is told which, or has a key for them. */
function makesCalls({ embeddings, baseUrl, allow, keyVariable }: WorkerFlags): boolean {
  return !embeddings || Boolean(baseUrl ?? allow) || keyVariable.some((name) => process.env[name]);
}
