import { relative } from "node:path";
import { RagInstructError } from "@rag-instruct/core";
import { type BenchmarkSummary, findBenchmark } from "@rag-instruct/eval";
import { runEvaluation } from "../evaluation.ts";
import type { Answer, CommandContext } from "./command.ts";
import type { RunFlags } from "./flags.ts";
import { modelOf } from "./settings.ts";

/** The flags of `eval`. */
export interface EvalFlags extends Pick<RunFlags, "model" | "baseUrl" | "concurrency" | "redis"> {
  to: string;
  documents: number;
  limit?: number;
}

/** Measures a model and says where the report is. */
export async function evaluateCommand(
  files: readonly string[],
  flags: EvalFlags,
  { view, signal }: CommandContext,
): Promise<Answer> {
  const { to, documents, limit, concurrency, redis } = flags;
  const model = modelOf(flags);
  if (model === "offline")
    throw new RagInstructError(
      "bad-option",
      "name the model to measure: --model, and --base-url for a server of your own",
    );
  const benchmarks = files.map(readPair);
  const config = {
    benchmarks,
    model,
    to,
    documents,
    command: `rag-instruct eval ${files.join(" ")}`,
    ...(limit === undefined ? {} : { limit }),
    ...(concurrency === undefined ? {} : { concurrency }),
    ...(redis === undefined ? {} : { redis }),
  };
  const { summaries, files: written } = await runEvaluation(config, { onProgress: view.onProgress, signal });
  const place = relative(process.cwd(), written.html) || written.html;
  const text = `${summaries.map(describe).join("\n")}\n\n  report  ${place} (and .md, .csv, .json)\n`;
  return { text, json: { benchmarks: summaries, files: written } };
}

function readPair(text: string): [string, string] {
  const cut = text.indexOf("=");
  if (cut < 1)
    throw new RagInstructError("bad-option", `"${text}" must be a benchmark and its file, such as popqa=popqa.jsonl`);
  const id = text.slice(0, cut);
  findBenchmark(id);
  return [id, text.slice(cut + 1)];
}

function describe({ name, asked, answered, failed, rejected, accuracy, reference }: BenchmarkSummary): string {
  const percent = (share: number) => `${(100 * share).toFixed(1)}%`;
  const published = reference ? `; published scorer ${percent(reference.mean)}` : "";
  const interval = `${percent(accuracy.mean)} [${percent(accuracy.low)}, ${percent(accuracy.high)}]`;
  const counts = `${answered} answered + ${failed.length} failed = ${asked} asked`;
  const unread = rejected.length > 0 ? `, ${rejected.length} records gave no question` : "";
  return `${name}: accuracy ${interval}${published} (${counts}${unread})`;
}
