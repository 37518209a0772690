import { join } from "node:path";
import type { OnProgress } from "@rag-instruct/core";
import { openCalls } from "@rag-instruct/core/calls";
import {
  type BenchmarkSummary,
  buildReport,
  evaluate,
  type RejectedRecord,
  readBenchmark,
  summarizeBenchmark,
  writeReport,
} from "@rag-instruct/eval";
import type { ModelChoice } from "./config.ts";
import { describeModel } from "./models.ts";
import { openRunWorkers, runModel } from "./run-workers.ts";

/** What {@link runEvaluation} measures and how. */
export interface EvaluationConfig {
  /** Benchmark id and file, such as `["popqa", "popqa.jsonl"]`. */
  benchmarks: readonly (readonly [id: string, file: string])[];
  model: ModelChoice;
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

/**
 * Measures a model on benchmarks and writes the report (JSON, Markdown, CSV, HTML). Replies are kept in `ledger.jsonl`: a
 * run that was cut short goes on with the same call.
 */
export async function runEvaluation(
  config: EvaluationConfig,
  { onProgress, signal }: { onProgress?: OnProgress; signal?: AbortSignal } = {},
): Promise<{ summaries: BenchmarkSummary[]; files: Awaited<ReturnType<typeof writeReport>> }> {
  const { benchmarks, to, documents = 10, limit, concurrency = 16, command, redis } = config;
  await using workers = await openRunWorkers(redis, { to, model: config.model, limits: undefined });
  const model = await runModel(config.model, workers);
  const passed = { ...(signal ? { signal } : {}), ...(onProgress ? { onProgress } : {}) };
  const ledger = join(to, "ledger.jsonl");
  await using calls = await openCalls({ ledger, concurrency: { max: concurrency }, ...workers?.calls });
  const summaries: BenchmarkSummary[] = [];
  for (const [benchmark, from] of benchmarks) {
    const rejected: RejectedRecord[] = [];
    const items = readBenchmark({
      benchmark,
      from,
      onRejected: (record) => rejected.push(record),
      ...(limit === undefined ? {} : { limit }),
      ...(signal ? { signal } : {}),
    });
    const outcomes = evaluate({ benchmark, items, model, calls, documents, concurrency: concurrency * 2, ...passed });
    summaries.push(await summarizeBenchmark({ benchmark, outcomes, rejected }));
  }
  const report = buildReport({ command, models: [{ model: describeModel(model), benchmarks: summaries }] });
  return { summaries, files: await writeReport(report, { to, ...(signal ? { signal } : {}) }) };
}
