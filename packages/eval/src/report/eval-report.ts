import type { ConditionResult } from "../measure-robustness.ts";
import type { Interval, PairedComparison } from "../statistics.ts";
import type { AskedUnder } from "./conditions.ts";
import { type PublishedRow, type PublishedVersion, publishedTable, seedVersion } from "./published.ts";
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

/** What {@link buildEvalReport} makes; as JSON it is the machine-readable report. */
export interface EvalReport {
  /** The command that made the figures. */
  command: string;
  /** Whatever else the figures depend on: sampling, seed, number of documents, retriever. */
  settings: Readonly<Record<string, unknown>>;
  /** How the models were asked. */
  asked: AskedUnder;
  models: readonly ModelResults[];
  comparisons: readonly ReportedComparison[];
  robustness: readonly ReportedRobustness[];
  published: { source: string; version: PublishedVersion; rows: readonly PublishedRow[] };
}

/** Puts the results of one or more models beside the published rows of one version of the table. Throws `bad-option` for an unknown version. */
export function buildEvalReport({
  command,
  settings = {},
  asked = {},
  models,
  comparisons = [],
  robustness = [],
  published = seedVersion,
}: {
  command: string;
  settings?: Readonly<Record<string, unknown>>;
  /** @default as `evaluate` asks by default */
  asked?: AskedUnder;
  models: readonly ModelResults[];
  comparisons?: readonly ReportedComparison[];
  robustness?: readonly ReportedRobustness[];
  /** Whose rows to compare with, by the day on which the method's README had them. @default "2025-01-06" */
  published?: PublishedVersion;
}): EvalReport {
  return {
    command,
    settings,
    asked,
    models,
    comparisons,
    robustness,
    published: publishedTable(published),
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
  const ofAll: [measure: string, interval: Interval | undefined][] = [
    ["accuracy", accuracy],
    ["exact match", exactMatch],
    ["F1", f1],
    ["published scorer", reference],
    ["answer in documents", faithfulness?.answerShown],
    ["accuracy, answer in documents", faithfulness?.whenShown],
    ["accuracy, answer not in documents", faithfulness?.whenNotShown],
    ["right answers in documents", faithfulness?.supported],
  ];
  return [
    ...ofAll.flatMap(([measure, interval]) => (interval ? [{ measure, part: "", interval }] : [])),
    ...breakdowns.flatMap(({ by, parts }) =>
      parts.map(({ name, ...interval }) => ({ measure: "accuracy", part: `${by}=${name}`, interval })),
    ),
  ];
}
