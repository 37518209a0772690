import type { ConditionResult } from "../measure-robustness.ts";
import type { Interval, PairedComparison } from "../statistics.ts";
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
  models: readonly ModelResults[];
  comparisons: readonly ReportedComparison[];
  robustness: readonly ReportedRobustness[];
  published: { source: string; rows: readonly PublishedRow[] };
}

/** Puts the results of one or more models beside the published rows. */
export function buildEvalReport({
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

/** A row of the method's published results, in per cent. */
export interface PublishedRow {
  model: string;
  /** The model as it is, or trained on the method's data. The table does not say what the former was shown; the published script shows documents to every model. */
  kind: "base" | "rag-instruct";
  /** By benchmark id. */
  scores: Readonly<Record<string, number>>;
}

/** Where the rows come from. */
export const publishedSource =
  "RAG-Instruct (Liu et al., arXiv 2501.00353), result table of the README of github.com/FreedomIntelligence/RAG-Instruct";

const order = [
  "webquestions",
  "popqa",
  "triviaqa",
  "openbookqa",
  "pubhealth",
  "arc-challenge",
  "2wikimultihopqa",
  "hotpotqa",
  "musique",
  "convfinqa",
  "pubmedqa",
];

function row(model: string, kind: PublishedRow["kind"], figures: readonly number[]): PublishedRow {
  return { model, kind, scores: Object.fromEntries(order.map((id, i) => [id, figures[i]!])) };
}

/** The rows of the published table: figures of the published scorer, to be compared with `reference` alone. */
export const publishedRows: readonly PublishedRow[] = [
  row("Llama3.2-3B", "base", [58.7, 61.8, 69.7, 77.0, 55.0, 66.8, 55.6, 40.2, 13.2, 46.8, 70.3]),
  row("Llama3.1-8B", "base", [59.5, 60.8, 73.4, 82.0, 56.7, 77.1, 65.6, 45.6, 18.7, 56.5, 73.9]),
  row("Llama3.2-3B + RAG-Instruct", "rag-instruct", [65.3, 64.0, 77.0, 81.2, 66.4, 73.0, 72.9, 52.7, 25.0, 50.3, 72.6]),
  row("Llama3.1-8B + RAG-Instruct", "rag-instruct", [69.7, 68.4, 79.3, 84.8, 77.2, 79.9, 79.3, 56.4, 30.3, 57.8, 77.0]),
];
