import { join } from "node:path";
import { writeAtomic } from "@rag-instruct/core/node";
import { formatCsv } from "./format-csv.ts";
import { formatHtml } from "./format-html.ts";
import { formatMarkdown } from "./format-markdown.ts";
import type { EvalReport } from "./report.ts";

/** Writes `eval.json`, `eval.md`, `eval.csv` and `eval.html` into a folder, each whole or not at all. */
export async function writeReport(
  report: EvalReport,
  { to, signal }: { to: string; signal?: AbortSignal },
): Promise<{ json: string; markdown: string; csv: string; html: string }> {
  const files = {
    json: join(to, "eval.json"),
    markdown: join(to, "eval.md"),
    csv: join(to, "eval.csv"),
    html: join(to, "eval.html"),
  };
  const options = signal ? { signal } : {};
  await writeAtomic(files.json, `${JSON.stringify(report, null, 2)}\n`, options);
  await writeAtomic(files.markdown, formatMarkdown(report), options);
  await writeAtomic(files.csv, formatCsv(report), options);
  await writeAtomic(files.html, formatHtml(report), options);
  return files;
}
