import { wilsonInterval } from "@rag-instruct/core";
import type { Scored } from "./score-answers.ts";
import type { Interval } from "./statistics.ts";

/** Accuracy of a part of the items, with its Wilson interval. */
export interface Part extends Interval {
  /** Name of the part, such as `bridge`. */
  name: string;
}

/** Accuracy by one grouping. */
export interface Breakdown {
  /** Name of the grouping, such as `hops`. */
  by: string;
  parts: Part[];
  /** Items that do not say which part they belong to. */
  unknown: number;
}

/** Accuracy over answers, by our scorer, with its Wilson interval; for none there is no mean, and the interval is [0, 1]. */
export function accuracyOf(answers: readonly Scored[]): Interval {
  return shareOf(answers.filter(({ score }) => score.correct).length, answers.length);
}

/** A share as a mean with its Wilson interval; of nothing the mean is not a number, which JSON writes as null. */
export function shareOf(successes: number, trials: number): Interval {
  return { mean: successes / trials, ...wilsonInterval({ successes, trials }), count: trials };
}

/**
 * Accuracy by every grouping that the items have: hops, type of question, paradigm, popularity. Groupings and parts come
 * in the order of their names, numbers by value.
 */
export function breakDown(answers: readonly Scored[]): Breakdown[] {
  const names = new Set(answers.flatMap(({ groups }) => Object.keys(groups ?? {})));
  const all = [...names].sort(byNumberOrName).map((by) => breakDownBy(answers, by));
  // Where no question goes on from another there is nothing to tell by turns.
  return all.filter(({ by, parts }) => by !== "turn" || parts.length > 1);
}

/** Accuracy by one grouping. */
export function breakDownBy(answers: readonly Scored[], by: string): Breakdown {
  const parts = new Map<string, Scored[]>();
  let unknown = 0;
  for (const answer of answers) {
    const name = answer.groups?.[by];
    if (name === undefined) unknown++;
    else if (parts.has(name)) parts.get(name)!.push(answer);
    else parts.set(name, [answer]);
  }
  const sorted = [...parts].sort(([a], [b]) => byNumberOrName(a, b));
  return { by, parts: sorted.map(([name, members]) => ({ name, ...accuracyOf(members) })), unknown };
}

function byNumberOrName(a: string, b: string): number {
  return a.localeCompare(b, "en", { numeric: true });
}

/** How answers follow from the documents that were shown. Choices by the text of the right option; verdicts do not count. */
export interface Faithfulness {
  /** Share of items whose documents hold a gold answer: no model can use what is not there. */
  answerShown: Interval;
  /** Accuracy where the documents hold a gold answer. */
  whenShown: Interval;
  /** Accuracy where they do not: the model knew it, or guessed. */
  whenNotShown: Interval;
  /** Share of the right answers that the documents support. */
  supported: Interval;
}

/** Sets answers apart by whether a gold answer stood in the documents; undefined when no documents were shown. */
export function measureFaithfulness(answers: readonly Scored[]): Faithfulness | undefined {
  const known = answers.filter(({ answerInDocuments }) => answerInDocuments !== undefined);
  if (known.length === 0) return undefined;
  const shown = known.filter(({ answerInDocuments }) => answerInDocuments);
  const notShown = known.filter(({ answerInDocuments }) => !answerInDocuments);
  const right = known.filter(({ score }) => score.correct);
  const supported = right.filter(({ answerInDocuments }) => answerInDocuments);
  return {
    answerShown: shareOf(shown.length, known.length),
    whenShown: accuracyOf(shown),
    whenNotShown: accuracyOf(notShown),
    supported: shareOf(supported.length, right.length),
  };
}
