import { answerForms, containsAnswer, normalizeAnswer } from "@rag-instruct/core";
import { isNegated } from "./negation.ts";

/** A gold answer made ready for many comparisons. */
interface PreparedGold {
  gold: string;
  /** Normalised; the first is the answer as it is. */
  forms: string[];
  words: string[];
  /** Whether a form may stand inside a run of letters, in scripts without spaces. */
  spaceless: boolean;
}

// Benchmarks repeat answers and models are compared on the same items, so preparing a gold once pays; the map is emptied
// before it grows past a few megabytes.
const prepared = new Map<string, PreparedGold>();
const preparedLimit = 20_000;

function prepare(gold: string): PreparedGold {
  const known = prepared.get(gold);
  if (known) return known;
  if (prepared.size >= preparedLimit) prepared.clear();
  const forms = answerForms(gold).filter((form) => form !== "");
  const words = forms[0]?.split(" ") ?? [];
  const entry = {
    gold,
    forms,
    words,
    spaceless: /[^\p{Script=Latin}\p{Script=Common}\p{Script=Inherited}]/u.test(gold),
  };
  prepared.set(gold, entry);
  return entry;
}

/** Whether the normalised output is one of the golds (SQuAD v1.1's exact match, Rajpurkar et al. 2016). */
export function isExactMatch(normalized: string, golds: readonly string[]): boolean {
  return golds.some((gold) => prepare(gold).forms.includes(normalized));
}

/** The best F1 of the output's words against each gold's (SQuAD v1.1), 0 to 1. */
export function bestF1(words: readonly string[], golds: readonly string[]): number {
  if (words.length === 0) return 0;
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  let best = 0;
  for (const gold of golds) best = Math.max(best, f1(words.length, counts, prepare(gold).words));
  return best;
}

function f1(length: number, counts: ReadonlyMap<string, number>, gold: readonly string[]): number {
  let shared = 0;
  const taken = new Map<string, number>();
  for (const word of gold) {
    const used = taken.get(word) ?? 0;
    if ((counts.get(word) ?? 0) <= used) continue;
    taken.set(word, used + 1);
    shared++;
  }
  return shared === 0 ? 0 : (2 * shared) / (length + gold.length);
}

/** Whether the output states a gold answer as whole words and does not deny it at every mention. */
export function statesAny(output: string, normalized: string, golds: readonly string[]): boolean {
  return golds.some((gold) => {
    const { forms, spaceless } = prepare(gold);
    if (forms.some((form) => statesForm(normalized, form))) return true;
    return spaceless && containsAnswer(output, gold);
  });
}

function statesForm(normalized: string, form: string): boolean {
  for (let at = normalized.indexOf(form); at >= 0; at = normalized.indexOf(form, at + 1)) {
    const end = at + form.length;
    const isWhole = (at === 0 || normalized[at - 1] === " ") && (end === normalized.length || normalized[end] === " ");
    if (isWhole && !isNegated(normalized, at, end)) return true;
  }
  return false;
}

/** The normalised output and its words. */
export function normalizeOutput(output: string): { normalized: string; words: string[] } {
  const normalized = normalizeAnswer(output);
  return { normalized, words: normalized === "" ? [] : normalized.split(" ") };
}
