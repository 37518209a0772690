import { type Calibration, describeReviews, dollarsText, type ReviewFigures, wilsonInterval } from "@rag-instruct/core";
import {
  type Bar,
  barTable,
  card,
  countHtml,
  foreignHtml,
  type Histogram,
  histogram,
  legend,
  nothing,
  shareHtml,
  summarize,
  tileList,
} from "@rag-instruct/core/page";
import { costCard, type RunAccount, wholeCost } from "./cost.ts";
import type { Figures, VerdictCounts } from "./figures.ts";
import { calibrationCards, type Quality, qualityCards, shareBars } from "./quality.ts";

const verdictLegend = [
  ["accepted", "accepted"],
  ["rejected", "rejected"],
  ["failed", "call failed"],
  ["unassembled", "left out for its noise"],
] as const;

/** What the overview says beside the figures. */
export interface OverviewFacts {
  /** Pairs asked for of each paradigm. */
  wanted: Readonly<Record<string, number>>;
  /** What the run recorded of its stages. */
  account: RunAccount;
  /** How people judged it. @default it is not shown */
  reviews?: ReviewFigures;
  /** How the model that judged it stands to them. @default it is not shown */
  calibration?: Calibration;
  /** What the checks and the set's figures say. @default it is not shown */
  quality?: Quality;
}

/** The numbers and charts of a run. */
export function overview(figures: Figures, { wanted, account, quality, reviews, calibration }: OverviewFacts): string {
  const read = reviews && describeReviews(reviews);
  const sections = [
    tiles(figures, account),
    ...(read ? [card("What people found", `<p>${read}.</p>`)] : []),
    ...calibrationCards(calibration),
    card("Pairs by paradigm", paradigms(figures, wanted)),
    '<div class="columns">',
    card("Why pairs were not accepted", reasons(figures)),
    card("What the exemplars ask for", tasks(figures)),
    card("Ranks of the documents", ranks(figures)),
    card("Lengths in words", lengths(figures)),
    "</div>",
    ...(quality ? qualityCards(quality) : []),
    card("What it cost", costCard(figures, account)),
    ...(account.leftOut.length > 0 ? [card("What was left out of the documents", leftOut(account.leftOut))] : []),
  ];
  return sections.join("\n");
}

function tiles(figures: Figures, account: RunAccount): string {
  const { verdicts, documents } = figures;
  const attempted = total(verdicts);
  const { usd, replies } = wholeCost(figures, account);
  const entries: [string, string][] = [
    ["training examples", countHtml(verdicts.accepted)],
    [`accepted of ${countHtml(attempted)} attempted`, shareHtml(verdicts.accepted, attempted)],
    ["source documents", countHtml(documents.source)],
    ["noise documents", countHtml(documents.noise)],
    usd > 0 ? ["spent", dollarsText(usd)] : ["replies paid for", countHtml(replies)],
  ];
  return tileList(entries);
}

function paradigms({ paradigms, verdicts }: Figures, wanted: Readonly<Record<string, number>>): string {
  const names = new Set([...Object.keys(wanted), ...paradigms.keys()]);
  if (names.size === 0) return nothing("This run has no tasks.");
  const bars = [...names].map((name): Bar => {
    const of = paradigms.get(name) ?? { accepted: 0, rejected: 0, failed: 0, unassembled: 0 };
    const missing = Math.max(0, (wanted[name] ?? 0) - of.accepted);
    const short = missing === 0 ? "" : ` <strong class="short">${countHtml(missing)} short</strong>`;
    const goal = wanted[name] === undefined ? "" : ` of ${countHtml(wanted[name])} wanted${short}`;
    return {
      label: name,
      parts: partsOf(of),
      // Paradigms are attempted unequally often, and "100% accepted" must reach the end of its bar.
      whole: total(of),
      note: `${countHtml(of.accepted)}${goal}<br><span class="quiet">${acceptance(of)}</span>`,
    };
  });
  const shown = verdictLegend.filter(([verdict]) => verdict === "accepted" || verdicts[verdict] > 0);
  return (
    legend(shown) +
    barTable(bars, {
      caption:
        "A paradigm says how the documents of a pair relate to its question. Each bar is all tasks attempted under one, by how they ended; the range is the 95% Wilson interval of the share accepted.",
      heads: ["Paradigm", "Accepted"],
    })
  );
}

function partsOf(of: VerdictCounts): Bar["parts"] {
  return verdictLegend.map(([className]) => ({ className, value: of[className] }));
}

function acceptance(of: VerdictCounts): string {
  const trials = total(of);
  if (trials === 0) return "none attempted";
  const { low, high } = wilsonInterval({ successes: of.accepted, trials });
  return `${shareHtml(of.accepted, trials)} accepted, ${shareHtml(low, 1)} to ${shareHtml(high, 1)}`;
}

function reasons({ reasons, verdicts }: Figures): string {
  if (reasons.size === 0) return nothing(total(verdicts) === 0 ? "Nothing was attempted." : "Every pair was accepted.");
  const all = total(verdicts);
  return barTable(shareBars(mostFirst(reasons), { whole: all, className: "rejected" }), {
    caption: "Tasks that did not become training examples.",
    heads: ["Reason", "Tasks"],
  });
}

function tasks({ tasks, verdicts }: Figures): string {
  if (tasks.size === 0) return nothing("No accepted pair has an exemplar that is known.");
  return barTable(shareBars(mostFirst(tasks), { whole: verdicts.accepted }), {
    caption:
      "Every question imitates an exemplar, an instruction of a real user. Accepted pairs by the task of theirs.",
    heads: ["Task", "Pairs"],
  });
}

function mostFirst(counts: ReadonlyMap<string, number>): [string, number][] {
  return [...counts].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
}

function ranks({ ranks, documents }: Figures): string {
  const { source, noise, unknown, relaxed } = documents;
  if (source + noise + unknown === 0) return nothing("There are no training examples.");
  const series = [
    { name: "source documents", className: "accepted", values: ranks.source },
    { name: "noise documents", className: "noise", values: ranks.noise },
  ];
  const known = summarize(ranks.source).total > 0 ? series : series.slice(1);
  const facts = [
    `${countHtml(source)} source and ${countHtml(noise)} noise documents${unknown > 0 ? `, ${countHtml(unknown)} of unknown role` : ""}.`,
    relaxed > 0
      ? `${countHtml(relaxed)} noise documents (${shareHtml(relaxed, noise)}) come from better ranks than asked for, because the corpus is small or the guards refused too many.`
      : "All noise documents come from the ranks asked for.",
  ];
  return `${legend(known.map(({ className, name }) => [className, name] as const))}${histogram(known, { title: "Ranks of the documents for their question", unit: "as rank" })}<p class="quiet">${facts.join(" ")}</p>`;
}

function lengths({ lengths }: Figures): string {
  const one = (name: string, values: Histogram) => {
    const { total, median, p95, max } = summarize(values);
    const facts = total === 0 ? "" : `median ${median}, 95% up to ${p95}, longest ${countHtml(max)}`;
    const chart = histogram([{ name, className: "accepted", values }], { title: `Words of a ${name}`, unit: "words" });
    return `<figure><figcaption><strong>${name[0]!.toUpperCase()}${name.slice(1)}</strong> <span class="quiet">${facts}</span></figcaption>${chart}</figure>`;
  };
  return one("question", lengths.question) + one("answer", lengths.answer) + one("passage", lengths.passage);
}

function leftOut(entries: RunAccount["leftOut"]): string {
  const rows = entries.map(({ reason, count, places }) => {
    const more = count > places.length ? " …" : "";
    return `<dt>${foreignHtml(reason)} · ${countHtml(count)}</dt><dd>${places.map(foreignHtml).join(", ")}${more}</dd>`;
  });
  return `<p class="quiet">Files, records, passages and bytes that gave no passage, with the first places of each kind.</p><dl class="outline">${rows.join("")}</dl>`;
}

function total(of: VerdictCounts): number {
  return of.accepted + of.rejected + of.failed + of.unassembled;
}

/** The line under the title. */
export function subtitle({
  model,
  generator,
  isRecorded,
}: {
  model: string;
  generator: string;
  isRecorded: boolean;
}): string {
  return `${isRecorded ? "Recorded in advance" : `Written by ${foreignHtml(model)}`} · ${foreignHtml(generator)}`;
}
