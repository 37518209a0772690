import { join } from "node:path";
import { csvRow, writeAtomic } from "@rag-instruct/core/node";
import type { AnsweredQuestion } from "./answered-questions.ts";
import { type EvalReport, figuresOfReport } from "./eval-report.ts";
import { formatHtml } from "./format-html.ts";
import { formatMarkdown } from "./format-text.ts";

/**
 * Writes `eval.json`, `eval.md`, `eval.csv` and `eval.html` into a folder, each whole or not at all; with the questions also
 * `answers.jsonl`, and the page lists them.
 */
export async function writeEvalReport(
  report: EvalReport,
  { to, questions = [], signal }: { to: string; questions?: readonly AnsweredQuestion[]; signal?: AbortSignal },
): Promise<{ json: string; markdown: string; csv: string; html: string }> {
  const files = {
    json: join(to, "eval.json"),
    markdown: join(to, "eval.md"),
    csv: join(to, "eval.csv"),
    html: join(to, "eval.html"),
  };
  const options = { signal };
  await writeAtomic(files.json, `${JSON.stringify(report, null, 2)}\n`, options);
  await writeAtomic(files.markdown, formatMarkdown(report), options);
  await writeAtomic(files.csv, formatCsv(report), options);
  if (questions.length > 0) await writeAtomic(join(to, "answers.jsonl"), jsonLines(questions), options);
  await writeAtomic(files.html, formatHtml(report, questions), options);
  return files;
}

function* jsonLines(records: readonly unknown[]): Generator<string> {
  for (const record of records) yield `${JSON.stringify(record)}\n`;
}

/** Every figure of a report as CSV (RFC 4180): shares 0 to 1, with interval, count and the command that made them. */
export function formatCsv(report: EvalReport): string {
  const head = ["model", "benchmark", "measure", "part", "mean", "low", "high", "count", "command"];
  const rows = figuresOfReport(report).map(({ model, benchmark, measure, part, interval }) => [
    model,
    benchmark,
    measure,
    part,
    ...(interval.count === 0 ? ["", "", ""] : [interval.mean, interval.low, interval.high].map(String)),
    String(interval.count),
    report.command,
  ]);
  return [head, ...rows].map((row) => csvRow(row.map(inertCell))).join("");
}

/** A spreadsheet would run a cell that begins like a formula. */
function inertCell(text: string): string {
  return /^[=+@\t\r]|^-(?![\d.])/.test(text) ? `'${text}` : text;
}
