import { answerForms, containsAnswer, normalizeAnswer } from "@rag-instruct/core";
import { isNegated } from "./negation.ts";

/** A gold answer made ready to be compared. */
export interface PreparedGold {
  gold: string;
  /** Normalised. */
  normalized: string;
  /** {@link normalized} and the other forms in which the answer may stand; none of them empty. */
  forms: readonly string[];
}

// Only figures, number words (the longest is "twelve") and dates have other forms, and looking for them takes most of the time.
const mayHaveForms = /\d|^[a-z]{3,6}$/;

/** Normalises golds once for all measures. */
export function prepareGolds(golds: readonly string[]): PreparedGold[] {
  return golds.map((gold) => {
    const normalized = normalizeAnswer(gold);
    if (normalized === "") return { gold, normalized, forms: [] };
    return { gold, normalized, forms: mayHaveForms.test(normalized) ? answerForms(gold) : [normalized] };
  });
}

/** Whether the normalised output is one of the golds (SQuAD v1.1's exact match, Rajpurkar et al. 2016). */
export function isExactMatch(normalized: string, golds: readonly PreparedGold[]): boolean {
  return golds.some(({ forms }) => forms.includes(normalized));
}

/** The best F1 of the output's words against each gold's (SQuAD v1.1), 0 to 1. */
export function bestF1(normalized: string, golds: readonly PreparedGold[]): number {
  if (normalized === "") return 0;
  const words = normalized.split(" ");
  let best = 0;
  for (const gold of golds) if (gold.normalized !== "") best = Math.max(best, f1(words, gold.normalized.split(" ")));
  return best;
}

function f1(words: readonly string[], gold: readonly string[]): number {
  let shared = 0;
  for (const [i, word] of gold.entries()) {
    const wanted = i === 0 ? 1 : countOf(word, gold, i) + 1;
    if (countOf(word, words, words.length) >= wanted) shared++;
  }
  return (2 * shared) / (words.length + gold.length);
}

function countOf(word: string, words: readonly string[], end: number): number {
  let count = 0;
  for (let i = 0; i < end; i++) if (words[i] === word) count++;
  return count;
}

const withoutSpaces = /[^\p{Script=Latin}\p{Script=Common}\p{Script=Inherited}]/u;

/** Whether the output states a gold answer as whole words and does not deny it at every mention. */
export function statesAny(output: string, normalized: string, golds: readonly PreparedGold[]): boolean {
  return golds.some(
    ({ gold, forms }) =>
      forms.some((form) => statesForm(normalized, form)) || (withoutSpaces.test(gold) && containsAnswer(output, gold)),
  );
}

function statesForm(normalized: string, form: string): boolean {
  for (let at = normalized.indexOf(form); at >= 0; at = normalized.indexOf(form, at + 1)) {
    const end = at + form.length;
    const isWhole = (at === 0 || normalized[at - 1] === " ") && (end === normalized.length || normalized[end] === " ");
    if (isWhole && !isNegated(normalized, at, end)) return true;
  }
  return false;
}
