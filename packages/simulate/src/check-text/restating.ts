import { canonicalTokens, isNumericToken, tellingTokens } from "@rag-instruct/core";
import { alternativeWords } from "../verify/stated.ts";
import { finding, type TextFinding } from "./text-finding.ts";

// Words that an answer's frame adds and that say nothing.
const frame: ReadonlySet<string> = new Set(
  "answer question called known name named purpose reason because mean means thing something one kind type sort certain specific different same very used use itself also"
    .split(" ")
    .flatMap((word) => canonicalTokens(word)),
);
const minWords = 3;
// "Vitamin A" and "point B" are told by a letter.
const namesLetter = /\s[A-HJ-Z](?![\p{L}'’.])/u;

/**
 * What says that an answer only says the question again: it has no telling word that the question lacks. Verdicts, numbers and
 * alternatives that the question names do not count.
 */
export function restatesQuestion(
  answer: string,
  question: string,
  { language }: { language?: string | undefined } = {},
): TextFinding | undefined {
  const tokens = canonicalTokens(answer);
  if (tokens.length < minWords || tokens.some(isNumericToken)) return undefined;
  // A question that brings a text along may ask to write it anew.
  if (/[:\n"“„«`]/.test(question)) return undefined;
  const asked = canonicalTokens(question);
  const telling = tellingTokens(tokens, { language });
  const alternatives = alternativeWords(question, language);
  if (telling.length === 0 || asked.some((token) => alternatives.has(token))) return undefined;
  if (namesLetter.test(answer)) return undefined;
  const stems = new Set(asked.map(stemOf));
  const added = telling.filter((token) => !stems.has(stemOf(token)) && !frame.has(token));
  return added.length > 0
    ? undefined
    : finding("restates-question", "it says nothing that the question does not say", answer);
}

const copulas = /\s(?:is|are|means|was|were|ist|sind|bedeutet|est|sont|es|son|è|sono|é|são)\s/u;
const longestExplained = 300;
const lastSentence = /[.!?。！？]\s*$/u;

/** What explains a thing by itself in its first sentence: "A newspaper is a newspaper." */
export function tautologyIn(
  answer: string,
  { language }: { language?: string | undefined } = {},
): TextFinding | undefined {
  const sentence = answer
    .trim()
    .split(/(?<=[.!?])\s/u)[0]!
    .replace(lastSentence, "");
  const parts = ` ${sentence} `.split(copulas);
  if (parts.length < 2 || sentence.length > longestExplained || /["“”„«`\n]/.test(sentence)) return undefined;
  const [subject, ...rest] = parts;
  const named = tellingTokens(canonicalTokens(subject!), { language }).map(stemOf);
  const said = tellingTokens(canonicalTokens(rest.join(" ")), { language });
  if (named.length === 0 || said.length === 0 || said.some(isNumericToken)) return undefined;
  const isSame = said.every((token) => named.includes(stemOf(token)) || frame.has(token));
  return isSame ? finding("restates-question", "it explains a thing by itself", sentence) : undefined;
}

/** The beginning of a word, by which its forms are one. */
export function stemOf(token: string): string {
  return token.length < 6 ? token : token.slice(0, Math.max(5, token.length - 3));
}
