import { badOption, isLoopback, programName, RagInstructError, type Retriever, shellWord } from "@rag-instruct/core";
import { lazyCalls, openCalls } from "@rag-instruct/core/calls";
import { endpointHost } from "@rag-instruct/core/endpoints";
import { checkRecorded, type RunFolder, readRunFolder } from "@rag-instruct/core/node";
import type { SettingsChoice } from "@rag-instruct/core/options";
import { readVectorManifest } from "@rag-instruct/core/vectors";
import { nameEmbedding, vectorPaths } from "@rag-instruct/embed/options";
import { type AnswerQuestionOptions, answerQuestion, type CorpusAnswer } from "@rag-instruct/eval";
import { filledRetriever } from "@rag-instruct/retrieve";
import { isBuiltEngine } from "@rag-instruct/retrieve/options";
import { resolveConfig } from "../config/load.ts";
import { isStandInChoice, type ModelChoice } from "../config/model-choice.ts";
import { type Config, hasCorpus, type ResolvedConfig } from "../config/schema.ts";
import { expectOf } from "../run/expected.ts";
import { type BeforeCalls, callSettings, callsOptions, openModel, type Paying } from "../run/models.ts";
import { openFolderRetriever, vectorFolder } from "../run/retriever.ts";
import { makingStages } from "../stages/stages.ts";
import type { StageName } from "./pipeline.ts";

/**
 * The retriever of a run: BM25, dense or both, as the config says. It reads what the run folder has, also while another process
 * writes to it, and makes nothing: neither documents are read nor passages embedded. Throws `file-missing` where the folder has no
 * index, and `index-mismatch` where its vectors are another model's or of other passages; each names the command that makes it.
 */
export async function openRunRetriever(
  config: Config | ResolvedConfig,
  { paying, signal }: { paying?: Paying; signal?: AbortSignal } = {},
): Promise<Retriever & AsyncDisposable> {
  const resolved = "counts" in config ? config : resolveConfig(config);
  if (!hasCorpus(resolved) && !resolved.retriever)
    throw new RagInstructError(
      "file-missing",
      `${resolved.to} has no corpus to search: its exemplars brought their documents`,
    );
  const folder = await readRunFolder(resolved.to);
  await requireIndexed(resolved, folder);
  // Where another process keeps its own there, or nothing can be written, replies are kept for as long as they are needed.
  const calls = lazyCalls(callsOptions(resolved, folder.path("queries.jsonl"), paying), { orInMemory: true });
  const retriever = await openFolderRetriever(resolved, { folder, signal, calls, kept: paying?.kept });
  return {
    ...retriever,
    async [Symbol.asyncDispose]() {
      await retriever[Symbol.asyncDispose]();
      await calls[Symbol.asyncDispose]();
    },
  };
}

/** The same for what never spends; undefined without a corpus. Throws `bad-option` where an endpoint would be paid for each question. */
export async function openFreeRetriever(config: ResolvedConfig, options: { signal?: AbortSignal }) {
  const { embeddings, retrieval, retriever } = config;
  if (!hasCorpus(config) && !retriever) return undefined;
  if (retrieval !== "bm25" && embeddings && "name" in embeddings && !isLoopback(endpointHost(embeddings)))
    throw badOption(
      `export never spends, and ${nameEmbedding(embeddings)} is paid for each question that it ranks; ${programName()} run writes these exports`,
    );
  return openRunRetriever(config, options);
}

/** The same for a search; where BM25 alone finds too few passages and the run is embedded, the rest comes from dense search. */
export async function openSearchRetriever(
  config: ResolvedConfig,
  options: { paying?: Paying; signal?: AbortSignal },
): Promise<Retriever & AsyncDisposable> {
  const first = await openRunRetriever(config, options);
  if (config.retrieval !== "bm25" || config.embeddings === undefined) return first;
  return filledRetriever(first, async () => {
    try {
      return await openRunRetriever({ ...config, retrieval: "dense" }, options);
    } catch (error) {
      if (RagInstructError.is(error, "file-missing") || RagInstructError.is(error, "index-mismatch")) return undefined;
      throw error;
    }
  });
}

/** What a search reads of a run folder; the command `index` makes all of it. */
export function searchStages({ retrieval, engine, retriever, postgres }: ResolvedConfig): StageName[] {
  if (retriever) return [];
  const needed: StageName[] = retrieval === "dense" ? [] : ["index"];
  if (retrieval !== "bm25") needed.push("embed");
  if (retrieval !== "bm25" && isBuiltEngine(engine)) needed.push("engine");
  if (postgres) needed.push("share");
  return needed;
}

/** Throws where something that a search reads is not there, or was made from something else. */
async function requireIndexed(config: ResolvedConfig, folder: RunFolder): Promise<void> {
  const stages = makingStages(config);
  for (const name of searchStages(config)) {
    const recorded = await checkRecorded(stages.find((stage) => stage.name === name)!, { stages, folder });
    if (recorded?.before) continue;
    throw await notIndexed(name, { config, folder, isCurrent: recorded?.isCurrent ?? false });
  }
}

async function notIndexed(
  name: StageName,
  { config, folder, isCurrent }: { config: ResolvedConfig; folder: RunFolder; isCurrent: boolean },
): Promise<RagInstructError> {
  const { to, embeddings } = config;
  const make = `make it with: ${indexCommand(config)}`;
  if (!folder.last(name)) return new RagInstructError("file-missing", `${to} has no ${parts[name]} yet; ${make}`);
  // Where that cannot be read, nobody is known to have made them.
  const readVectors = () => readVectorManifest(folder.path(vectorFolder)).catch(() => undefined);
  const embedder = name === "embed" && isCurrent ? (await readVectors())?.embedderId : undefined;
  if (!embeddings || embedder === undefined)
    return new RagInstructError("index-mismatch", `the ${parts[name]} of ${to} is of other passages; ${make}`);
  const elsewhere = indexCommand(config, "<another folder>");
  return new RagInstructError(
    "index-mismatch",
    `${to} was embedded by ${embedder}, not by ${nameEmbedding(embeddings)}; search it as it was made, or ${elsewhere}`,
  );
}

const parts: Partial<Record<StageName, string>> = {
  index: "search index",
  embed: "vectors to search",
  engine: "index of its engine",
  share: "passages in PostgreSQL",
};

/** The command that makes what a search reads. */
function indexCommand({ to, corpus: { from }, embeddings, engine }: ResolvedConfig, into = shellWord(to)): string {
  // A run that keeps no settings knows no documents.
  const documents = from.length === 1 && from[0] === to ? "<documents>" : from.map(shellWord).join(" ");
  const by = embeddings && "model" in embeddings ? ` --embeddings ${shellWord(embeddings.model)}` : "";
  const vectors = (vectorPaths(embeddings) ?? []).map((path) => ` --import ${shellWord(path)}`).join("");
  const searched = isBuiltEngine(engine) ? ` --engine ${engine.engine}` : "";
  return `${programName()} index ${documents} --to ${into}${by}${vectors}${searched}`;
}

/** What {@link askCorpus} needs. */
export interface AskOptions extends Omit<AnswerQuestionOptions, "model" | "calls" | "onAsk"> {
  /** A model that was trained on RAG-Instruct data, or any other. */
  model: ModelChoice;
  /** How it is asked, beside a temperature of 0. @default the endpoint's own */
  settings?: SettingsChoice;
  /** Prices of models that are not known. @default none */
  prices?: ResolvedConfig["prices"];
  /** File that keeps replies, so that the same question is paid for once. */
  ledger: string;
  /** Who pays, where that is not whoever asks. @default no budget holds */
  paying?: Paying;
  /** Waited for before the call, with what is about to be called; not where the ledger has the answer. */
  beforeCalls?: BeforeCalls;
}

/** Answers a question from a corpus, with the prompt that RAG-Instruct models are trained on. Throws `bad-option` for the offline model. */
export async function askCorpus(options: AskOptions): Promise<CorpusAnswer> {
  const { model, settings, prices, ledger, paying, beforeCalls, ...asked } = options;
  if (isStandInChoice(model))
    throw badOption(
      "offline and recorded models answer no questions; name one with --model, and --base-url for a server of your own",
    );
  await using opened = await openModel(model, { signal: asked.signal });
  let tokens = { inputTokens: 0, outputTokens: 0 };
  await using calls = await openCalls({
    ledger: paying?.ledger ?? ledger,
    budget: paying?.budget,
    prices,
    settings: callSettings(settings),
    beforeFirst: async () => beforeCalls?.(expectOf([model], { what: "an answer", calls: 1, ...tokens }, { prices })),
  });
  const onAsk = (expected: typeof tokens) => {
    tokens = expected;
  };
  return await answerQuestion({ ...asked, model: opened.model, calls, onAsk });
}
