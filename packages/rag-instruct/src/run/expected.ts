import { amount, listText, type Passage } from "@rag-instruct/core";
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
import { isEndpoint, isStandInChoice, type ModelChoice } from "../config/choices.ts";
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
  if (!isEndpoint(choice)) return undefined;
  return choice.baseUrl === undefined ? "api.openai.com" : new URL(choice.baseUrl).host;
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
  return expectOf([config.model], { ...asked, also: others?.also }, config);
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

async function expectPairs(
  config: ResolvedConfig,
  { folder, stages, signal }: { folder: RunFolder; stages: readonly string[]; signal?: AbortSignal },
): Promise<Asked> {
  const brought = hasCorpus(config) || config.retriever ? undefined : await broughtTasks(config, { signal });
  await using store = hasCorpus(config)
    ? await openPassageStore(folder.path("corpus.sqlite"), { readOnly: true })
    : undefined;
  const passages: Passage[] = brought?.passages ?? [];
  for await (const passage of store?.all() ?? []) {
    signal?.throwIfAborted();
    if (passages.push(passage) === sampled) break;
  }
  const { embeddings } = config;
  const isEmbedded = embeddings && "name" in embeddings && stages.includes("embed");
  const vectors = `the vectors of ${amount(store?.size ?? 0, "passage")}`;
  const also = isEmbedded ? `${vectors} by ${embeddings.name} at ${hostOf(embeddings)}` : undefined;
  const measured = measuredBy(folder.last("synthesize"), config);
  const whole = estimateSynthesis({ ...config, ...brought, passages, measured });
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
