import { amount, listText, type Passage, tokensAbout } from "@rag-instruct/core";
import { embeddingModelAt, endpointHost } from "@rag-instruct/core/endpoints";
import type { RunFolder, StageRecord } from "@rag-instruct/core/node";
import { openPassageStore } from "@rag-instruct/corpus";
import { type EstimateEvaluationOptions, estimateEvaluation } from "@rag-instruct/eval";
import {
  type ExpectedCalls,
  estimateSynthesis,
  estimateVerification,
  expectCalls,
  expectJudgements,
  type MeasuredSynthesis,
  noiseChecks,
  type VerifyLevel,
} from "@rag-instruct/simulate";
import { isEndpoint, isStandInChoice, type ModelChoice } from "../config/model-choice.ts";
import { sharesInWords } from "../config/resolve.ts";
import { hasCorpus, type ResolvedConfig } from "../config/schema.ts";
import { broughtTasks, exemplarSource } from "./exemplar-source.ts";
import { describeModel, nameModel } from "./models.ts";

/** Told what is about to be called and paid for, before the first call; what it throws stops the command. */
export type BeforeCalls = (expected: ExpectedCalls) => void | Promise<void>;

type Asked = Pick<ExpectedCalls, "what" | "also" | "calls" | "inputTokens" | "outputTokens">;

/** What asking a model, or several, comes to. */
export function expectOf(
  choices: readonly ModelChoice[],
  asked: Asked,
  { prices, batch }: Partial<Pick<ResolvedConfig, "prices" | "batch">> = {},
): ExpectedCalls {
  const hosts = choices.map(hostOf);
  const host = hosts.every((host) => host !== undefined) ? listText([...new Set(hosts)]) : undefined;
  return expectCalls({ ...asked, models: choices.map(nameModel), host, prices, batch });
}

/** Where a choice is served; undefined for a model object. */
function hostOf(choice: ModelChoice): string | undefined {
  if (isStandInChoice(choice)) return "this process";
  return isEndpoint(choice) ? endpointHost(choice) : undefined;
}

// Passages that the length of a prompt is told from.
const sampled = 200;

/** What a run calls for the stages that are left, once its passages are there, where it needs any. */
export async function expectRun(
  config: ResolvedConfig,
  { folder, stages, signal }: { folder: RunFolder; stages: readonly string[]; signal?: AbortSignal },
): Promise<ExpectedCalls> {
  const isJudged = config.filter === "model" && stages.includes("exemplars");
  const judged = isJudged ? await expectFilter(config, signal) : undefined;
  const isAlone = judged && !stages.includes("plan") && !stages.includes("embed");
  const others = isAlone ? undefined : await expectPairs(config, { folder, stages, signal });
  const asked = judged && others && stages.includes("synthesize") ? together(judged, others) : (judged ?? others!);
  const also = others?.also;
  // The offline model is no call at all.
  if (isStandInChoice(config.model) && also) return also;
  return expectOf([config.model], { ...asked, also }, config);
}

function together(one: Asked, other: Asked): Asked {
  return {
    what: `${one.what} and ${other.what}`,
    calls: one.calls + other.calls,
    inputTokens: one.inputTokens + other.inputTokens,
    outputTokens: one.outputTokens + other.outputTokens,
  };
}

/** What judging the exemplars of a run calls. Reads them once. */
export async function expectFilter(config: ResolvedConfig, signal: AbortSignal | undefined): Promise<Asked> {
  const { source, ...options } = await exemplarSource(config);
  const expected = await expectJudgements(source, { ...options, signal });
  return { what: `judgements on ${amount(expected.calls, "exemplar")}`, ...expected };
}

/** Passages of a run, as many as tell how long its prompts are, and how many there are. */
export async function firstPassages(
  folder: Pick<RunFolder, "path">,
  signal: AbortSignal | undefined,
): Promise<{ size: number; passages: Passage[] }> {
  await using store = await openPassageStore(folder.path("corpus.sqlite"), { readOnly: true });
  const passages: Passage[] = [];
  for await (const passage of store.all()) {
    signal?.throwIfAborted();
    if (passages.push(passage) === sampled) break;
  }
  return { size: store.size, passages };
}

async function expectPairs(
  config: ResolvedConfig,
  { folder, stages, signal }: { folder: RunFolder; stages: readonly string[]; signal?: AbortSignal },
): Promise<Asked> {
  const brought = hasCorpus(config) || config.retriever ? undefined : await broughtTasks(config, { signal });
  const { size, passages } = hasCorpus(config)
    ? await firstPassages(folder, signal)
    : { size: 0, passages: brought?.passages ?? [] };
  const measured = measuredBy(folder.last("synthesize"), config);
  const whole = estimateSynthesis({ ...config, ...brought, passages, measured });
  const also = expectVectors(config, { size, passages, pairs: whole.pairs, stages });
  const isWritten = stages.includes("synthesize");
  const calls = isWritten ? whole.calls : noiseChecks(whole.pairs, config);
  const share = whole.calls > 0 ? calls / whole.calls : 0;
  return {
    what: isWritten
      ? `${amount(whole.pairs, "pair")}${sharesInWords(brought?.counts ?? config.counts)}`
      : "noise checks",
    also,
    calls,
    inputTokens: whole.inputTokens * share,
    outputTokens: whole.outputTokens * share,
  };
}

// As the embedder packs texts, and as long as questions are, about.
const [textsACall, tokensAQuestion] = [64, 25];

/** What an embedding endpoint is called for: the passages, and the questions that passages are looked for with. Undefined where there is none. */
function expectVectors(
  { embeddings, retrieval, prices }: ResolvedConfig,
  { size, passages, pairs, stages }: { size: number; passages: Passage[]; pairs: number; stages: readonly string[] },
): ExpectedCalls | undefined {
  if (!embeddings || !("name" in embeddings)) return undefined;
  const texts = stages.includes("embed") ? size : 0;
  const searching = ["plan", "assemble"].filter((name) => retrieval !== "bm25" && stages.includes(name));
  const questions = searching.length * pairs;
  if (texts + questions === 0) return undefined;
  const each = tokensAbout(...passages.map(({ title, text }) => `${title} ${text}`)) / Math.max(1, passages.length);
  return expectCalls({
    what: `vectors of ${amount(texts + questions, "text")}`,
    models: [embeddingModelAt(embeddings, "none")],
    host: endpointHost(embeddings),
    calls: Math.ceil(texts / textsACall) + Math.ceil(questions / textsACall),
    inputTokens: texts * each + questions * tokensAQuestion,
    outputTokens: 0,
    prices,
  });
}

/** What the stage took when it last made calls with this model and as many checks; nothing where it did not. */
export function measuredBy(
  record: StageRecord | undefined,
  { model, verify }: Pick<ResolvedConfig, "model" | "verify">,
): MeasuredSynthesis | undefined {
  const { paid, counts } = record ?? {};
  if (!paid || paid.model !== describeModel(nameModel(model)) || paid.verify !== verify) return undefined;
  return counts?.accepted ? { ...paid, accepted: counts.accepted } : undefined;
}

/** What verifying pairs calls. Reads their file once. */
export async function expectVerification(
  config: Pick<ResolvedConfig, "model" | "prices"> & { pairs: string; paradigm?: string; level: VerifyLevel },
  signal?: AbortSignal,
): Promise<ExpectedCalls> {
  const { pairs, ...asked } = await estimateVerification(config.pairs, { ...config, signal });
  return expectOf([config.model], { what: `verdicts on ${amount(pairs, "pair")}`, ...asked }, config);
}

/** What measuring models on benchmarks calls: `against` is asked the same. Reads the files once. */
export async function expectEvaluation({
  model,
  against,
  ...asked
}: EstimateEvaluationOptions & { model: ModelChoice; against?: ModelChoice }): Promise<ExpectedCalls> {
  const { questions, inputTokens, outputTokens } = await estimateEvaluation(asked);
  const models = against === undefined ? [model] : [model, against];
  const times = models.length;
  return expectOf(models, {
    what: amount(questions, "question"),
    calls: questions * times,
    inputTokens: inputTokens * times,
    outputTokens: outputTokens * times,
  });
}
