import { amount, listText, type Passage } from "@rag-instruct/core";
import { embeddingModelAt, endpointHost } from "@rag-instruct/core/endpoints";
import type { RunFolder } from "@rag-instruct/core/node";
import { sampleStore } from "@rag-instruct/corpus";
import { type EstimateEvaluationOptions, estimateEvaluation } from "@rag-instruct/eval";
import {
  type AskedCalls,
  bothAsked,
  type ExpectedCalls,
  estimateSynthesis,
  estimateVerification,
  expectCalls,
  expectJudgements,
  expectVectors,
  measuredSynthesis,
  noiseChecks,
  type SynthesisEstimate,
  sharesInWords,
  type VerifyLevel,
} from "@rag-instruct/simulate";
import { isEndpoint, isStandInChoice, type ModelChoice } from "../config/model-choice.ts";
import { hasCorpus, type ResolvedConfig } from "../config/schema.ts";
import { broughtBy, exemplarSource } from "./inputs.ts";
import { describeModel, nameModel } from "./models.ts";

/** What asking a model, or several, comes to. */
export function expectOf(
  choices: readonly ModelChoice[],
  asked: AskedCalls,
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

/** What a run calls for the stages that are left, once its passages are there, where it needs any. */
export async function expectRun(
  config: ResolvedConfig,
  { folder, stages, signal }: { folder: RunFolder; stages: readonly string[]; signal?: AbortSignal },
): Promise<ExpectedCalls> {
  const isJudged = config.filter === "model" && stages.includes("exemplars");
  const judged = isJudged ? await expectFilter(config, signal) : undefined;
  const isAlone = judged && !stages.includes("plan") && !stages.includes("embed");
  const others = isAlone ? undefined : await expectPairs(config, { folder, stages, signal });
  const asked = judged && others && stages.includes("synthesize") ? bothAsked(judged, others) : (judged ?? others!);
  const also = others?.also;
  // The offline model is no call at all.
  if (isStandInChoice(config.model) && also) return also;
  return expectOf([config.model], { ...asked, also }, config);
}

/** What judging the exemplars of a run calls. Reads them once. */
export async function expectFilter(config: ResolvedConfig, signal: AbortSignal | undefined): Promise<AskedCalls> {
  const { source, ...options } = await exemplarSource(config);
  const expected = await expectJudgements(source, { ...options, signal });
  return { what: `judgements on ${amount(expected.calls, "exemplar")}`, ...expected };
}

/** What writing the pairs of a run takes, by what it took there before with this model. */
export function expectSynthesis(
  config: ResolvedConfig,
  {
    folder,
    passages,
    brought,
  }: { folder: RunFolder; passages: Passage[]; brought?: { counts: ResolvedConfig["counts"] } },
): SynthesisEstimate {
  const asked = { ...config, model: describeModel(nameModel(config.model)) };
  const measured = measuredSynthesis(folder.last("synthesize"), asked);
  return estimateSynthesis({ ...config, counts: brought?.counts ?? config.counts, passages, measured });
}

async function expectPairs(
  config: ResolvedConfig,
  { folder, stages, signal }: { folder: RunFolder; stages: readonly string[]; signal?: AbortSignal },
): Promise<AskedCalls> {
  const brought = await broughtBy(config, { signal });
  const { size, passages } = hasCorpus(config)
    ? await sampleStore(folder.path("corpus.sqlite"), { signal })
    : { size: 0, passages: brought?.passages ?? [] };
  const whole = expectSynthesis(config, { folder, passages, brought });
  const also = expectEmbedding(config, { size, passages, whole, stages });
  const isWritten = stages.includes("synthesize");
  const calls = isWritten ? whole.calls : noiseChecks(whole.examples, config);
  const share = whole.calls > 0 ? calls / whole.calls : 0;
  return {
    what: isWritten
      ? `${amount(whole.pairs, "pair")}${sharesInWords(brought?.counts ?? config.counts, config)}`
      : "noise checks",
    also,
    calls,
    inputTokens: whole.inputTokens * share,
    outputTokens: whole.outputTokens * share,
  };
}

/** What an embedding endpoint is called for: the passages, and the questions that passages are looked for with. Undefined where there is none. */
function expectEmbedding(
  { embeddings, retrieval, prices }: ResolvedConfig,
  {
    size,
    passages,
    whole,
    stages,
  }: { size: number; passages: Passage[]; whole: SynthesisEstimate; stages: readonly string[] },
): ExpectedCalls | undefined {
  if (!embeddings || !("name" in embeddings)) return undefined;
  // Each pair is searched for when it is planned, or goes on from another, and again for its noise.
  const { pairs, examples } = whole;
  const searches = { plan: pairs, synthesize: examples - pairs, assemble: examples };
  const searching = Object.entries(searches).filter(([name]) => retrieval !== "bm25" && stages.includes(name));
  return expectVectors({
    model: embeddingModelAt(embeddings, "none"),
    host: endpointHost(embeddings),
    texts: stages.includes("embed") ? size : 0,
    passages,
    questions: searching.reduce((sum, [, count]) => sum + count, 0),
    prices,
  });
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
  const models = against === undefined ? [model] : [model, against];
  const { questions, ...expected } = await estimateEvaluation({ ...asked, models: models.length });
  return expectOf(models, { what: amount(questions, "question"), ...expected });
}
