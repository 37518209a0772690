import { type Pair, questionWithOptions, tellingSentence } from "@rag-instruct/core";
import { answerText } from "../verify/answers.ts";

/** A pair as a reader wants it: question, answer, and of each document the sentence that has most to do with them. */
export function pairInFullLines(pair: Pair): string[] {
  const { paradigm, question, options, answer, documents } = pair;
  const asked = questionWithOptions({ question, options }).trim().split("\n");
  const about = `${question}\n${answerText(pair)}`;
  return [
    `One of the pairs (${paradigm}), in full:`,
    "",
    ...labelled("Question", asked),
    ...labelled("Answer", answer.trim().split("\n")),
    `  From ${documents.length === 1 ? "one document" : `${documents.length} documents`}:`,
    ...documents.map(
      (document) => `    ${document.title || document.id}: “${tellingSentence(document.text, about) ?? ""}”`,
    ),
  ];
}

function labelled(name: string, lines: readonly string[]): string[] {
  return lines.map((line, i) => `  ${(i === 0 ? name : "").padEnd(8)}  ${line}`);
}
