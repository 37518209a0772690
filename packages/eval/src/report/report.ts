import type { ConditionResult } from "../measure-robustness.ts";
import { type PublishedRow, publishedRows, publishedSource } from "../published-rows.ts";
import type { Interval } from "../statistics/bootstrap.ts";
import type { PairedComparison } from "../statistics/compare-paired.ts";
import type { BenchmarkSummary } from "./summarize-benchmark.ts";

/** One model on a number of benchmarks. */
export interface ModelResults {
  model: string;
  benchmarks: readonly BenchmarkSummary[];
}

/** Two models, or two ways to run one, on the items that both answered. */
export interface ReportedComparison {
  benchmark: string;
  first: string;
  second: string;
  /** As `compareAnswers` gives it. */
  comparison: PairedComparison;
}

/** A model under other conditions. */
export interface ReportedRobustness {
  benchmark: string;
  model: string;
  /** As `measureRobustness` gives them. */
  conditions: readonly ConditionResult[];
}

/** What {@link buildReport} makes; as JSON it is the machine-readable report. */
export interface EvalReport {
  /** The command that made the figures. */
  command: string;
  /** Whatever else the figures depend on: sampling, seed, number of documents, retriever. */
  settings: Readonly<Record<string, unknown>>;
  models: readonly ModelResults[];
  comparisons: readonly ReportedComparison[];
  robustness: readonly ReportedRobustness[];
  published: { source: string; rows: readonly PublishedRow[] };
}

/** Puts the results of one or more models beside the published rows. */
export function buildReport({
  command,
  settings = {},
  models,
  comparisons = [],
  robustness = [],
}: {
  command: string;
  settings?: Readonly<Record<string, unknown>>;
  models: readonly ModelResults[];
  comparisons?: readonly ReportedComparison[];
  robustness?: readonly ReportedRobustness[];
}): EvalReport {
  return {
    command,
    settings,
    models,
    comparisons,
    robustness,
    published: { source: publishedSource, rows: publishedRows },
  };
}

/** One figure of a report, for tables that list them all. */
export interface Figure {
  model: string;
  benchmark: string;
  measure: string;
  /** Part of the items, such as `hops=2`; empty for all. */
  part: string;
  interval: Interval;
}

/** Every figure of a report. */
export function figuresOfReport({ models }: EvalReport): Figure[] {
  return models.flatMap(({ model, benchmarks }) =>
    benchmarks.flatMap((summary) =>
      figuresOfSummary(summary).map((figure) => ({ model, benchmark: summary.benchmark, ...figure })),
    ),
  );
}

function figuresOfSummary(summary: BenchmarkSummary): Omit<Figure, "model" | "benchmark">[] {
  const { accuracy, exactMatch, f1, reference, breakdowns, faithfulness } = summary;
  const whole = {
    accuracy,
    "exact match": exactMatch,
    F1: f1,
    ...(reference ? { "published scorer": reference } : {}),
  };
  const faithful = faithfulness
    ? {
        "answer in documents": faithfulness.answerShown,
        "accuracy, answer in documents": faithfulness.whenShown,
        "accuracy, answer not in documents": faithfulness.whenNotShown,
        "right answers in documents": faithfulness.supported,
      }
    : {};
  return [
    ...Object.entries({ ...whole, ...faithful }).map(([measure, interval]) => ({ measure, part: "", interval })),
    ...breakdowns.flatMap(({ by, parts }) =>
      parts.map(({ name, ...interval }) => ({ measure: "accuracy", part: `${by}=${name}`, interval })),
    ),
  ];
}

/** A share in per cent with one digit; an en dash where there is nothing to measure. */
function percent(interval: Pick<Interval, "mean" | "count">): string {
  return interval.count === 0 ? "–" : (interval.mean * 100).toFixed(1);
}

/** A share in per cent with its interval: `62.1 [59.8, 64.3]`. */
export function percentWithInterval(interval: Interval): string {
  if (interval.count === 0) return "–";
  return `${percent(interval)} [${(interval.low * 100).toFixed(1)}, ${(interval.high * 100).toFixed(1)}]`;
}

/** What went wrong or is odd in a benchmark's run, in one line each; empty when nothing is. */
export function remarksOf(summary: BenchmarkSummary): string[] {
  const { failed, rejected, notes, abstained, differences } = summary;
  const named = (count: number, what: string, ids: readonly string[]) =>
    count === 0 ? [] : [`${count} ${what} (${ids.slice(0, 3).join(", ")}${count > 3 ? ", …" : ""})`];
  return [
    ...named(
      failed.length,
      "without an answer, not counted",
      failed.map(({ id, reason }) => `${id}: ${reason}`),
    ),
    ...named(
      rejected.length,
      "records not read",
      rejected.map(({ file, line, reason }) => `${file}:${line} ${reason}`),
    ),
    ...named(notes.empty.length, "empty answers, counted as wrong", notes.empty),
    ...named(notes["cut-off"].length, "answers cut off at the token limit", notes["cut-off"]),
    ...named(notes["very-long"].length, "very long answers", notes["very-long"]),
    ...Object.entries(abstained).map(([reason, count]) => `${count} answers without a readable choice: ${reason}`),
    ...named(
      differences.length,
      "items on which the two scorers differ",
      differences.map(({ id }) => id),
    ),
  ];
}
