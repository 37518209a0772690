import { wilsonInterval } from "@rag-instruct/core";
import type { Scored } from "./score-answer.ts";
import type { Interval } from "./statistics/bootstrap.ts";

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

/** Accuracy over answers, by our scorer, with its Wilson interval; an interval of [0, 1] for none. */
export function accuracyOf(answers: readonly Scored[]): Interval {
  return shareOf(answers.filter(({ score }) => score.correct).length, answers.length);
}

/** A share as a mean with its Wilson interval. */
export function shareOf(successes: number, trials: number): Interval {
  return { mean: trials === 0 ? 0 : successes / trials, ...wilsonInterval({ successes, trials }), count: trials };
}

/**
 * Accuracy by every grouping that the items have: hops, type of question, paradigm, popularity. Groupings and parts come
 * in the order of their names, numbers by value.
 */
export function breakDown(answers: readonly Scored[]): Breakdown[] {
  const names = new Set(answers.flatMap(({ groups }) => Object.keys(groups ?? {})));
  return [...names].sort(byNumberOrName).map((by) => breakDownBy(answers, by));
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
