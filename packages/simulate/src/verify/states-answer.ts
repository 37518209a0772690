import { type Pair, type Passage, paragraphOf } from "@rag-instruct/core";
import { guessLanguage } from "../text/language.ts";
import { verdictOf } from "../text/verdict-answer.ts";
import { answerText } from "./lexical.ts";
import { statedIn } from "./stated.ts";

/**
 * Whether a passage states a pair's answer by words, numbers, dates and units in whatever form: the guard against noise that answers.
 * Yes, no, true and false are stated by no passage.
 */
export function statesAnswer(pair: Pick<Pair, "question" | "answer" | "options">): (passage: Passage) => boolean {
  const answer = answerText(pair);
  if (verdictOf(answer)) return () => false;
  const { language } = guessLanguage(`${pair.question}\n${answer}`);
  return (passage) => statedIn([paragraphOf(passage, { titles: true })], { language }).holds(answer);
}
