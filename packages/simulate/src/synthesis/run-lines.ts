import { join } from "node:path";
import {
  amount,
  answerText,
  dollarsText,
  durationText,
  numberText,
  type Pair,
  questionWithOptions,
  type SpendingByPurpose,
  tellingSentence,
  tokensText,
  wholeSpending,
} from "@rag-instruct/core";
import type { CallsSummary } from "@rag-instruct/core/calls";
import { readJsonl, type StageResult } from "@rag-instruct/core/node";
import { exemplarLines } from "../exemplars/filter-exemplars.ts";
import { recordedModelId } from "../offline/recorded-request.ts";
import { type ParadigmSummary, reasonsOf, type SynthesisSummary } from "./account.ts";
import { budgetStopLines } from "./early-stop.ts";
import { reasonWords } from "./reasons.ts";
import { exampleLines } from "./replaced.ts";

/** A run as {@link runLines} tells of it. */
export interface EndedRun {
  /** Provider and id of the model. */
  model: string;
  stages: readonly { name: string; counts: Readonly<Record<string, number>> }[];
  /** What the paid calls of all stages took this time. */
  calls: CallsSummary;
  seconds: number;
}

/** What is said of a run beside its counts, each part in lines. */
export interface RunWords {
  /** Follows the counts at once, such as what the replies cost. */
  cost: readonly string[];
  /** Each with an empty line before it. */
  parts: readonly (readonly string[])[];
  /** Where things are: what, and its path. */
  places: readonly (readonly [what: string, path: string])[];
  /** A pair to read, said after all that. @default none */
  pair?: readonly string[];
  /** The command that made it without a model, to be repeated with one. @default a model wrote it */
  standInCommand?: string;
}

/** What is said of a run beside its counts, by what it is about, in lines; each part is empty where there is nothing to say. */
export interface RunEnd {
  shortfall: string[];
  /** What became of pairs that gave no training example. */
  unassembled: string[];
  exemplars: string[];
  cost: string[];
  /** A pair to read. */
  sample: string[];
  /** What the budget stopped, which is said last. */
  stopped: string[];
}

/**
 * Gathers what has to be said of a run, from its stages that ran and from its folder.
 * @param of.isInFull whether the pair to read is shown whole, with what its documents say. @default false
 */
export async function runEnd(
  to: string,
  { stages, cost, isInFull = false }: { stages: readonly StageResult[]; cost: SpendingByPurpose; isInFull?: boolean },
): Promise<RunEnd> {
  const has = (name: string) => stages.some((stage) => stage.name === name);
  const { paradigms } = stages.find(({ name }) => name === "synthesize") ?? {};
  const costs = costLine(cost);
  const pairs = join(to, "pairs.jsonl");
  return {
    shortfall: paradigms ? shortfallLines({ paradigms }) : [],
    unassembled: has("assemble") ? await exampleLines(to) : [],
    exemplars: has("exemplars") ? await exemplarLines(to) : [],
    cost: costs === "" ? [] : [costs],
    sample: isInFull ? await firstPairInFull(pairs) : paradigms ? await firstPairLines(pairs) : [],
    stopped: budgetStopLines(stages),
  };
}

const offlineNote = "The offline model wrote this: good for trying the flow, not for training.";
const recordedNote =
  "These pairs were recorded in advance, written by hand for the demo: no model's output, and not for training.";

/** What a run came to, in lines: counts that add up, cost, time, where things are, and what to do next. */
export function runLines({ model, stages, calls, seconds }: EndedRun, words: RunWords): string[] {
  const counts = Object.fromEntries(stages.map(({ name, counts }) => [name, counts]));
  const {
    requested = 0,
    accepted = 0,
    rejected = 0,
    failed = 0,
    unproved = 0,
    unrecorded = 0,
  } = counts.synthesize ?? {};
  const { "later turns": turns = 0, conversations = 0 } = counts.synthesize ?? {};
  const { examples = 0, rejected: refused = 0, failed: unchecked = 0 } = counts.assemble ?? {};
  const left = refused + unchecked;
  const { usd, made } = calls;
  const isRecorded = model.endsWith(`/${recordedModelId}`);
  const cost = usd > 0 ? `, ${dollarsText(usd)}` : "";
  // A judge reads what the writer read and replies about as much: so goes its price.
  const doubt = unprovedLine({ accepted, unproved }, { usd: usd > 0 ? (usd / made) * unproved : undefined });
  const lines = [
    "",
    `${amount(accepted, "pair")} accepted + ${numberText(rejected)} rejected + ${numberText(failed)} failed = ${numberText(requested)} attempted, ${isRecorded ? "recorded in advance" : `written by ${model}`}`,
    ...(turns > 0 ? [`${amount(turns, "pair")} of them later turns of ${amount(conversations, "conversation")}`] : []),
    `${amount(examples, "training example")} + ${amount(left, "pair")} left out for their noise = ${numberText(examples + left)}`,
    `${amount(made, "call")} made now (${tokensText({ ...calls, replies: made })}${cost}) + ${numberText(calls.reused)} from the ledger, in ${durationText(seconds)}`,
    ...failedLine(calls),
    ...words.cost,
    ...words.parts.flatMap((part) => (part.length > 0 ? ["", ...part] : [])),
    "",
    ...words.places.map(([what, path]) => `  ${what.padEnd(14)} ${path}`),
  ];
  const { pair = [], standInCommand } = words;
  if (pair.length > 0) lines.push("", ...pair);
  if (standInCommand === undefined) return doubt ? [...lines, "", doubt] : lines;
  const others =
    unrecorded > 0 ? ` ${numberText(unrecorded)} that nothing was recorded for are the offline model's.` : "";
  return [
    ...lines,
    "",
    `${isRecorded ? recordedNote : offlineNote}${others} With a real model:`,
    `  ${standInCommand} --base-url http://127.0.0.1:11434/v1 --model llama3.1`,
    "or set OPENAI_API_KEY and run the same command again.",
  ];
}

/** What is said of attempts that failed, which the endpoint counts as requests too. */
function failedLine({ made, failed, lost }: CallsSummary): string[] {
  if (failed === 0) return [];
  const paid = lost > 0 ? `, ${numberText(lost)} of which the endpoint may charge for` : "";
  return [`${amount(made, "attempt")} answered + ${numberText(failed)} failed = ${numberText(made + failed)}${paid}`];
}

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
function samplePairLines({ paradigm, question, options, answer }: Pair): string[] {
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
  const { uncounted = 0 } = whole;
  const tokens = uncounted < whole.replies ? `, ${numberText(whole.inputTokens + whole.outputTokens)} tokens` : "";
  const without = uncounted > 0 ? `, ${numberText(uncounted)} without a count of tokens` : "";
  return `Replies that these data rest on: ${replies}${tokens}${without}${dollars(whole.usd)}`;
}

function byCount(counts: Readonly<Record<string, number>>): [string, number][] {
  return Object.entries(counts).sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, one) => all + one, 0);
}

/** A pair as a reader wants it: question, answer, and of each document the sentence that has most to do with them. */
export function pairInFullLines(pair: Pair): string[] {
  const { question, options, answer, documents } = pair;
  const asked = questionWithOptions({ question, options }).trim().split("\n");
  const about = `${question}\n${answerText(pair)}`;
  return [
    ...labelled("Question", asked),
    ...labelled("Answer", answer.trim().split("\n")),
    `  From ${documents.length === 1 ? "one document" : `${documents.length} documents`}:`,
    ...documents.map(
      (document) => `    ${document.title || document.id}: “${tellingSentence(document.text, about) ?? ""}”`,
    ),
  ];
}

function labelled(name: string, lines: readonly string[]): string[] {
  return lines.map((line, i) => `  ${(i === 0 ? name : "").padEnd(8)}  ${line}`);
}

/** The first pair of a file, in lines; none where there is none. */
async function firstPairLines(path: string): Promise<string[]> {
  for await (const pair of readJsonl<Pair>(path, { mayBeMissing: true })) return samplePairLines(pair);
  return [];
}

/** The pair of a file that shows the most, whole: one of several documents, where there is one. */
async function firstPairInFull(path: string): Promise<string[]> {
  let first: Pair | undefined;
  for await (const pair of readJsonl<Pair>(path, { mayBeMissing: true })) {
    if (pair.paradigm === "multi-doc-answer") return oneOfThePairs(pair);
    first ??= pair;
  }
  return first ? oneOfThePairs(first) : [];
}

function oneOfThePairs(pair: Pair): string[] {
  return [`One of the pairs (${pair.paradigm}), in full:`, "", ...pairInFullLines(pair)];
}
