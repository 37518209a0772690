import { amount } from "@rag-instruct/core";
import { benchmarks } from "../benchmarks.ts";
import {
  comparisonTableOf,
  conditionTableOf,
  differenceTableOf,
  figureTableOf,
  percentWithInterval,
  remarksOf,
  robustnessTableOf,
  type TableContent,
} from "./contents.ts";
import type { EvalReport, ModelResults, ReportedComparison } from "./eval-report.ts";
import type { BenchmarkSummary } from "./summarize-benchmark.ts";

/** The report as Markdown: results beside the published rows, every figure, what is odd, and where the scorers differ. */
export function formatMarkdown(report: EvalReport): string {
  const { command, settings, models, published } = report;
  return [
    "# Evaluation",
    `Made by \`${command.replaceAll("`", "'")}\`.`,
    ...(Object.keys(settings).length > 0 ? [`Settings: \`${JSON.stringify(settings).replaceAll("`", "'")}\`.`] : []),
    "## Published scorer, beside the published figures",
    publishedTable(report),
    `In per cent, with 95% intervals. Published rows: ${published.source}; they state no intervals.`,
    ...published.rows.flatMap(({ model, remark }) => (remark ? [`${model}: ${remark}.`] : [])),
    ...section("How it was asked, beside the published conditions", conditionTableOf(report)),
    "## Our scorer",
    ownTable(models),
    ...section("Paired comparisons", comparisonTableOf(report)),
    ...section("Other paragraphs", robustnessTableOf(report)),
    "## Every figure",
    table(figureTableOf(report)),
    ...models.flatMap(({ model, benchmarks: summaries }) => summaries.flatMap((summary) => remarks(model, summary))),
    "",
  ].join("\n\n");
}

function section(title: string, content: TableContent): string[] {
  return content.rows.length === 0 ? [] : [`## ${title}`, table(content)];
}

function publishedTable({ models, published }: EvalReport): string {
  const columns = Object.values(benchmarks).filter(({ column }) => column !== undefined);
  const own = models.map(({ model, benchmarks: summaries }) => [
    model,
    ...columns.map(({ id }) => {
      const reference = summaries.find(({ benchmark }) => benchmark === id)?.reference;
      return reference ? `${percentWithInterval(reference)} (${reference.count})` : "–";
    }),
  ]);
  const others = published.rows.map(({ model, scores }) => [
    model,
    ...columns.map(({ id }) => scores[id]?.toFixed(1) ?? "–"),
  ]);
  return table({ head: ["model", ...columns.map(({ column }) => column!)], rows: [...own, ...others] });
}

function ownTable(models: readonly ModelResults[]): string {
  const rows = models.flatMap(({ model, benchmarks: summaries }) =>
    summaries.map((summary) => [
      model,
      summary.name,
      String(summary.asked),
      String(summary.answered),
      percentWithInterval(summary.accuracy),
      percentWithInterval(summary.exactMatch),
      percentWithInterval(summary.f1),
      String(summary.differences.length),
    ]),
  );
  return table({
    head: ["model", "benchmark", "asked", "answered", "accuracy", "exact match", "F1", "scorers differ"],
    rows,
  });
}

function remarks(model: string, summary: BenchmarkSummary): string[] {
  const lines = remarksOf(summary);
  if (lines.length === 0) return [];
  const title = `## ${inline(model)}, ${summary.name}`;
  const list = lines.map((line) => `- ${inline(line)}`).join("\n");
  if (summary.differences.length === 0) return [title, list];
  return [title, list, table(differenceTableOf(summary))];
}

function table({ head, rows }: TableContent): string {
  const line = (cells: readonly string[]) => `| ${cells.map(inline).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

// A model's answer may hold anything; it must not become a table, a link or HTML.
function inline(text: string): string {
  return text
    .replace(/\s+/g, " ")
    .replace(/[\\`*_[\]<>|]/g, "\\$&")
    .trim();
}

/** A benchmark in a line: accuracy in per cent with its 95% interval, and counts that add up; where nothing was measured, why not. */
export function describeBenchmark(summary: BenchmarkSummary): string {
  const { name, asked, answered, failed, rejected, accuracy, reference, closedBook } = summary;
  if (answered === 0) return `${name}: nothing measured: ${whyNothing(summary)}`;
  const published = reference ? `; published scorer ${percentOf(reference.mean)}` : "";
  const interval = `${percentOf(accuracy.mean)} [${percentOf(accuracy.low)}, ${percentOf(accuracy.high)}]`;
  const counts = `${answered} answered + ${failed.length} failed = ${asked} asked`;
  const unread = rejected.length > 0 ? `, ${amount(rejected.length, "record")} gave no question` : "";
  const without = closedBook === answered ? "; asked closed-book: no question had a paragraph" : "";
  return `${name}: accuracy ${interval}${published} (${counts}${unread})${without}`;
}

function whyNothing({ asked, failed, rejected, leftOut }: BenchmarkSummary): string {
  const [failure] = failed;
  const [record] = rejected;
  if (failure) return `none of ${asked} questions was answered; ${failure.id}: ${failure.reason}`;
  if (record) {
    const at = `${record.file}:${record.line}: ${record.reason}: ${record.detail}`;
    return `no question could be read, ${amount(rejected.length, "record")} gave none; ${at}`;
  }
  if (leftOut > 0) return `all ${leftOut} questions stand outside the part that published figures are about`;
  return "there is no question in its files";
}

function percentOf(share: number): string {
  return `${(100 * share).toFixed(1)}%`;
}

/** A comparison in a line: the difference in points with its 95% interval, and how many questions each model won. */
export function describeComparison({ benchmark, first, comparison }: ReportedComparison): string {
  const { difference, low, high, better, worse, pValue } = comparison;
  const points = (share: number) => (100 * share).toFixed(1);
  const sign = difference > 0 ? "+" : "";
  return `${benchmark} against ${first}: ${sign}${points(difference)} points [${points(low)}, ${points(high)}], ${amount(better, "question")} better, ${worse} worse, p = ${pValue.toFixed(4)}`;
}
