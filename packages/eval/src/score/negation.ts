import { normalizeAnswer } from "@rag-instruct/core";

// Normalised text has no apostrophes: "isn't" reads "isnt". It may have kept its articles and capitals.
const deniers = [
  ...["not", "never", "neither", "nor", "isnt", "wasnt", "arent", "werent", "cannot be", "cant be"],
  ...["couldnt be", "wouldnt be", "shouldnt be"],
  ...["rather than", "instead of", "other than", "except", "unlike", "rule out", "ruled out"],
];
/** Words that may stand between the denial and what it denies: "not really option B", "not entirely true". */
const fillers = [
  ...["be", "in", "by", "from", "at", "on", "of", "to"],
  ...["really", "actually", "option", "choice", "answer", "just", "only"],
  ...["entirely", "quite", "completely", "fully", "exactly", "necessarily", "strictly", "wholly", "totally", "always"],
];
const verbs = ["is", "was", "are", "were", "would be", "seems"];
const rejections = ["false", "wrong", "incorrect", "untrue", "ruled out"];
const rejectedByNot = ["correct", "right", "answer", "true", "it"];

const deniedBefore = new RegExp(`(?:^| )${anyOf(deniers)}(?: ${anyOf(fillers)})*(?: (?:a|an|the))?$`);
const deniedAfter = new RegExp(
  `^ (?:${anyOf(verbs)} )?(?:not (?:the )?${anyOf(rejectedByNot)}|${anyOf(rejections)})(?: |$)`,
);
/** "either X or Y", which decides nothing. */
const eitherBefore = /(?:^| )either(?: (?:a|an|the|in|from))?$/;
const orAfter = /^(?: \S+){0,3} or /;
const eitherOrBefore = /(?:^| )either(?: \S+){1,6} or(?: (?:a|an|the|in|from))?$/;
// "not only X but Y" asserts X.
const notOnly = /(?:^| )not (?:just|only)$/;
const negationWindow = 48;

/** A mention in a normalised text, and the stretch around it within which it may be denied. */
export interface Stretch {
  start: number;
  end: number;
  /** Where the clause begins. */
  from: number;
  /** Where the sentence ends, or beyond. */
  to: number;
}

/** Whether the words around a mention in a normalised text deny it: "not B", "rather than B", "B is wrong". */
export function isDeniedBetween(normalized: string, { start, end, from, to }: Stretch): boolean {
  if (start > from) {
    const left = normalized.slice(Math.max(from, start - negationWindow), start - 1).toLowerCase();
    if (deniedBefore.test(left) && !notOnly.test(left)) return true;
  }
  return (
    end < Math.min(to, normalized.length) && deniedAfter.test(normalized.slice(end, Math.min(to, end + negationWindow)))
  );
}

/** Whether a mention is one of two between which a text does not decide: "either X or Y". */
export function isOneOfTwo(normalized: string, { start, end, from, to }: Stretch): boolean {
  const left = normalized.slice(Math.max(from, start - negationWindow), Math.max(from, start - 1)).toLowerCase();
  const right = normalized.slice(end, Math.min(to, end + negationWindow));
  return eitherOrBefore.test(left) || (eitherBefore.test(left) && orAfter.test(right));
}

/** A sentence's end in a text that is not normalised: a point behind a word of more than one letter, or a mark. */
const sentenceEnd = /[.!?;\n。！？；](?=\s|$)/;

/** {@link isDeniedBetween} for a mention in a text that is not normalised, within its sentence. */
export function isDenied(text: string, start: number, end: number): boolean {
  const before = text.slice(Math.max(0, start - negationWindow), start);
  const after = text.slice(end, end + negationWindow);
  const left = normalizeAnswer(before.slice(lastEnd(before)));
  const stop = after.search(sentenceEnd);
  const right = normalizeAnswer(stop < 0 ? after : after.slice(0, stop));
  const at = left === "" ? 0 : left.length + 1;
  // Any word will do in the mention's place.
  const around = `${left === "" ? "" : `${left} `}x ${right}`.trimEnd();
  return isDeniedBetween(around, { start: at, end: at + 1, from: 0, to: around.length });
}

function lastEnd(text: string): number {
  let end = 0;
  for (const match of text.matchAll(new RegExp(`${sentenceEnd.source}|,(?=\\s)`, "g"))) end = match.index + 1;
  return end;
}

function anyOf(words: readonly string[]): string {
  return `(?:${words.join("|")})`;
}
