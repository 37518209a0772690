import { type Passage, RagInstructError, type Retriever, renderInstruction } from "@rag-instruct/core";
import { openCalls } from "@rag-instruct/core/calls";
import type { ModelChoice, SettingsChoice } from "../config/choices.ts";
import { resolveConfig } from "../config/resolve.ts";
import type { Config, ResolvedConfig } from "../config/schema.ts";
import { queryCalls } from "../run/calls.ts";
import { readRunFolder } from "../run/folder.ts";
import { callSettings } from "../run/model-settings.ts";
import { resolveModel } from "../run/models.ts";
import { openRetriever } from "../run/retriever.ts";
import { checkStages, stagesUntil } from "../stages/stage.ts";
import { makingStages, type RunOptions, runResolved, type StageName } from "./pipeline.ts";

/**
 * The retriever of a run: BM25, dense or both, as the config says. Documents that are not indexed yet, or have changed, are
 * indexed first; a folder that is up to date is only read, also while another process writes to it.
 */
export async function openRunRetriever(
  config: Config | ResolvedConfig,
  options: Omit<RunOptions, "until"> = {},
): Promise<Retriever & AsyncDisposable> {
  const resolved = "counts" in config ? config : resolveConfig(config);
  const { signal } = options;
  const needed: StageName[] = ["index"];
  if (resolved.embeddings && resolved.retrieval !== "bm25") needed.push("embed");
  if (resolved.postgres) needed.push("share");
  for (const until of needed) {
    const folder = await readRunFolder(resolved.to);
    let isFresh = true;
    for await (const { before } of checkStages(stagesUntil(makingStages(resolved), until), { folder, signal }))
      isFresh &&= before !== undefined;
    if (!isFresh) await runResolved(resolved, { ...options, until });
  }
  const folder = await readRunFolder(resolved.to);
  const calls = queryCalls(folder, resolved);
  const retriever = await openRetriever(resolved, { folder, signal, calls });
  return {
    id: retriever.id,
    retrieve: (queries, options) => retriever.retrieve(queries, options),
    async [Symbol.asyncDispose]() {
      await retriever[Symbol.asyncDispose]();
      await calls[Symbol.asyncDispose]();
    },
  };
}

/** What {@link askCorpus} needs. */
export interface AskOptions {
  question: string;
  retriever: Retriever;
  /** A model that was trained on RAG-Instruct data, or any other. */
  model: ModelChoice;
  /** How it is asked, beside a temperature of 0. @default the endpoint's own */
  settings?: SettingsChoice;
  /** Documents shown to the model. @default 10 */
  documents?: number;
  /** File that keeps replies, so that the same question is paid for once. */
  ledger: string;
  signal?: AbortSignal;
}

/** A question, its answer and the documents that the model was shown, best first. */
export interface CorpusAnswer {
  question: string;
  answer: string;
  sources: (Passage & { rank: number; score: number })[];
}

/** Answers a question from a corpus, with the prompt that RAG-Instruct models are trained on. Throws `bad-option` for the offline model. */
export async function askCorpus(options: AskOptions): Promise<CorpusAnswer> {
  const { question, retriever, model, settings, documents = 10, ledger, signal } = options;
  if (model === "offline") {
    throw new RagInstructError(
      "bad-option",
      "the offline model answers no questions; name one with --model, and --base-url for a server of your own",
    );
  }
  const [found = []] = await retriever.retrieve([question], { limit: documents, signal });
  const sources = found.map(({ passage, rank, score }) => ({ ...passage, rank, score }));
  await using calls = await openCalls({ ledger, settings: callSettings(settings) });
  const { text } = await calls.ask({
    model: resolveModel(model),
    prompt: renderInstruction({ documents: sources, question }),
    version: "ask 1",
    settings: { temperature: 0, maxOutputTokens: 1024 },
    signal,
  });
  return { question, answer: text.trim(), sources };
}
