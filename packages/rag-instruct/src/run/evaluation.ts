import { join } from "node:path";
import type { OnProgress } from "@rag-instruct/core";
import { type Calls, type ModelObject, openCalls } from "@rag-instruct/core/calls";
import {
  type BenchmarkSummary,
  buildEvalReport,
  compareAnswers,
  evaluate,
  type ModelResults,
  type RejectedRecord,
  type ReportedComparison,
  readBenchmark,
  type Scored,
  summarizeBenchmark,
  writeEvalReport,
} from "@rag-instruct/eval";
import type { ModelChoice, SettingsChoice } from "../config/choices.ts";
import { openRunWorkers } from "./calls.ts";
import { callSettings } from "./model-settings.ts";
import { describeModel, nameModel, runModel } from "./models.ts";

/** What {@link runEvaluation} measures and how. */
export interface EvaluationConfig {
  /** Benchmark id and file, such as `["popqa", "popqa.jsonl"]`. */
  benchmarks: readonly (readonly [id: string, file: string])[];
  model: ModelChoice;
  /** Another model that is asked the same, to compare item by item: the one that yours started from. @default none */
  against?: ModelChoice;
  /** How both are asked, where the published sampling says nothing else. @default the endpoint's own */
  settings?: SettingsChoice;
  /** Folder of the report and the ledger; made when it is not there. */
  to: string;
  /** Paragraphs shown, from each file's own contexts; 0 asks closed-book. @default 10 */
  documents?: number;
  /** Questions of each benchmark, from the first on. @default all */
  limit?: number;
  /** Most calls at the same time. @default 16 */
  concurrency?: number;
  /** Redis of the workers that make the calls. @default none: calls are made from here */
  redis?: string;
  /** What the report says it was made by. */
  command: string;
}

/** What an evaluation came to. */
export interface Evaluation {
  /** Of the model, a benchmark each. */
  summaries: readonly BenchmarkSummary[];
  /** The model against the other one, a benchmark each; empty where there is no other. */
  comparisons: readonly ReportedComparison[];
  files: Awaited<ReturnType<typeof writeEvalReport>>;
}

interface Watch {
  onProgress?: OnProgress;
  signal?: AbortSignal;
}

/**
 * Measures a model on benchmarks and writes the report (JSON, Markdown, CSV, HTML). Replies are kept in `ledger.jsonl`: a
 * run that was cut short goes on with the same call.
 */
export async function runEvaluation(config: EvaluationConfig, watch: Watch = {}): Promise<Evaluation> {
  const { to, model, against, concurrency = 16, command, redis } = config;
  await using workers = await openRunWorkers(redis, { to, model: describeModel(nameModel(model)) });
  const ledger = join(to, "ledger.jsonl");
  await using calls = await openCalls({
    ledger,
    concurrency: { max: concurrency },
    settings: callSettings(config.settings),
    ...workers?.calls,
  });
  const measure = async (choice: ModelChoice) =>
    measureModel(await runModel(choice, workers), config, { ...watch, calls });
  const measured = await measure(model);
  const other = against === undefined ? undefined : await measure(against);
  const comparisons = other ? compare(other, measured) : [];
  const models = (other ? [measured, other] : [measured]).map(({ results }) => results);
  const report = buildEvalReport({ command, models, comparisons });
  const files = await writeEvalReport(report, { to, signal: watch.signal });
  return { summaries: measured.results.benchmarks, comparisons, files };
}

interface Measured {
  results: ModelResults;
  /** By benchmark. */
  answers: ReadonlyMap<string, readonly Scored[]>;
}

async function measureModel(
  model: ModelObject,
  { benchmarks, documents = 10, limit, concurrency = 16 }: EvaluationConfig,
  { calls, onProgress, signal }: Watch & { calls: Calls },
): Promise<Measured> {
  const passed = { signal, onProgress };
  const answers = new Map<string, Scored[]>();
  const summaries: BenchmarkSummary[] = [];
  for (const [benchmark, from] of benchmarks) {
    const rejected: RejectedRecord[] = [];
    const items = readBenchmark({ benchmark, from, onRejected: (record) => rejected.push(record), limit, signal });
    const outcomes = await Array.fromAsync(
      evaluate({ benchmark, items, model, calls, documents, concurrency: concurrency * 2, ...passed }),
    );
    const summary = await summarizeBenchmark({ benchmark, outcomes, rejected });
    summaries.push(summary);
    answers.set(
      summary.benchmark,
      outcomes.flatMap((outcome) => (outcome.status === "accepted" ? [outcome.value] : [])),
    );
  }
  return { results: { model: describeModel(model), benchmarks: summaries }, answers };
}

/** The second against the first, on the items that both answered. */
function compare(first: Measured, second: Measured): ReportedComparison[] {
  return [...second.answers].flatMap(([benchmark, answers]) => {
    const comparison = compareAnswers(first.answers.get(benchmark) ?? [], answers);
    return comparison ? [{ benchmark, first: first.results.model, second: second.results.model, comparison }] : [];
  });
}
