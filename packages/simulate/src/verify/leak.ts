import { canonicalTokens, holdsTokens, tellingTokens, trimFunctionWords } from "@rag-instruct/core";
import { verdictOf } from "../text/verdict-answer.ts";

// "Which is older, the tower or the bridge?" names its answers: an alternative stands no farther from "or" than this.
const farthestFromOr = 2;
// Fewer words of an answer stand apart in a question by chance.
const fewestSaid = 3;
const orWords: Readonly<Record<string, readonly string[]>> = {
  de: ["oder"],
  fr: ["ou"],
  es: ["o", "u"],
  it: ["o"],
  pt: ["ou"],
  nl: ["of"],
  sv: ["eller"],
  da: ["eller"],
  ru: ["или"],
  uk: ["або", "чи"],
  zh: ["或", "还"],
  ja: ["か"],
};

/**
 * What of its answer a question gives away, or undefined. A verdict, an option and an alternative that the question
 * itself names give nothing away.
 */
export function leakedAnswer(
  { question, answer, options }: { question: string; answer: string; options?: readonly string[] },
  { language }: { language?: string | undefined } = {},
): string | undefined {
  if ((options && options.length > 0) || verdictOf(answer)) return undefined;
  const asked = canonicalTokens(question);
  const wanted = trimFunctionWords(canonicalTokens(answer), { language });
  if (wanted.join("").length < 2) return undefined;
  const isChoice = /\b(?:between|among|out of|either)\b/i.test(question);
  const alternatives = new Set([
    "or",
    "vs",
    "versu",
    ...(isChoice ? ["and"] : []),
    ...(orWords[language ?? "en"] ?? []),
  ]);
  if (holdsTokens(asked, wanted)) return isAlternative(asked, { wanted, alternatives }) ? undefined : wanted.join(" ");
  const telling = tellingTokens(wanted, { language });
  const isAllSaid = telling.length >= fewestSaid && telling.every((token) => asked.includes(token));
  return isAllSaid && !asked.some((token) => alternatives.has(token)) ? telling.join(" ") : undefined;
}

function isAlternative(
  asked: readonly string[],
  { wanted, alternatives }: { wanted: readonly string[]; alternatives: ReadonlySet<string> },
): boolean {
  for (let at = 0; at + wanted.length <= asked.length; at++) {
    if (!wanted.every((token, i) => asked[at + i] === token)) continue;
    const end = at + wanted.length;
    const around = [...asked.slice(Math.max(0, at - farthestFromOr), at), ...asked.slice(end, end + farthestFromOr)];
    if (around.some((token) => alternatives.has(token))) return true;
  }
  return false;
}
