import { amount } from "@rag-instruct/core";
import { type Bar, barTable, card, countHtml, foreignHtml, styles } from "@rag-instruct/core/page";
import type { AnsweredQuestion } from "./answered-questions.ts";
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
import { questionList, questionStyles } from "./question-list.ts";
import type { BenchmarkSummary } from "./summarize-benchmark.ts";

// The page holds no script, and lets none in.
const policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/** The report as one page that needs nothing else: a chart a benchmark with its questions and answers, every figure, and where the scorers differ. */
export function formatHtml(report: EvalReport, questions: readonly AnsweredQuestion[] = []): string {
  const { command, settings, published } = report;
  const ids = [...new Set(report.models.flatMap(({ benchmarks }) => benchmarks.map(({ benchmark }) => benchmark)))];
  const byBenchmark = Map.groupBy(questions, ({ benchmark }) => benchmark);
  const shown =
    Object.keys(settings).length > 0 ? `<p class="quiet">Settings: ${foreignHtml(JSON.stringify(settings))}</p>` : "";
  return [
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta http-equiv="Content-Security-Policy" content="${policy}"><meta name="referrer" content="no-referrer"><meta name="color-scheme" content="light dark"><title>Evaluation</title><style>${styles}${questionStyles}</style></head><body>`,
    `<a class="skip" href="#main">Skip to content</a><header><div><h1>Evaluation</h1><p class="quiet">Made by <code>${foreignHtml(command)}</code></p></div></header><main id="main" tabindex="-1">`,
    shown,
    `<p class="quiet">Blue: this evaluation, with the interval in which the share lies in truth (95%). Grey: ${foreignHtml(published.source)}, without intervals. Bars compare by the published scorer; where it does not know a benchmark, by ours.</p>`,
    ...ids.map((id) => benchmarkSection(report, id, byBenchmark.get(id) ?? [])),
    section(
      "Paired comparisons",
      comparisonTableOf(report),
      "Both models on the questions that both answered; p is the chance of such a difference between equal models.",
    ),
    section("How it was asked, beside the published conditions", conditionTableOf(report)),
    section(
      "Other paragraphs",
      robustnessTableOf(report),
      "The same questions with fewer, reversed, shuffled or other paragraphs.",
    ),
    section("Every figure", figureTableOf(report)),
    "</main></body></html>\n",
  ].join("\n");
}

function section(title: string, content: TableContent, what = ""): string {
  if (content.rows.length === 0) return "";
  return card(title, `${what && `<p class="quiet">${what}</p>`}${table(content, title)}`);
}

function benchmarkSection(report: EvalReport, id: string, questions: readonly AnsweredQuestion[]): string {
  const own = report.models.flatMap(({ model, benchmarks }) =>
    benchmarks.filter(({ benchmark }) => benchmark === id).map((summary) => ({ model, summary })),
  );
  const { name } = own[0]!.summary;
  const bars = [...own.flatMap(({ model, summary }) => ownBar(model, summary)), ...publishedBars(report, id)];
  const chart = barTable(bars, { caption: `${foreignHtml(name)}, per cent right`, heads: ["Model", "Per cent"] });
  return card(
    foreignHtml(name),
    [
      bars.length > 0 ? chart : '<p class="none">Nothing was measured.</p>',
      ...own.map(({ model, summary }) => remarks(model, summary)),
      questions.length > 0 ? questionList(questions, `questions-${id.replace(/\W/g, "-")}`) : "",
    ].join("\n"),
  );
}

function ownBar(model: string, summary: BenchmarkSummary): Bar[] {
  const interval = summary.reference ?? summary.accuracy;
  if (interval.count === 0) return [];
  const ours = summary.reference
    ? `<br><span class="quiet">our scorer ${percentWithInterval(summary.accuracy)}</span>`
    : "";
  return [
    {
      label: model,
      parts: [{ className: "own", value: interval.mean }],
      interval,
      whole: 1,
      note: `${percentWithInterval(interval)} <span class="quiet">of ${countHtml(interval.count)}</span>${ours}`,
    },
  ];
}

function publishedBars({ published }: EvalReport, id: string): Bar[] {
  return published.rows.flatMap(({ model, scores }): Bar[] => {
    const score = scores[id];
    if (score === undefined) return [];
    return [
      {
        label: model,
        parts: [{ className: "published", value: score / 100 }],
        whole: 1,
        note: `${score.toFixed(1)} <span class="quiet">as published</span>`,
      },
    ];
  });
}

function remarks(model: string, summary: BenchmarkSummary): string {
  const lines = remarksOf(summary);
  if (lines.length === 0) return "";
  const list = `<h3>What is odd about ${foreignHtml(model)}</h3><ul class="remarks">${lines.map((line) => `<li>${foreignHtml(line)}</li>`).join("")}</ul>`;
  if (summary.differences.length === 0) return list;
  const title = `${amount(summary.differences.length, "item")} on which the two scorers differ`;
  return `${list}<details><summary>${title}</summary>${table(differenceTableOf(summary), title)}</details>`;
}

/** A table that scrolls in its own place where it is wider than the screen. */
function table({ head, rows }: TableContent, name: string): string {
  const cells = (tag: string, row: readonly string[]) =>
    row.map((text) => `<${tag}>${plainHtml(text)}</${tag}>`).join("");
  return `<div class="wide-table" role="region" tabindex="0" aria-label="${name}"><table><thead><tr>${cells("th", head)}</tr></thead><tbody>${rows.map((row) => `<tr>${cells("td", row)}</tr>`).join("\n")}</tbody></table></div>`;
}

/** Figures and names of columns need no isolation, and are most of a table. */
function plainHtml(text: string): string {
  return /^[\w\s.,%+[\]()–-]*$/.test(text) ? text : foreignHtml(text);
}
