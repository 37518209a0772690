import { escapeHtml } from "@rag-instruct/core";
import type { Interval } from "../statistics.ts";
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
import type { EvalReport } from "./eval-report.ts";
import type { BenchmarkSummary } from "./summarize-benchmark.ts";

const styles = `body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1c2330;background:#fff}
h2{margin-top:2.5rem}table{border-collapse:collapse;width:100%;font-size:13px}th,td{text-align:left;padding:.3rem .6rem;border-bottom:1px solid #dde2ea;vertical-align:top;overflow-wrap:anywhere}
code{background:#f1f3f7;padding:.1rem .3rem}svg{width:100%;max-width:44rem}text{font-size:12px;fill:currentColor}.label{text-anchor:end}.tick{text-anchor:middle;opacity:.6}
.grid{stroke:#dde2ea}.own{fill:#2f6fde}.published{fill:#b4bdcc}.whisker{stroke:#14284f;stroke-width:1.5;fill:none}
@media(prefers-color-scheme:dark){body{color:#e4e8ef;background:#14181f}th,td{border-color:#2c3440}code{background:#222933}.grid{stroke:#2c3440}.published{fill:#5b6678}.whisker{stroke:#cfe0ff}}`;

/** The report as one page that needs nothing else: a chart a benchmark, every figure, and where the scorers differ. */
export function formatHtml(report: EvalReport): string {
  const { command, settings, published } = report;
  const ids = [...new Set(report.models.flatMap(({ benchmarks }) => benchmarks.map(({ benchmark }) => benchmark)))];
  return [
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Evaluation</title><style>${styles}</style></head><body>`,
    `<h1>Evaluation</h1><p>Made by <code>${escapeHtml(command)}</code>.</p>`,
    Object.keys(settings).length > 0 ? `<p>Settings: <code>${escapeHtml(JSON.stringify(settings))}</code></p>` : "",
    `<p>Blue: this evaluation, with 95% intervals. Grey: ${escapeHtml(published.source)}, without intervals. Bars compare by the published scorer; where it does not know a benchmark, by ours.</p>`,
    ...ids.map((id) => benchmarkSection(report, id)),
    section("How it was asked, beside the published conditions", conditionTableOf(report)),
    section("Paired comparisons", comparisonTableOf(report)),
    section("Other paragraphs", robustnessTableOf(report)),
    "<h2>Every figure</h2>",
    table(figureTableOf(report)),
    "</body></html>\n",
  ].join("\n");
}

function section(title: string, content: TableContent): string {
  return content.rows.length === 0 ? "" : `<h2>${title}</h2>${table(content)}`;
}

function benchmarkSection(report: EvalReport, id: string): string {
  const own = report.models.flatMap(({ model, benchmarks }) =>
    benchmarks.filter(({ benchmark }) => benchmark === id).map((summary) => ({ model, summary })),
  );
  const name = own[0]!.summary.name;
  const bars = [...own.flatMap(({ model, summary }) => ownBar(model, summary)), ...publishedBars(report, id)];
  return [
    `<h2>${escapeHtml(name)}</h2>`,
    barChart({ title: `${name}, per cent right`, bars }),
    ...own.map(({ model, summary }) => remarks(model, summary)),
  ].join("\n");
}

function ownBar(model: string, summary: BenchmarkSummary): Bar[] {
  const interval = summary.reference ?? summary.accuracy;
  if (interval.count === 0) return [];
  const title = `${model}: ${percentWithInterval(interval)}, ${interval.count} answers; our scorer: ${percentWithInterval(summary.accuracy)}`;
  return [{ label: model, value: interval.mean, interval, title, kind: "own" }];
}

function publishedBars({ published }: EvalReport, id: string): Bar[] {
  return published.rows.flatMap(({ model, scores }): Bar[] => {
    const score = scores[id];
    if (score === undefined) return [];
    return [
      { label: model, value: score / 100, title: `${model}: ${score.toFixed(1)}, as published`, kind: "published" },
    ];
  });
}

function remarks(model: string, summary: BenchmarkSummary): string {
  const lines = remarksOf(summary);
  if (lines.length === 0) return "";
  const list = `<p>${escapeHtml(model)}</p><ul>${lines.map((line) => `<li>${escapeHtml(line)}</li>`).join("")}</ul>`;
  if (summary.differences.length === 0) return list;
  return `${list}<details><summary>Items on which the two scorers differ</summary>${table(differenceTableOf(summary))}</details>`;
}

function table({ head, rows }: TableContent): string {
  const cells = (tag: string, row: readonly string[]) =>
    row.map((text) => `<${tag}>${escapeHtml(text)}</${tag}>`).join("");
  return `<table><thead><tr>${cells("th", head)}</tr></thead><tbody>${rows.map((row) => `<tr>${cells("td", row)}</tr>`).join("\n")}</tbody></table>`;
}

/** One bar of a chart. */
interface Bar {
  label: string;
  /** 0 to 1. */
  value: number;
  /** Drawn as a whisker. */
  interval?: Pick<Interval, "low" | "high">;
  /** Words shown when the bar is pointed at, and read to those who do not see it. */
  title: string;
  /** Class that colours it. */
  kind: "own" | "published";
}

const rowHeight = 22;
const labelWidth = 230;
const plotWidth = 420;
const valueWidth = 60;
const gridLines = [0, 0.25, 0.5, 0.75, 1];

/** A horizontal bar chart from 0 to 100% as an SVG element, with whiskers for intervals. */
function barChart({ title, bars }: { title: string; bars: readonly Bar[] }): string {
  const height = bars.length * rowHeight + 24;
  const width = labelWidth + plotWidth + valueWidth;
  const grid = gridLines.map((share) => {
    const x = labelWidth + share * plotWidth;
    return `<line class="grid" x1="${x}" y1="0" x2="${x}" y2="${height - 20}"/><text class="tick" x="${x}" y="${height - 6}">${share * 100}</text>`;
  });
  return [
    `<svg role="img" aria-label="${escapeHtml(title)}" viewBox="0 0 ${width} ${height}">`,
    ...grid,
    ...bars.map(drawBar),
    "</svg>",
  ].join("");
}

function drawBar({ label, value, interval, title, kind }: Bar, row: number): string {
  const top = row * rowHeight + 4;
  const middle = top + 7;
  const at = (share: number) => (labelWidth + share * plotWidth).toFixed(1);
  const whisker = interval
    ? `<path class="whisker" d="M${at(interval.low)} ${middle}H${at(interval.high)}M${at(interval.low)} ${middle - 4}v8M${at(interval.high)} ${middle - 4}v8"/>`
    : "";
  return [
    `<g><title>${escapeHtml(title)}</title>`,
    `<text class="label" x="${labelWidth - 8}" y="${middle + 4}">${escapeHtml(shortened(label))}</text>`,
    `<rect class="${kind}" x="${labelWidth}" y="${top}" width="${(value * plotWidth).toFixed(1)}" height="14"/>`,
    whisker,
    `<text class="value" x="${labelWidth + plotWidth + 8}" y="${middle + 4}">${(value * 100).toFixed(1)}</text></g>`,
  ].join("");
}

function shortened(label: string): string {
  return label.length <= 32 ? label : `${label.slice(0, 31)}…`;
}
