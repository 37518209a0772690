import { type Pair, questionWithOptions, tellingSentence } from "@rag-instruct/core";
import { readJsonl } from "@rag-instruct/core/node";
import { answerText } from "../verify/answers.ts";
import { samplePairLines } from "./words.ts";

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

/** The first pair of a file, in lines; none where there is none. */
export async function firstPairLines(path: string): Promise<string[]> {
  for await (const pair of readJsonl<Pair>(path, { mayBeMissing: true })) return samplePairLines(pair);
  return [];
}

/** The pair of a file that shows the most, whole: one of several documents, where there is one. */
export async function firstPairInFull(path: string): Promise<string[]> {
  let first: Pair | undefined;
  for await (const pair of readJsonl<Pair>(path, { mayBeMissing: true })) {
    if (pair.paradigm === "multi-doc-answer") return pairInFullLines(pair);
    first ??= pair;
  }
  return first ? pairInFullLines(first) : [];
}
