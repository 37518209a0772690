import { normalizeAnswer } from "@rag-instruct/core";

// Normalised text has no apostrophes: "isn't" reads "isnt".
const before =
  /(?:^| )(?:not|never|neither|nor|isnt|wasnt|arent|werent|cannot be|cant be|rather than|instead of|other than|except|unlike|rule out|ruled out)(?: (?:be|in|by|from|at|on|of|to|really|actually|option|choice|answer|just|only))*$/;
const after =
  /^ (?:(?:is|was|are|were|would be|seems) )?(?:not (?:the )?(?:correct|right|answer|true|it)|false|wrong|incorrect|untrue|ruled out)(?: |$)/;
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
