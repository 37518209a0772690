import { amount, numberText, optionLetter } from "@rag-instruct/core";
import { type Bar, barTable, card, countHtml, foreignHtml, styles } from "@rag-instruct/core/page";
import type { AnsweredQuestion, ModelAnswer } from "./answered-questions.ts";
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

// What the page shows of an answer; the whole stands in answers.jsonl.
const maxShown = 2_000;

/** How the list looks, and which questions it shows: a choice that needs no script. */
const questionStyles = `
main > .card { margin-bottom: 1rem; } .remarks { padding-left: 1.2rem; } .remarks li { overflow-wrap: anywhere; } header code { overflow-wrap: anywhere; }
.questions { border-top: 1px solid var(--line); margin-top: 1rem; } .questions > summary { padding-left: 0; font-weight: 600; }
.questions fieldset { border: 0; padding: 0; margin: 0 0 .6rem; display: flex; flex-wrap: wrap; gap: .3rem 1.2rem; } .questions input { width: auto; min-height: 0; margin-right: .3rem; } .questions legend { padding: 0; font-size: .85rem; color: var(--quiet); }
.questions ol { margin: 0; padding: 0; list-style: none; border: 1px solid var(--line); border-radius: 10px; } .questions li + li { border-top: 1px solid var(--line); } .questions li { content-visibility: auto; contain-intrinsic-height: auto 3.4rem; }
.questions li summary { display: flex; gap: .2rem .8rem; flex-wrap: wrap; } .questions .asked { flex: 1 1 16rem; min-width: 0; overflow-wrap: anywhere; } .questions li p, .questions .output { margin: .4rem .8rem; overflow-wrap: anywhere; } .questions .output { white-space: pre-wrap; }
.answers { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(18rem, 100%), 1fr)); } .answers h4 { margin: .4rem .8rem 0; font-size: .85rem; overflow-wrap: anywhere; }
.questions:has(.only-wrong:checked) li:not(.wrong), .questions:has(.only-differ:checked) li:not(.differ) { display: none; }
`;

/** The questions of a benchmark with what each model answered; a choice of all, of those answered wrongly, and of those on which models differ. */
function questionList(questions: readonly AnsweredQuestion[], name: string): string {
  const kinds = questions.map(kindsOf);
  const count = (kind: string) => kinds.filter((all) => all.includes(kind)).length;
  const hasTwo = questions.some(({ answers }) => answers.length > 1);
  const choices = [
    ["all", `all ${numberText(questions.length)}`],
    ["only-wrong", `${numberText(count("wrong"))} not answered rightly by ${hasTwo ? "all" : "it"}`],
    ...(hasTwo ? [["only-differ", `${numberText(count("differ"))} on which they differ`]] : []),
  ];
  const radios = choices.map(
    ([kind, label], i) =>
      `<label><input type="radio" name="${name}" class="${kind}"${i === 0 ? " checked" : ""}>${label}</label>`,
  );
  const items = questions.map((question, i) => `<li class="${kinds[i]!.join(" ")}">${questionItem(question)}</li>`);
  return `<details class="questions"><summary>${numberText(questions.length)} questions and answers</summary><fieldset><legend>Show</legend>${radios.join("")}</fieldset><ol>${items.join("\n")}</ol></details>`;
}

function kindsOf({ answers }: AnsweredQuestion): string[] {
  const isWrong = answers.some(({ right }) => right !== true);
  const differ = answers.some(({ right }) => right !== answers[0]?.right);
  return [isWrong ? "wrong" : "right", ...(differ ? ["differ"] : [])];
}

function questionItem({ question, options = [], golds, answers }: AnsweredQuestion): string {
  const verdicts = answers.map((answer) => verdictOf(answer)).join("");
  const choices = options.map((option, i) => `${optionLetter(i)} ${option}`).join("\n");
  const list = choices && `<p class="output">${foreignHtml(choices)}</p>`;
  const wanted = `<p class="quiet">Right: ${foreignHtml(golds.join("; "))}</p>`;
  const given = answers.map(
    (answer) => `<div><h4>${foreignHtml(answer.model)} ${verdictOf(answer)}</h4>${outputOf(answer)}</div>`,
  );
  return `<details><summary><span class="asked">${foreignHtml(question)}</span>${verdicts}</summary>${list}${wanted}<div class="answers">${given.join("")}</div></details>`;
}

function verdictOf({ right }: ModelAnswer): string {
  if (right === undefined) return '<span class="verdict failed">no answer</span>';
  return right ? '<span class="verdict accepted">right</span>' : '<span class="verdict rejected">wrong</span>';
}

function outputOf({ output, failed, right, rightAsPublished, notes = [] }: ModelAnswer): string {
  if (output === undefined) return `<p class="quiet">${foreignHtml(failed ?? "")}</p>`;
  const cut = output.length > maxShown ? `${output.slice(0, maxShown)}…` : output;
  const differs = rightAsPublished !== undefined && rightAsPublished !== right;
  const facts = [...notes, ...(differs ? [`${rightAsPublished ? "right" : "wrong"} by the published scorer`] : [])];
  return `<div class="output">${foreignHtml(cut)}</div>${facts.length > 0 ? `<p class="quiet">${facts.join(" · ")}</p>` : ""}`;
}
