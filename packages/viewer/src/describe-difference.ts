import { amount, dollarsText, numberText, type Spending } from "@rag-instruct/core";
import type { PairsAlone, RunDifference } from "./compare-runs.ts";

/** What is compared, and what it is in either run. */
export type DifferenceRow = readonly [what: string, first: string, second: string];

/** The tables of a comparison in words. Verdicts that neither run has are left out. */
export function differenceRows({ settings, counts, reasons, cost, variety }: RunDifference) {
  const verdicts = Object.entries(counts).flatMap(([paradigm, [one, other]]) =>
    (Object.keys(one) as (keyof typeof one)[])
      .filter((verdict) => one[verdict] !== 0 || other[verdict] !== 0)
      .map((verdict) => row(`${paradigm}: ${verdict}`, [one[verdict], other[verdict]], numberText)),
  );
  const purposes = [...new Set(cost.flatMap((spent) => Object.keys(spent)))];
  return {
    settings: settings.map(({ path, values }) => row(path, values, JSON.stringify)),
    verdicts,
    reasons: Object.entries(reasons).map(([reason, numbers]) => row(reason, numbers, numberText)),
    cost: purposes.map((purpose) => row(purpose, [cost[0][purpose], cost[1][purpose]], spentText)),
    variety: variety.every((shares) => shares === undefined)
      ? []
      : varieties.map(([key, what]) => row(what, [variety[0]?.[key], variety[1]?.[key]], percent)),
  };
}

const varieties = [
  ["distinctQuestions", "word pairs of questions that are no other's"],
  ["distinctAnswers", "word pairs of answers that are no other's"],
  ["alike", "questions half alike another"],
  ["coverage", "of the corpus written from"],
] as const;

/** A value that is not there is null once it has come as JSON. */
function row<T>(
  what: string,
  [first, second]: readonly [T | null | undefined, T | null | undefined],
  inWords: (value: T) => string,
): DifferenceRow {
  const said = (value: T | null | undefined) => (value == null ? "none" : inWords(value));
  return [what, said(first), said(second)];
}

function spentText({ replies, inputTokens, outputTokens, usd }: Readonly<Spending>): string {
  const dollars = usd > 0 ? `, ${dollarsText(usd)}` : "";
  return `${amount(replies, "reply", "replies")}, ${amount(inputTokens + outputTokens, "token")}${dollars}`;
}

function percent(share: number): string {
  return `${Math.round(100 * share)}%`;
}

/** A difference in words, one thing a line; what is the same is left out. */
export function describeDifference(difference: RunDifference): string {
  const { runs, pairs } = difference;
  const { settings, verdicts, reasons, cost, variety } = differenceRows(difference);
  return [
    runs.join(" against "),
    "",
    ...differing("Settings", settings),
    ...differing("Pairs", verdicts),
    ...differing("Reasons", reasons),
    ...differing("Cost", cost),
    ...differing("Variety", variety),
    `${amount(pairs.inBoth, "accepted pair")} in both`,
    ...aloneIn(runs[0], pairs.onlyFirst),
    ...aloneIn(runs[1], pairs.onlySecond),
    `${numberText(pairs.meeting.count)} after the same exemplar from the same documents, in other words`,
    "",
  ].join("\n");
}

function differing(title: string, rows: readonly DifferenceRow[]): string[] {
  const lines = rows.filter(([, first, second]) => first !== second);
  if (lines.length === 0) return [`${title}: the same`];
  return [title, ...lines.map(([what, first, second]) => `  ${what}  ${first} → ${second}`)];
}

function aloneIn(run: string, { count, pairs }: PairsAlone): string[] {
  const lines = pairs.map(
    ({ paradigm, question = "" }) => `  ${paradigm}  ${question.replace(/\s+/g, " ").slice(0, 100)}`,
  );
  const more = count > pairs.length ? [`  and ${numberText(count - pairs.length)} more`] : [];
  return [`${numberText(count)} in ${run} alone`, ...lines, ...more];
}
