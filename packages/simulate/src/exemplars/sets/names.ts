import type { Task } from "@rag-instruct/core";

/** The sets of exemplars that come with the package, by name, each with what it asks for. */
export const exemplarSetAbouts = {
  general: "every kind of question, on the world at large",
  facts: "who, when, where and how many: people, places, events",
  handbook: "rules, terms, procedures: may I, how do I, who decides",
  technical: "manuals of software and machines: settings, limits, faults",
  reasoning: "why, what follows, which is better: several facts together",
  explanations: "explain, describe, sum up, at any length",
  checks: "claims to verify, multiple choice, yes or no",
} as const;

/** A set of exemplars that comes with the package. */
export type ExemplarSetName = keyof typeof exemplarSetAbouts;

/** Whether a set of exemplars of that name comes with the package; `./general` is a file or folder of that name. */
export function isExemplarSet(name: string): name is ExemplarSetName {
  return Object.hasOwn(exemplarSetAbouts, name);
}

/** A set as it is written: instructions by task; one with choices is a list that begins with the question. */
export type Written = Partial<Record<Task, readonly (string | readonly [question: string, ...options: string[]])[]>>;
