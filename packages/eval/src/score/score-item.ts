import { normalizeAnswer, RagInstructError, textOutsideReasoning } from "@rag-instruct/core";
import type { Benchmark } from "../benchmark.ts";
import { findBenchmark } from "../benchmarks.ts";
import type { EvalItem } from "../item.ts";
import { inDigits } from "./answer-forms.ts";
import { readChoice } from "./choices.ts";
import { figuresOf, statesFigure } from "./numbers.ts";
import { AnswerText, bestF1, isExactMatch, type Leniency, prepareGolds, statesAny } from "./text.ts";
import { readVerdict } from "./verdicts.ts";

/** What an answer is worth by our scorer. */
export interface ItemScore {
  /** Accuracy: the gold answer is stated, the right option chosen, or the right verdict given. */
  correct: boolean;
  /** The whole answer is the gold answer, once normalised. For choices and verdicts the same as `correct`. */
  exactMatch: boolean;
  /** Words shared with the best gold answer, 0 to 1. For choices and verdicts 1 or 0. */
  f1: number;
  /** The option chosen or verdict given. */
  choice?: string;
  /** How an option was read. */
  by?: "letter" | "text" | "both";
  /** What had to be overlooked to find the gold. */
  leniency?: Leniency;
  /** Why nothing was chosen. */
  abstained?: "empty" | "no-option" | "several-options";
}

/**
 * Scores an answer with the oddities of the published scorer mended: whole words in every script, digits kept, figures by
 * tolerance and unit, denied mentions not counted, choices by letter, text or both with abstentions named.
 * Throws `bad-input` for an item without a gold answer.
 */
export function scoreItem(
  benchmark: string | Benchmark,
  item: Pick<EvalItem, "golds" | "options"> & Partial<Pick<EvalItem, "question">>,
  output: string,
): ItemScore {
  const { task, verdicts, numeric } = findBenchmark(benchmark);
  const answer = afterResponseMark(textOutsideReasoning(output));
  if (item.golds.length === 0) throw new RagInstructError("bad-input", "an item needs a gold answer to be scored");
  if (task === "multiple-choice" && item.options) return scoreChoice(item.golds, item.options, answer);
  const closed = verdicts ?? verdictsOf(item.golds);
  if (closed) return scoreVerdict(item.golds, closed, answer);
  if (numeric) return scoreFigure(item, answer);
  return scoreText(item.golds, answer, item.question);
}

const responseMark = "## Response:";

// Models that were trained with the heading may repeat it, the prompt in front of it.
function afterResponseMark(output: string): string {
  const at = output.lastIndexOf(responseMark);
  return at < 0 ? output : output.slice(at + responseMark.length);
}

function scoreText(golds: readonly string[], output: string, question?: string): ItemScore {
  if (output.trim() === "") return { ...wrong, abstained: "empty" };
  const text = new AnswerText(output);
  const { text: normalized } = text.normalized;
  if (normalized === "") return verdictOf(golds.some((gold) => isSameText(gold, output)));
  const prepared = prepareGolds(golds);
  const exactMatch = isExactMatch(text, prepared);
  const stated = exactMatch ? "text" : statesAny(text, prepared, question);
  return {
    correct: stated !== undefined,
    exactMatch,
    f1: exactMatch ? 1 : bestF1(normalized, prepared),
    leniency: stated === "text" ? undefined : stated,
  };
}

// Normalising leaves nothing of "A" or "%".
function isSameText(gold: string, output: string): boolean {
  return gold.trim().toLowerCase() === output.trim().toLowerCase();
}

function scoreFigure({ golds, question }: { golds: readonly string[]; question?: string }, output: string): ItemScore {
  const figures = golds.flatMap((gold) => figuresOf(gold).slice(0, 1));
  const text = scoreText(golds, output);
  if (figures.length === 0 || text.abstained) return text;
  const spoken = figuresOf(output).length > 0 ? output : inWords(output);
  const correct = figures.some((gold) => statesFigure(spoken, gold, { question }));
  return { ...text, correct, exactMatch: text.exactMatch || (correct && isFigureAlone(output)) };
}

/** An answer without digits, its numbers in digits: "five", "There was no change". */
function inWords(output: string): string {
  return inDigits(normalizeAnswer(output)).replace(/\b(?:no change|unchanged|(?:did not|didnt) change)\b/, "0");
}

// "$ 1.2 million", "-13%": a figure and perhaps a unit, and nothing else.
function isFigureAlone(output: string): boolean {
  return figuresOf(output).length === 1 && output.trim().split(/\s+/).length <= 3;
}

function scoreChoice(golds: readonly string[], options: readonly string[], output: string): ItemScore {
  const reading = readChoice(output, options);
  return { ...verdictOf(reading.choice !== undefined && golds.includes(reading.choice)), ...reading };
}

function scoreVerdict(golds: readonly string[], verdicts: readonly string[], output: string): ItemScore {
  const { verdict, abstained } = readVerdict(output, verdicts);
  const correct = verdict !== undefined && golds.some((gold) => gold.toLowerCase() === verdict);
  return { ...verdictOf(correct), choice: verdict, abstained };
}

const wrong: ItemScore = { correct: false, exactMatch: false, f1: 0 };

function verdictOf(correct: boolean): ItemScore {
  return { correct, exactMatch: correct, f1: correct ? 1 : 0 };
}

const yesNo = ["yes", "no"];

// HotpotQA and 2WikiMultihopQA mix questions of yes or no among the open ones.
function verdictsOf(golds: readonly string[]): readonly string[] | undefined {
  return golds.every((gold) => yesNo.includes(gold.toLowerCase())) ? yesNo : undefined;
}
