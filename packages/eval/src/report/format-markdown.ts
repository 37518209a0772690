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
import type { EvalReport, ModelResults } from "./eval-report.ts";
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
