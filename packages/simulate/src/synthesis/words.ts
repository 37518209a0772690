import {
  dollarsText,
  numberText,
  type Pair,
  questionWithOptions,
  type SpendingByPurpose,
  wholeSpending,
} from "@rag-instruct/core";
import { type ParadigmSummary, reasonsOf, type SynthesisSummary } from "./account.ts";
import { reasonWords } from "./reasons.ts";

/** What is said of a synthesis: its outcomes by paradigm are enough. */
type Outcomes = Pick<SynthesisSummary, "paradigms">;

const maxReasons = 5;

/** How many pairs of all that are wanted are missing. */
export function pairsMissing({ paradigms }: Outcomes): { missing: number; wanted: number } {
  const of = Object.values(paradigms);
  return { missing: sum(of.map(({ short }) => short)), wanted: sum(of.map(({ wanted }) => wanted)) };
}

/** Wanted against made of each paradigm, a line each, with the reasons where some are missing. */
export function paradigmLines({ paradigms }: Outcomes): string[] {
  const entries = Object.entries(paradigms);
  const name = Math.max(0, ...entries.map(([id]) => id.length));
  const digits = Math.max(0, ...entries.map(([, { accepted }]) => numberText(accepted).length));
  return entries.map(([id, paradigm]) => {
    const made = `${id.padEnd(name)}  ${numberText(paradigm.accepted).padStart(digits)} of ${numberText(paradigm.wanted)}`;
    return paradigm.short > 0 ? `${made}: ${whyShort(paradigm)}` : made;
  });
}

function whyShort({ short, reasons }: ParadigmSummary): string {
  const why = byCount(reasons).map(([reason, times]) => `${numberText(times)} × ${reason}`);
  const rest = why.length > 0 ? `, after ${why.join(", ")}` : ", as the plan has no task for them";
  return `${numberText(short)} missing${rest}`;
}

/** What was met, most often first, and one thing to try for each. */
export function adviceLines(outcomes: Outcomes): string[] {
  return reasonsOf(outcomes).slice(0, maxReasons).map(adviceLine);
}

function adviceLine([reason, times]: [string, number]): string {
  const { means, advice } = reasonWords(reason);
  return `${reason} (${numberText(times)}): ${means}. Try: ${advice}.`;
}

/**
 * What has to be said of a synthesis that is short of pairs: a headline, wanted against made, and what to try. Empty where none is
 * missing.
 */
export function shortfallLines(outcomes: Outcomes): string[] {
  const { missing, wanted } = pairsMissing(outcomes);
  if (missing === 0) return [];
  const advice = adviceLines(outcomes);
  const hasNone = advice.length === 0;
  return [
    `${numberText(missing)} of ${numberText(wanted)} pairs are missing.`,
    ...paradigmLines(outcomes).map((line) => `  ${line}`),
    ...(hasNone ? ["  The plan found no sources for them. Try: give more documents, or more exemplars."] : []),
    ...advice.map((line) => `  ${line}`),
  ];
}

/**
 * What has to be said of pairs that words alone have checked, in a line, or undefined where words prove all of them.
 * @param options.usd what a judge would cost for them, where it is known
 */
export function unprovedLine(
  { accepted, unproved }: Pick<SynthesisSummary, "accepted" | "unproved">,
  { usd }: { usd?: number | undefined } = {},
): string | undefined {
  if (unproved === 0) return undefined;
  const price = usd === undefined ? "a call each" : `a call each, about ${dollarsText(usd)}`;
  return `${numberText(unproved)} of ${numberText(accepted)} pairs break no rule, but words cannot prove that their documents are to the question what they must be: --verify judge does (${price}).`;
}

/** What a synthesis met most, in a line: for an error that ends it. */
export function mostlyMet(outcomes: Outcomes): string {
  const [first, second] = reasonsOf(outcomes);
  if (!first) return "no task was attempted";
  const next = second ? `; next ${second[0]} (${numberText(second[1])})` : "";
  return `mostly ${adviceLine(first).replace(/\.$/, "")}${next}`;
}

const maxShown = 300;

/** A pair to look at, in lines. */
export function samplePairLines({ paradigm, question, options, answer }: Pair): string[] {
  const asked = questionWithOptions({ question, options }).trim().split("\n");
  return [
    `One of the pairs (${paradigm}):`,
    ...asked.map((line, i) => `  ${i === 0 ? "Q " : "  "}${shortened(line)}`),
    `  A ${shortened(answer.replace(/\s+/g, " ").trim())}`,
  ];
}

function shortened(text: string): string {
  return text.length > maxShown ? `${text.slice(0, maxShown)}…` : text;
}

/** What all calls that data rest on came to, by what they were for, in a line. Empty where nothing was paid for. */
export function costLine(cost: SpendingByPurpose): string {
  const whole = wholeSpending(cost);
  if (whole.replies === 0) return "";
  const entries = Object.entries(cost);
  const dollars = (usd: number) => (whole.usd > 0 ? `, ${dollarsText(usd)}` : "");
  const parts = entries.map(([purpose, { replies, usd }]) => `${purpose} ${numberText(replies)}${dollars(usd)}`);
  const replies =
    entries.length > 1
      ? `${parts.join(" + ")} = ${numberText(whole.replies)}`
      : `${entries[0]![0]} ${numberText(whole.replies)}`;
  const tokens = numberText(whole.inputTokens + whole.outputTokens);
  return `Replies that these data rest on: ${replies}, ${tokens} tokens${dollars(whole.usd)}`;
}

function byCount(counts: Readonly<Record<string, number>>): [string, number][] {
  return Object.entries(counts).sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, one) => all + one, 0);
}
