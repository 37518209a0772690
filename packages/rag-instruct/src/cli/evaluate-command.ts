import { relative } from "node:path";
import { RagInstructError } from "@rag-instruct/core";
import { type BenchmarkSummary, findBenchmark, type ReportedComparison } from "@rag-instruct/eval";
import type { ModelChoice } from "../config.ts";
import { runEvaluation } from "../evaluation.ts";
import { isEndpoint } from "../models.ts";
import type { Answer, CommandContext } from "./command.ts";
import type { RunFlags } from "./flags.ts";
import { modelOf } from "./settings.ts";

/** The flags of `eval`. */
export interface EvalFlags extends Pick<RunFlags, "model" | "baseUrl" | "concurrency" | "redis"> {
  to: string;
  documents: number;
  limit?: number;
  against?: string;
  againstUrl?: string;
}

/** Measures a model and says where the report is. */
export async function evaluateCommand(
  files: readonly string[],
  flags: EvalFlags,
  { view, signal }: CommandContext,
): Promise<Answer> {
  const { to, documents, limit, concurrency, redis } = flags;
  const model = modelOf(flags);
  const against = otherModel(flags, model);
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
    limit,
    against,
    concurrency,
    redis,
  };
  const {
    summaries,
    comparisons,
    files: written,
  } = await runEvaluation(config, { onProgress: view.onProgress, signal });
  const place = relative(process.cwd(), written.html) || written.html;
  const lines = [...summaries.map(describe), ...comparisons.map(describeComparison)];
  const text = `${lines.join("\n")}\n\n  report  ${place} (and .md, .csv, .json)\n`;
  return { text, json: { benchmarks: summaries, comparisons, files: written } };
}

/** The model to compare with; behind the address of the first where none of its own is given. */
function otherModel({ against, againstUrl, baseUrl }: EvalFlags, model: ModelChoice): ModelChoice | undefined {
  if (against === undefined && againstUrl === undefined) return undefined;
  const name = against ?? (isEndpoint(model) ? model.name : undefined);
  const address = againstUrl ?? baseUrl;
  return modelOf({ model: name || undefined, baseUrl: address || undefined });
}

function describeComparison({ benchmark, first, comparison }: ReportedComparison): string {
  const { difference, low, high, better, worse, pValue } = comparison;
  const points = (share: number) => (100 * share).toFixed(1);
  const sign = difference > 0 ? "+" : "";
  return `${benchmark} against ${first}: ${sign}${points(difference)} points [${points(low)}, ${points(high)}], ${better} questions better, ${worse} worse, p = ${pValue.toFixed(4)}`;
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
