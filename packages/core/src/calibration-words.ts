import type { Calibration, CorrectedFigures, JudgeFigures } from "./calibration.ts";
import { amount, numberText } from "./in-words.ts";
import { agreementText } from "./reviews.ts";
import type { Share } from "./shares.ts";

/** What a calibration came to, in a clause for a dataset card; undefined where nothing that a judge decided on was reviewed. */
export function describeCalibration(found: Calibration): string | undefined {
  const { agreement, precision, recall, corrected } = found;
  if (reviewedOf(found) === 0) return undefined;
  const measures = [
    `they agree on ${shareText(agreement)}`,
    found.kappa && `Cohen's kappa ${kappaText(found.kappa)}`,
    precision && `precision ${shareText(precision)}`,
    recall && `recall ${shareText(recall)}`,
  ];
  return [
    `the model's verdicts against people's on ${amount(reviewedOf(found), "pair")}: ${measures.filter(Boolean).join(", ")}`,
    wholeText(found),
    corrected.goodAccepted && `${shareText(corrected.goodAccepted)} of those that it accepted are`,
  ]
    .filter(Boolean)
    .join("; ");
}

/** A calibration in lines: the counts, the measures in all and by paradigm, what follows for the whole, and what is missing. */
export function calibrationLines(found: Calibration): string[] {
  const { accepted, rejected, reviewed, unjudged } = found;
  const judged = accepted + rejected;
  const { goodAccepted, badAccepted, goodRejected, badRejected } = reviewed;
  const lines = [
    `People reviewed ${numberText(reviewedOf(found))} of ${amount(judged, "pair")} that a model judged${unjudged > 0 ? `; ${numberText(unjudged)} more were not judged` : ""}.`,
  ];
  if (reviewedOf(found) === 0) return [...lines, ...neededLines(found)];
  const row = (name: string, cells: readonly (string | number)[]) =>
    `  ${name.padEnd(20)}${cells.map((cell) => String(cell).padStart(16)).join("")}`;
  lines.push(
    "",
    row("", ["judge accepts", "judge rejects"]),
    row("people: good", [goodAccepted, goodRejected]),
    row("people: not good", [badAccepted, badRejected]),
    row("not reviewed", [accepted - goodAccepted - badAccepted, rejected - goodRejected - badRejected]),
    "",
    ...measureLines(found),
    "",
    ...wholeLines(found),
    ...peopleLines(found),
    "",
    ...neededLines(found),
  );
  return lines;
}

function reviewedOf({ reviewed }: JudgeFigures): number {
  return Object.values(reviewed).reduce((sum, count) => sum + count, 0);
}

/** How many pairs of these figures people reviewed, and what is known of each measure; "–" where that is nothing. */
export function measuresOf(figures: JudgeFigures): string[] {
  const { agreement, kappa, precision, recall, specificity } = figures;
  return [
    numberText(reviewedOf(figures)),
    shareText(agreement),
    kappa ? kappaText(kappa) : "–",
    ...[precision, recall, specificity].map(shareText),
  ];
}

/** The heads over {@link measuresOf}. */
export const measureNames = ["reviewed", "agreement", "Cohen's kappa", "precision", "recall", "specificity"] as const;

function measureLines(found: Calibration): string[] {
  const rows = [...Object.entries(found.byParadigm), ["all", found] as const].map(([name, figures]) => [
    name,
    ...measuresOf(figures),
  ]);
  const table = [["", ...measureNames], ...rows];
  const widths = table[0]!.map((_, i) => Math.max(...table.map((cells) => cells[i]!.length)));
  return table.map((cells) => `  ${cells.map((cell, i) => cell.padEnd(widths[i]!)).join("  ")}`.trimEnd());
}

/** What follows for all judged pairs, in a clause. */
function wholeText({ accepted, rejected, corrected }: Calibration): string | undefined {
  const all = `of all ${amount(accepted + rejected, "pair")} that it judged`;
  if (corrected.good) return `${shareText(corrected.good)} ${all} are good by people's measure`;
  if (!corrected.bounds) return undefined;
  const { low, high } = corrected.bounds;
  return `${percent(low)} to ${percent(high)}% ${all} are good by people's measure, as nobody reviewed ${unseen({ accepted, corrected })}`;
}

function unseen({ corrected }: Pick<Calibration, "accepted" | "corrected">): string {
  return corrected.goodAccepted ? "a pair that it rejected" : "a pair that it accepted";
}

/** The same in sentences, with how it is known. */
export function wholeLines(found: Calibration): string[] {
  const { corrected, accepted, rejected } = found;
  const { goodAccepted, recall, roganGladen, uncorrected, isPooled, bounds } = corrected;
  const lines: string[] = [];
  const whole = wholeText(found);
  if (whole) {
    const share = accepted / Math.max(1, accepted + rejected);
    lines.push(`${whole[0]!.toUpperCase()}${whole.slice(1)}; it accepts ${percent(share)}%.`);
  }
  if (bounds)
    lines.push(
      `So specificity, recall and kappa cannot be known, and no share follows from them: review some that it ${goodAccepted ? "rejected" : "accepted"}.`,
    );
  if (goodAccepted) lines.push(`Of the pairs that it accepted ${shareText(goodAccepted)} are good.`);
  if (recall) lines.push(`Of all good pairs it accepted ${shareText(recall)}.`);
  const byRates = "By sensitivity and specificity alone (Rogan and Gladen)";
  if (roganGladen)
    lines.push(
      `${byRates} the share of good ones is ${shareText(roganGladen)}${roganGladen.isCut ? `, where the formula leads beyond ${percent(roganGladen.share)}%` : ""}.`,
    );
  else if (uncorrected === "unlike-shares")
    lines.push(
      "Of accepted and rejected pairs unlike shares were reviewed, so each is weighted by how many there are; recall and specificity in the table are of the reviewed alone.",
    );
  else if (uncorrected) lines.push(`${byRates} no share follows: ${noShareSince[uncorrected]}.`);
  if (isPooled && !bounds)
    lines.push("Of some paradigms too few were reviewed to weight them apart; they are taken for alike.");
  return lines;
}

const noShareSince: Record<Exclude<NonNullable<CorrectedFigures["uncorrected"]>, "unlike-shares">, string> = {
  "one-class": "people called all that they reviewed good, or none of it, so one of the two is not known",
  "no-better-than-chance": "the judge accepts good pairs no more often than others, as far as the reviewed ones tell",
};

function peopleLines({ people, disputed }: Calibration): string[] {
  if (!people) return [];
  const open =
    disputed > 0
      ? `; of ${amount(disputed, "pair")} they dispute whether it is good, and the last decision counts`
      : "";
  return [`People agree with each other on ${percent(people.observed)}% (${agreementText(people)})${open}.`];
}

/** What more reviews would do. */
export function neededLines({ needed, accepted, rejected }: Calibration): string[] {
  const { margin, suffices } = needed;
  if (accepted + rejected === 0) return [];
  const points = `±${Number((100 * margin).toFixed(1))} points`;
  const more = needed.accepted + needed.rejected;
  if (more === 0 && suffices) return [`The share of good pairs is known to ${points} or better.`];
  const parts = `${numberText(needed.accepted)} that it accepted and ${numberText(needed.rejected)} that it rejected`;
  if (!suffices) return [`Not even the ${numberText(more)} that are left (${parts}) would make it known to ${points}.`];
  return [
    `For ${points} on the share of good pairs, review about ${numberText(more)} more: ${parts}, drawn by chance.`,
  ];
}

function shareText(share: Share | undefined): string {
  return share ? `${percent(share.share)}% (${percent(share.low)} to ${percent(share.high)}%)` : "–";
}

function kappaText({ kappa, low, high }: NonNullable<JudgeFigures["kappa"]>): string {
  // Nothing is not below nothing.
  const [found, from, to] = [kappa, low, high].map((value) => Number(value.toFixed(2)).toFixed(2));
  return `${found} (${from} to ${to})`;
}

function percent(share: number): string {
  return (100 * share).toFixed(1).replace(/\.0$/, "");
}
