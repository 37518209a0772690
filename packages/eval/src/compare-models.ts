import { type OnProgress, RagInstructError, tokensAbout } from "@rag-instruct/core";
import type { AnsweringModel } from "./answering-model.ts";
import type { Benchmark } from "./benchmark.ts";
import { findBenchmark } from "./benchmarks.ts";
import { type EvaluateOptions, type EvaluateOutcome, evaluate } from "./evaluate.ts";
import type { RejectedRecord } from "./item.ts";
import { compareAnswers } from "./measure-robustness.ts";
import { renderBenchmarkPrompt } from "./prompt.ts";
import { readBenchmark } from "./read-benchmark.ts";
import { type AnsweredQuestion, questionsOf } from "./report/answered-questions.ts";
import type { ModelResults, ReportedComparison } from "./report/eval-report.ts";
import { describeBenchmark } from "./report/format-text.ts";
import { type BenchmarkSummary, summarizeBenchmark } from "./report/summarize-benchmark.ts";
import type { Scored } from "./score-answers.ts";

/** Options of {@link compareModels}. */
export interface CompareModelsOptions
  extends Pick<EvaluateOptions, "calls" | "retriever" | "documents" | "template" | "sampling" | "concurrency"> {
  /** Benchmark id, or one of your own, with its file or files, such as `["popqa", "popqa.jsonl"]`. */
  benchmarks: readonly (readonly [benchmark: string | Benchmark, from: string | readonly string[]])[];
  model: AnsweringModel;
  /** Another model that is asked the same, to compare item by item: the one that yours started from. @default none */
  against?: AnsweringModel;
  /** Questions of each benchmark, from the first on. @default all */
  limit?: number;
  onProgress?: OnProgress;
  signal?: AbortSignal;
}

/** What {@link compareModels} measured: what a report is made of. */
export interface ComparedModels {
  /** The model, then the other one. */
  models: ModelResults[];
  /** The model against the other one, a benchmark each; empty where there is no other. */
  comparisons: ReportedComparison[];
  /** Every question with the answer of each, benchmark by benchmark. */
  questions: AnsweredQuestion[];
}

/**
 * Measures one or two models on benchmarks, one after another. Throws what reading and asking throw, and `bad-input` when no benchmark's
 * files give a question.
 */
export async function compareModels(options: CompareModelsOptions): Promise<ComparedModels> {
  const { model, against } = options;
  const measured = await measureModel(model, options);
  const { benchmarks } = measured.results;
  if (benchmarks.length > 0 && benchmarks.every(({ asked, rejected }) => asked === 0 && rejected.length > 0))
    throw new RagInstructError("bad-input", benchmarks.map(describeBenchmark).join("\n"));
  if (against === undefined)
    return { models: [measured.results], comparisons: [], questions: besideEachOther([measured]) };
  const other = await measureModel(against, options);
  return {
    models: [measured.results, other.results],
    comparisons: compare(other, measured),
    questions: besideEachOther([measured, other]),
  };
}

interface Measured {
  results: ModelResults;
  /** By benchmark. */
  outcomes: ReadonlyMap<string, readonly EvaluateOutcome[]>;
}

async function measureModel(model: AnsweringModel, options: CompareModelsOptions): Promise<Measured> {
  const { benchmarks, limit, signal } = options;
  const answered = new Map<string, EvaluateOutcome[]>();
  const summaries: BenchmarkSummary[] = [];
  for (const [benchmark, from] of benchmarks) {
    const rejected: RejectedRecord[] = [];
    let leftOut = 0;
    const items = readBenchmark({
      benchmark,
      from,
      onRejected: (record) => rejected.push(record),
      onLeftOut: () => leftOut++,
      limit,
      signal,
    });
    const outcomes = await Array.fromAsync(evaluate({ ...options, benchmark, items, model }));
    const summary = await summarizeBenchmark({ benchmark, outcomes, rejected, leftOut });
    summaries.push(summary);
    answered.set(summary.benchmark, outcomes);
  }
  return { results: { model: nameOf(model), benchmarks: summaries }, outcomes: answered };
}

function nameOf(model: AnsweringModel): string {
  return "baseURL" in model ? `${new URL(model.baseURL).host}/${model.model}` : `${model.provider}/${model.modelId}`;
}

/** The second against the first, on the items that both answered. */
function compare(first: Measured, second: Measured): ReportedComparison[] {
  return [...second.outcomes].flatMap(([benchmark, outcomes]) => {
    const comparison = compareAnswers(scoredOf(first.outcomes.get(benchmark) ?? []), scoredOf(outcomes));
    return comparison ? [{ benchmark, first: first.results.model, second: second.results.model, comparison }] : [];
  });
}

function scoredOf(outcomes: readonly EvaluateOutcome[]): Scored[] {
  return outcomes.flatMap((outcome) => (outcome.status === "accepted" ? [outcome.value] : []));
}

function besideEachOther(measured: readonly Measured[]): AnsweredQuestion[] {
  return [...(measured[0]?.outcomes.keys() ?? [])].flatMap((benchmark) =>
    questionsOf(
      benchmark,
      measured.map(({ results: { model }, outcomes }) => ({ model, outcomes: outcomes.get(benchmark) ?? [] })),
    ),
  );
}

/** Options of {@link estimateEvaluation}. */
export interface EstimateEvaluationOptions {
  /** Benchmark id and file, or files, such as `["popqa", "popqa.jsonl"]`. */
  benchmarks: readonly (readonly [id: string, from: string | readonly string[]])[];
  /** Paragraphs shown. @default as a prompt has them */
  documents?: number;
  /** Questions of each benchmark, from the first on. @default all */
  limit?: number;
  /** Models that are asked the same. @default 1 */
  models?: number;
  signal?: AbortSignal;
}

const outputTokensAnAnswer = 100;

/** What asking models the questions of benchmarks takes, about: a call each. Reads the files once. */
export async function estimateEvaluation({
  benchmarks,
  documents,
  limit,
  models = 1,
  signal,
}: EstimateEvaluationOptions): Promise<{
  questions: number;
  calls: number;
  inputTokens: number;
  outputTokens: number;
}> {
  let [questions, inputTokens] = [0, 0];
  for (const [id, from] of benchmarks) {
    const benchmark = findBenchmark(id);
    for await (const item of readBenchmark({ benchmark: id, from, limit, onRejected: () => {}, signal })) {
      questions++;
      inputTokens += tokensAbout(renderBenchmarkPrompt(benchmark, item, { limit: documents }));
    }
  }
  const calls = questions * models;
  return { questions, calls, inputTokens: inputTokens * models, outputTokens: calls * outputTokensAnAnswer };
}
