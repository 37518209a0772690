import { canonicalTokens, isNumericToken, stemOf, tellingTokens } from "@rag-instruct/core";
import { alternativeWords } from "../verify/stated.ts";
import { finding, type TextFinding } from "./text-finding.ts";

// Words that an answer's frame adds and that say nothing.
const frame: ReadonlySet<string> = new Set(
  "answer question called known name named purpose reason because mean means thing something one kind type sort certain specific different same very used use itself also"
    .split(" ")
    .flatMap((word) => canonicalTokens(word)),
);
/** Whether a word only frames an answer: "the answer is", "it is called". */
export function isFrameWord(token: string): boolean {
  return frame.has(token);
}

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
const longestExplained = 2_000;
const maxNamed = 4;
const lastMark = /[.!?。！？]\s*$/u;

/** What explains a thing by itself: "A newspaper is a newspaper", "A model is a model that trains models." */
export function tautologyIn(
  answer: string,
  { language }: { language?: string | undefined } = {},
): TextFinding | undefined {
  for (const [place, sentence] of answer
    .slice(0, longestExplained)
    .split(/(?<=[.!?])\s/u)
    .entries()) {
    if (/["“”„«`\n]/.test(sentence)) continue;
    const [subject, ...rest] = ` ${sentence.replace(lastMark, "")} `.split(copulas);
    const named = tellingTokens(canonicalTokens(subject!), { language }).map(stemOf);
    const said = tellingTokens(canonicalTokens(rest.join(" ")), { language });
    if (named.length === 0 || said.length === 0 || said.some(isNumericToken)) continue;
    const isNamed = (token: string) => named.includes(stemOf(token));
    // "One gives 12, so it is not certain" has a frame alone behind its verb.
    const isSame = place === 0 && said.some(isNamed) && said.every((token) => isNamed(token) || frame.has(token));
    const isCircular =
      named.length <= maxNamed && named.length < said.length && named.every((stem, i) => stemOf(said[i]!) === stem);
    if (isSame || isCircular) return finding("restates-question", "it explains a thing by itself", sentence);
  }
  return undefined;
}

const comparing =
  /\b(?:between|compare) (?:an? |the )?([^,;?]{2,60}?) (?:and|with|to) (?:an? |the )?([^,;?]{2,60}?)(?:[?.,;]|$)/iu;

/** What compares a thing with itself: "What is the difference between a file and a file?" */
export function selfComparison(question: string): string | undefined {
  const [whole, one, other] = comparing.exec(question.replace(/\s+/g, " ")) ?? [];
  return one !== undefined && one.toLowerCase() === other!.toLowerCase() ? whole : undefined;
}
