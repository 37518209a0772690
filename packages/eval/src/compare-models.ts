import { type OnProgress, RagInstructError } from "@rag-instruct/core";
import type { AnsweringModel } from "./answering-model.ts";
import type { Benchmark } from "./benchmark.ts";
import { type EvaluateOptions, evaluate } from "./evaluate.ts";
import type { RejectedRecord } from "./item.ts";
import { compareAnswers } from "./measure-robustness.ts";
import { readBenchmark } from "./read-benchmark.ts";
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
  if (against === undefined) return { models: [measured.results], comparisons: [] };
  const other = await measureModel(against, options);
  return { models: [measured.results, other.results], comparisons: compare(other, measured) };
}

interface Measured {
  results: ModelResults;
  /** By benchmark. */
  answers: ReadonlyMap<string, readonly Scored[]>;
}

async function measureModel(model: AnsweringModel, options: CompareModelsOptions): Promise<Measured> {
  const { benchmarks, limit, signal } = options;
  const answers = new Map<string, Scored[]>();
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
    answers.set(
      summary.benchmark,
      outcomes.flatMap((outcome) => (outcome.status === "accepted" ? [outcome.value] : [])),
    );
  }
  return { results: { model: nameOf(model), benchmarks: summaries }, answers };
}

function nameOf(model: AnsweringModel): string {
  return "baseURL" in model ? `${new URL(model.baseURL).host}/${model.model}` : `${model.provider}/${model.modelId}`;
}

/** The second against the first, on the items that both answered. */
function compare(first: Measured, second: Measured): ReportedComparison[] {
  return [...second.answers].flatMap(([benchmark, answers]) => {
    const comparison = compareAnswers(first.answers.get(benchmark) ?? [], answers);
    return comparison ? [{ benchmark, first: first.results.model, second: second.results.model, comparison }] : [];
  });
}
