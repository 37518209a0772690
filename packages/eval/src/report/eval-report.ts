import { type Sampling, samplings } from "../answering-model.ts";
import type { Benchmark } from "../benchmark.ts";
import { benchmarks } from "../benchmarks.ts";
import type { ConditionResult } from "../measure-robustness.ts";
import { defaultDocuments } from "../prompt.ts";
import type { Interval, PairedComparison } from "../statistics.ts";
import { type PublishedRow, type PublishedVersion, publishedTable, seedVersion } from "./published.ts";
import type { BenchmarkSummary } from "./summarize-benchmark.ts";

/** How a model was asked: what a figure must share with a published one before the two compare. */
export interface AskedUnder {
  /** @default "greedy" */
  sampling?: keyof typeof samplings | Sampling;
  /** Name of the layout, or the file of templates. @default "training" */
  template?: string;
  /** Paragraphs shown at most. @default 10 */
  documents?: number;
  /** Where the paragraphs came from. @default the file's own contexts */
  retriever?: string;
  /** Whether prompts were sent as raw completions; else by chat. @default false */
  raw?: boolean;
}

/** One condition of a figure, and whether it is the published one. */
export interface Condition {
  name: "sampling" | "layout" | "asked by" | "documents" | "subset" | "n";
  here: string;
  published: string;
  isPublished: boolean;
}

/**
 * The conditions of one benchmark's figure beside those of the published one: the method's evaluation script and the command of its
 * README. What neither states is "not stated" and never counts as the same.
 */
export function conditionsOf(summary: BenchmarkSummary, asked: AskedUnder = {}): Condition[] {
  const { sampling = "greedy", template = "training", documents = defaultDocuments, retriever, raw = false } = asked;
  const benchmark = knownBenchmark(summary);
  const isClosedBook = summary.answered > 0 && summary.closedBook === summary.answered;
  const shown = isClosedBook
    ? "none"
    : benchmark?.ownContext
      ? "its own abstract"
      : `${documents} ${retriever ? `by ${retriever}` : "of the file"}`;
  const { count, rule } = benchmark?.subset ?? { count: benchmark?.testSize, rule: "all" };
  const state = (name: Condition["name"], here: string, published: string): Condition => ({
    name,
    here,
    published,
    isPublished: here === published,
  });
  return [
    state(
      "sampling",
      describeSampling(typeof sampling === "string" ? samplings[sampling] : sampling),
      describeSampling(samplings.published),
    ),
    state("layout", template, "published"),
    state("asked by", raw ? "raw completions" : "chat", "raw completions"),
    state("documents", shown, benchmark?.ownContext ? "its own abstract" : `${defaultDocuments} of the file`),
    state("subset", summary.subset ? rule : "all", rule),
    state("n", String(summary.asked), count === undefined ? "not stated" : String(count)),
  ];
}

/** The benchmark of a summary, unless it is one of the user's own. */
export function knownBenchmark({ benchmark }: BenchmarkSummary): Benchmark | undefined {
  return Object.values<Benchmark>(benchmarks).find(({ id }) => id === benchmark);
}

function describeSampling({ temperature, topP, maxOutputTokens }: Sampling): string {
  const nucleus = topP === undefined ? "" : `, top-p ${topP}`;
  return `temperature ${temperature}${nucleus}, ${maxOutputTokens} tokens`;
}

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
