import { normalizeAnswer } from "@rag-instruct/core";

// Normalised text has no apostrophes: "isn't" reads "isnt".
const deniers = [
  ...["not", "never", "neither", "nor", "isnt", "wasnt", "arent", "werent", "cannot be", "cant be"],
  ...["rather than", "instead of", "other than", "except", "unlike", "rule out", "ruled out"],
];
/** Words that may stand between the denial and what it denies: "not really option B". */
const between = [
  ...["be", "in", "by", "from", "at", "on", "of", "to"],
  ...["really", "actually", "option", "choice", "answer", "just", "only"],
];
const verbs = ["is", "was", "are", "were", "would be", "seems"];
const rejections = ["false", "wrong", "incorrect", "untrue", "ruled out"];
const rejectedByNot = ["correct", "right", "answer", "true", "it"];

const before = new RegExp(`(?:^| )${anyOf(deniers)}(?: ${anyOf(between)})*$`);
const after = new RegExp(`^ (?:${anyOf(verbs)} )?(?:not (?:the )?${anyOf(rejectedByNot)}|${anyOf(rejections)})(?: |$)`);
// "not only X but Y" asserts X.
const notOnly = /(?:^| )not (?:just|only)$/;
const window = 48;

/** Whether the words around a mention in a normalised text deny it: "not B", "rather than B", "B is wrong". */
export function isNegated(normalized: string, start: number, end: number): boolean {
  if (start > 0) {
    const left = normalized.slice(Math.max(0, start - window), start - 1);
    if (before.test(left) && !notOnly.test(left)) return true;
  }
  return end < normalized.length && after.test(normalized.slice(end, end + window));
}

/** {@link isNegated} for a mention in a text that is not normalised. */
export function isDenied(text: string, start: number, end: number): boolean {
  const left = normalizeAnswer(text.slice(Math.max(0, start - window), start));
  const right = normalizeAnswer(text.slice(end, end + window));
  const at = left === "" ? 0 : left.length + 1;
  // Any word will do in the mention's place.
  return isNegated(`${left === "" ? "" : `${left} `}x ${right}`, at, at + 1);
}

function anyOf(words: readonly string[]): string {
  return `(?:${words.join("|")})`;
}
