import { normalizeAnswer } from "@rag-instruct/core";
import { answerForms, containsForm } from "./answer-forms.ts";

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
  const length = wordCount(normalized);
  let best = 0;
  for (const gold of golds) {
    if (gold.normalized !== "") best = Math.max(best, f1(normalized, length, gold.normalized.split(" ")));
  }
  return best;
}

// The words of a gold are few: looking each up in the text takes less time than cutting the text into words.
function f1(normalized: string, length: number, gold: readonly string[]): number {
  let shared = 0;
  for (let i = 0; i < gold.length; i++) {
    let nth = 1;
    for (let j = 0; j < i; j++) if (gold[j] === gold[i]) nth++;
    if (hasWord(normalized, gold[i]!, nth)) shared++;
  }
  return (2 * shared) / (length + gold.length);
}

/** Whether a word stands in a normalised text at least so many times. */
function hasWord(normalized: string, word: string, times: number): boolean {
  let left = times;
  for (let at = normalized.indexOf(word); at >= 0; at = normalized.indexOf(word, at + word.length)) {
    if (isWhole(normalized, at, at + word.length) && --left === 0) return true;
  }
  return false;
}

function wordCount(normalized: string): number {
  let count = 1;
  for (let at = normalized.indexOf(" "); at >= 0; at = normalized.indexOf(" ", at + 1)) count++;
  return count;
}

function isWhole(normalized: string, start: number, end: number): boolean {
  return (start === 0 || normalized[start - 1] === " ") && (end === normalized.length || normalized[end] === " ");
}

const withoutSpaces = /[^\p{Script=Latin}\p{Script=Common}\p{Script=Inherited}]/u;

/** Whether the output states a gold answer as whole words and does not deny it at every mention. */
export function statesAny(normalized: string, golds: readonly PreparedGold[]): boolean {
  return golds.some(
    ({ gold, forms }) =>
      forms.some((form) => statesForm(normalized, form)) ||
      (withoutSpaces.test(gold) && forms.some((form) => containsForm(normalized, form))),
  );
}

function statesForm(normalized: string, form: string): boolean {
  for (let at = normalized.indexOf(form); at >= 0; at = normalized.indexOf(form, at + 1)) {
    const end = at + form.length;
    if (isWhole(normalized, at, end) && !isNegated(normalized, at, end)) return true;
  }
  return false;
}

// Normalised text has no apostrophes: "isn't" reads "isnt".
const deniers = [
  ...["not", "never", "neither", "nor", "isnt", "wasnt", "arent", "werent", "cannot be", "cant be"],
  ...["rather than", "instead of", "other than", "except", "unlike", "rule out", "ruled out"],
];
/** Words that may stand between the denial and what it denies: "not really option B". */
const fillers = [
  ...["be", "in", "by", "from", "at", "on", "of", "to"],
  ...["really", "actually", "option", "choice", "answer", "just", "only"],
];
const verbs = ["is", "was", "are", "were", "would be", "seems"];
const rejections = ["false", "wrong", "incorrect", "untrue", "ruled out"];
const rejectedByNot = ["correct", "right", "answer", "true", "it"];

const deniedBefore = new RegExp(`(?:^| )${anyOf(deniers)}(?: ${anyOf(fillers)})*$`);
const deniedAfter = new RegExp(
  `^ (?:${anyOf(verbs)} )?(?:not (?:the )?${anyOf(rejectedByNot)}|${anyOf(rejections)})(?: |$)`,
);
// "not only X but Y" asserts X.
const notOnly = /(?:^| )not (?:just|only)$/;
const negationWindow = 48;

/** Whether the words around a mention in a normalised text deny it: "not B", "rather than B", "B is wrong". */
export function isNegated(normalized: string, start: number, end: number): boolean {
  if (start > 0) {
    const left = normalized.slice(Math.max(0, start - negationWindow), start - 1);
    if (deniedBefore.test(left) && !notOnly.test(left)) return true;
  }
  return end < normalized.length && deniedAfter.test(normalized.slice(end, end + negationWindow));
}

/** {@link isNegated} for a mention in a text that is not normalised. */
export function isDenied(text: string, start: number, end: number): boolean {
  const left = normalizeAnswer(text.slice(Math.max(0, start - negationWindow), start));
  const right = normalizeAnswer(text.slice(end, end + negationWindow));
  const at = left === "" ? 0 : left.length + 1;
  // Any word will do in the mention's place.
  return isNegated(`${left === "" ? "" : `${left} `}x ${right}`, at, at + 1);
}

function anyOf(words: readonly string[]): string {
  return `(?:${words.join("|")})`;
}
