import { wilsonInterval } from "@rag-instruct/core";
import { type Bar, barTable, histogram, legend, summarize } from "./charts.ts";
import type { Figures, Histogram, VerdictCounts } from "./figures.ts";
import { card, countHtml, foreignHtml, nothing, shareHtml, tileList } from "./html.ts";
import { type Quality, qualityCards } from "./quality.ts";
import { addSpending, emptySpending, type Spending } from "./replies.ts";

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
  /** What the checks and the set's figures say. @default it is not shown */
  quality?: Quality;
}

/** The numbers and charts of a run. */
export function overview(figures: Figures, { wanted, quality }: OverviewFacts): string {
  const sections = [
    tiles(figures),
    card("Pairs by paradigm", paradigms(figures, wanted)),
    '<div class="columns">',
    card("Why pairs were not accepted", reasons(figures)),
    card("What the exemplars ask for", tasks(figures)),
    card("Ranks of the documents", ranks(figures)),
    card("Lengths in words", lengths(figures)),
    "</div>",
    ...(quality ? qualityCards(quality) : []),
    card("What it cost", cost(figures)),
  ];
  return sections.join("\n");
}

function tiles({ verdicts, documents, spending }: Figures): string {
  const attempted = total(verdicts);
  const usd = sumSpending(spending).usd;
  const entries: [string, string][] = [
    ["training examples", countHtml(verdicts.accepted)],
    [`accepted of ${countHtml(attempted)} attempted`, shareHtml(verdicts.accepted, attempted)],
    ["source documents", countHtml(documents.source)],
    ["noise documents", countHtml(documents.noise)],
    usd > 0
      ? ["US dollars, without repeats", usd.toFixed(2)]
      : ["replies paid for", countHtml(sumSpending(spending).replies)],
  ];
  return tileList(entries);
}

function paradigms({ paradigms, verdicts }: Figures, wanted: Readonly<Record<string, number>>): string {
  const names = new Set([...Object.keys(wanted), ...paradigms.keys()]);
  if (names.size === 0) return nothing("This run has no tasks.");
  const bars = [...names].map((name): Bar => {
    const of = paradigms.get(name) ?? { accepted: 0, rejected: 0, failed: 0, unassembled: 0 };
    const goal = wanted[name] === undefined ? "" : ` of ${countHtml(wanted[name])} wanted`;
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
        "How the tasks attempted of each paradigm ended, as shares of them, with the 95% Wilson interval of acceptance.",
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
  return barTable(countedBars(reasons, "rejected", all), {
    caption: "Tasks that did not become training examples.",
    heads: ["Reason", "Tasks"],
  });
}

function tasks({ tasks, verdicts }: Figures): string {
  if (tasks.size === 0) return nothing("No accepted pair has an exemplar that is known.");
  return barTable(countedBars(tasks, "accepted", verdicts.accepted), {
    caption: "Accepted pairs by the task of the exemplar that the question imitates.",
    heads: ["Task", "Pairs"],
  });
}

function countedBars(counts: ReadonlyMap<string, number>, className: string, whole: number): Bar[] {
  return [...counts]
    .sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
    .map(([label, value]) => ({
      label,
      parts: [{ className, value }],
      whole,
      note: `${countHtml(value)} <span class="quiet">${shareHtml(value, whole)}</span>`,
    }));
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

function cost({ spending, verdicts }: Figures): string {
  const whole = sumSpending(spending);
  if (whole.replies === 0) return nothing("No reply was paid for: there is no ledger beside this report.");
  const names = {
    accepted: "Pairs that were accepted",
    refused: "Pairs that were not",
  } as const;
  const bars = Object.entries(names).map(([key, label]): Bar => {
    const { replies, inputTokens, outputTokens, usd } = spending[key as keyof typeof names];
    const tokens = inputTokens + outputTokens;
    const parts =
      whole.inputTokens + whole.outputTokens > 0
        ? [
            { className: "input", value: inputTokens },
            { className: "output", value: outputTokens },
          ]
        : [{ className: "input", value: replies }];
    const dollars = whole.usd > 0 ? ` · $${usd.toFixed(usd < 1 ? 4 : 2)}` : "";
    return {
      label,
      parts,
      note: `${countHtml(replies)} replies${tokens > 0 ? `, ${countHtml(tokens)} tokens` : ""}${dollars}`,
    };
  });
  const tokens = whole.inputTokens + whole.outputTokens;
  const key =
    tokens > 0
      ? legend([
          ["input", "input tokens"],
          ["output", "output tokens"],
        ])
      : "";
  const table = barTable(bars, {
    caption: "What the replies that wrote these pairs took; those of judges and repeats stay in the ledger.",
    heads: ["For", "Spent"],
  });
  return `${key}${table}<p class="quiet">${perPair(whole, verdicts.accepted)}</p>`;
}

function perPair({ usd, inputTokens, outputTokens, replies }: Spending, accepted: number): string {
  if (accepted === 0) return `${countHtml(replies)} replies and no accepted pair.`;
  const tokens = inputTokens + outputTokens;
  const each = (amount: number, digits: number) =>
    (amount / accepted).toLocaleString("en", { maximumFractionDigits: digits });
  return `An accepted pair took ${each(replies, 2)} ${replies === accepted ? "reply" : "replies"}${tokens > 0 ? `, ${each(tokens, 0)} tokens` : ""}${usd > 0 ? ` and $${each(usd, 6)}` : ""}${usd > 0 ? "" : ". The price of the model is not known or nothing was charged"}.`;
}

// What else the ledger holds may be of other runs in the same folder, and a report depends on its own run alone.
function sumSpending({ accepted, refused }: Figures["spending"]): Spending {
  const sum = emptySpending();
  for (const part of [accepted, refused]) addSpending(sum, part);
  return sum;
}

function total(of: VerdictCounts): number {
  return of.accepted + of.rejected + of.failed + of.unassembled;
}

/** The line under the title. */
export function subtitle({ model, generator }: { model: string; generator: string }): string {
  return `Written by ${foreignHtml(model)} · ${foreignHtml(generator)}`;
}
