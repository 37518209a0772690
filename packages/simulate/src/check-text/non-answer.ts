import { foldText } from "@rag-instruct/core";
import { nonAnswerPhrases } from "./non-answer-phrases.ts";
import type { TextFinding } from "./text-finding.ts";

interface Phrases {
  openers: readonly string[];
  apologies: readonly string[];
  refusals: readonly string[];
  unknowns: readonly string[];
  alone: ReadonlySet<string>;
  selves: readonly string[];
  me: readonly string[];
}

// A text that knows nothing says no more than so many words beside.
const maxWordsBeside = 9;
const maxOpeners = 4;
// Phrases stand at the beginning.
const lookedAt = 600;

let known: readonly Phrases[] | undefined;

/** All languages at once: a model refuses in its own, whatever it was asked in. */
function languages(): readonly Phrases[] {
  known ??= Object.values(nonAnswerPhrases).map((phrases) => {
    const list = (text: string) => text.split("|").map(plain).sort(longestFirst);
    return {
      openers: list(phrases.openers),
      apologies: list(phrases.apologies),
      refusals: list(phrases.refusals),
      unknowns: list(phrases.unknowns),
      alone: new Set(list(phrases.alone)),
      selves: list(phrases.selves),
      me: list(phrases.me),
    };
  });
  return known;
}

function longestFirst(a: string, b: string): number {
  return b.length - a.length;
}

/** Letters, digits and single spaces: apostrophes vanish, all other marks are gaps. */
function plain(text: string): string {
  return foldText(text)
    .replace(/'/g, "")
    .replace(/[^\p{L}\p{M}\p{N}/]+/gu, " ")
    .trim();
}

const spaceless = /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}]/u;

/** Whether a text begins with a phrase as whole words; scripts without spaces have no bounds of words. */
function beginsWith(text: string, phrase: string): boolean {
  if (!text.startsWith(phrase)) return false;
  const next = text[phrase.length];
  return next === undefined || next === " " || spaceless.test(phrase.at(-1)!);
}

/** Whether a text begins with a phrase whose verb stands before its subject, as Germanic languages have it: "leider kann ich nicht". */
function isInverted(text: string, phrase: string): boolean {
  const [subject = "", verb = ""] = phrase.split(" ", 2);
  if (!text.startsWith(`${verb} ${subject}`)) return false;
  return beginsWith(text, `${verb} ${subject}${phrase.slice(subject.length + verb.length + 1)}`);
}

function after(text: string, phrases: readonly string[]): string | undefined {
  const found = phrases.find((phrase) => beginsWith(text, phrase));
  return found === undefined ? undefined : text.slice(found.length).trim();
}

/**
 * What says that a text is no answer: a refusal, a model that speaks of itself, "I do not know", "N/A", in two dozen languages and with
 * either apostrophe. A text that only begins alike is an answer: "Sorry is a song by Justin Bieber."
 */
export function nonAnswerIn(text: string): TextFinding | undefined {
  const start = plain(text.slice(0, lookedAt));
  if (start === "") return undefined;
  for (const phrases of languages()) {
    const found = sayingNothing(start, text.length > lookedAt, phrases);
    if (found) return { ...found, evidence: text.trim().slice(0, 80) };
  }
  return undefined;
}

function sayingNothing(text: string, goesOn: boolean, phrases: Phrases): Omit<TextFinding, "evidence"> | undefined {
  if (phrases.alone.has(text)) return { reason: "non-answer", detail: `“${text}” says nothing` };
  let rest = text;
  let isSorry = false;
  for (let i = 0; i < maxOpeners; i++) {
    const refusal = phrases.refusals.find((phrase) => beginsWith(rest, phrase) || (i > 0 && isInverted(rest, phrase)));
    if (refusal !== undefined) return { reason: "refusal", detail: `it begins with “${refusal}”` };
    const self = phrases.selves.find((phrase) => beginsWith(rest, phrase));
    const said = self === undefined ? undefined : rest.slice(self.length).trim();
    if (said === "" || (said !== undefined && after(said, phrases.me) !== undefined)) {
      return { reason: "refusal", detail: `the model speaks of itself: “${self}”` };
    }
    const unknown = phrases.unknowns.find((phrase) => beginsWith(rest, phrase) || (i > 0 && isInverted(rest, phrase)));
    if (unknown !== undefined && !goesOn && wordsIn(rest.slice(unknown.length)) <= maxWordsBeside) {
      return { reason: "non-answer", detail: `it says “${unknown}” and little else` };
    }
    const apologised = after(rest, phrases.apologies);
    const opened = apologised ?? after(rest, phrases.openers);
    if (opened === undefined) return undefined;
    isSorry ||= apologised !== undefined;
    if (opened === "") return isSorry ? { reason: "refusal", detail: "it is an apology alone" } : undefined;
    if (isSorry && phrases.alone.has(opened)) return { reason: "non-answer", detail: `“${opened}” says nothing` };
    rest = opened;
  }
  return undefined;
}

function wordsIn(text: string): number {
  const words = text.split(" ").filter((word) => word !== "");
  return words.reduce((sum, word) => sum + (spaceless.test(word) ? Math.ceil(word.length / 2) : 1), 0);
}
