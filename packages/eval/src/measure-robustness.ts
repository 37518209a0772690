import type { Outcome } from "@rag-instruct/core";
import {
  type Arrangement,
  documentsWithoutAnswer,
  firstDocuments,
  reversedDocuments,
  shuffledDocuments,
} from "./arrangements.ts";
import { accuracyOf } from "./breakdowns.ts";
import { type EvaluateOptions, evaluate } from "./evaluate.ts";
import type { EvalItem } from "./item.ts";
import type { Scored } from "./score-answer.ts";
import type { Interval } from "./statistics/bootstrap.ts";
import { comparePaired, type PairedComparison } from "./statistics/compare-paired.ts";

/** Accuracy under one condition, and how it compares with the paragraphs as they are. */
export interface ConditionResult {
  condition: string;
  accuracy: Interval;
  /** Items whose call failed; they do not count. */
  failed: number;
  /** Against the paragraphs as they are; undefined for that condition itself, and when no item was answered under both. */
  comparison?: PairedComparison;
}

/** Options of {@link measureRobustness}. */
export interface RobustnessOptions extends Omit<EvaluateOptions, "items" | "arrange"> {
  /** Asked once under each condition, so they are held in memory. */
  items: readonly EvalItem[];
  /** Conditions by name. @default 1, 3 and 5 paragraphs, reversed, shuffled, and without the answer */
  conditions?: Readonly<Record<string, Arrangement>>;
}

/** The paragraphs as they are: what every condition is compared with. */
const baseline = "as retrieved";

/** The conditions measured unless others are given; `noisyDocuments` needs a pool and so is not among them. */
export const robustnessConditions: Readonly<Record<string, Arrangement>> = {
  "1 paragraph": firstDocuments(1),
  "3 paragraphs": firstDocuments(3),
  "5 paragraphs": firstDocuments(5),
  reversed: reversedDocuments(),
  shuffled: shuffledDocuments(),
  "without the answer": documentsWithoutAnswer(),
};

/** Asks every item under every condition, and compares each condition with the paragraphs as they are, item by item. */
export async function measureRobustness(options: RobustnessOptions): Promise<ConditionResult[]> {
  const { conditions = robustnessConditions, ...rest } = options;
  const first = await collect(evaluate(rest));
  const results: ConditionResult[] = [
    { condition: baseline, accuracy: accuracyOf(first.answers), failed: first.failed },
  ];
  for (const [condition, arrange] of Object.entries(conditions)) {
    const { answers, failed } = await collect(evaluate({ ...rest, arrange }));
    const comparison = compareAnswers(first.answers, answers);
    results.push({ condition, accuracy: accuracyOf(answers), failed, comparison });
  }
  return results;
}

/** The paired comparison of two runs by accuracy, the second against the first; undefined when they share no item. */
export function compareAnswers(
  first: readonly Scored[],
  second: readonly Scored[],
  options: { seed?: number | string; permutations?: number } = {},
): PairedComparison | undefined {
  const ids = new Set(first.map(({ id }) => id));
  if (!second.some(({ id }) => ids.has(id))) return undefined;
  return comparePaired(first.map(itemValue), second.map(itemValue), options);
}

function itemValue({ id, score }: Scored): { id: string; value: number } {
  return { id, value: score.correct ? 1 : 0 };
}

async function collect(
  outcomes: AsyncIterable<Outcome<Scored, EvalItem>>,
): Promise<{ answers: Scored[]; failed: number }> {
  const answers: Scored[] = [];
  let failed = 0;
  for await (const outcome of outcomes) {
    if (outcome.status === "accepted") answers.push(outcome.value);
    else failed++;
  }
  return { answers, failed };
}
