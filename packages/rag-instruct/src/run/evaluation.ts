import { join } from "node:path";
import type { OnProgress } from "@rag-instruct/core";
import { openCalls } from "@rag-instruct/core/calls";
import {
  type BenchmarkSummary,
  buildEvalReport,
  compareModels,
  type ReportedComparison,
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
  const { models, comparisons } = await compareModels({
    ...config,
    model: await runModel(model, workers),
    against: against && (await runModel(against, workers)),
    calls,
    concurrency: concurrency * 2,
    ...watch,
  });
  const report = buildEvalReport({ command, models, comparisons });
  const files = await writeEvalReport(report, { to, signal: watch.signal });
  return { summaries: models[0]!.benchmarks, comparisons, files };
}
