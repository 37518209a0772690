import { containsAnswer, normalizeAnswer, optionLetter, type Passage, paragraphOf } from "@rag-instruct/core";

// Words that stand in any passage and say nothing about this answer.
const exempt = /^(?:yes|no|true|false|maybe|unknown|none|[a-z])?$/;

/**
 * What a noise document must not state, given a pair's answer: the answer itself, or for a multiple-choice question the
 * text of the right choice. Yes, no, true, false, maybe and single letters are exempt, because any passage may hold them.
 */
export function statedAnswers({ answer, options }: { answer: string; options?: readonly string[] }): string[] {
  const chosen = options?.find((_, i) => isLetterOf(answer, optionLetter(i)));
  const stated = chosen ?? answer;
  return exempt.test(normalizeAnswer(stated)) ? [] : [stated];
}

/** Whether a passage states an answer, in its text or its title. */
export function passageStates(passage: Pick<Passage, "title" | "text">, answer: string): boolean {
  return containsAnswer(paragraphOf(passage, { titles: true }), answer);
}

function isLetterOf(answer: string, letter: string): boolean {
  return new RegExp(`^\\W*${letter}(?:\\W|$)`).test(answer.trim());
}
