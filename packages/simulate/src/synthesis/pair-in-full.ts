import { canonicalTokens, type Pair, type Passage, questionWithOptions, tellingTokens } from "@rag-instruct/core";
import { answerText } from "../verify/answers.ts";

/** A pair as a reader wants it: question, answer, and of each document the sentence that has most to do with them. */
export function pairInFullLines(pair: Pair): string[] {
  const { paradigm, question, options, answer, documents } = pair;
  const asked = questionWithOptions({ question, options }).trim().split("\n");
  const about = new Set(tellingTokens(canonicalTokens(`${question}\n${answerText(pair)}`)));
  return [
    `One of the pairs (${paradigm}), in full:`,
    "",
    ...labelled("Question", asked),
    ...labelled("Answer", answer.trim().split("\n")),
    `  From ${documents.length === 1 ? "one document" : `${documents.length} documents`}:`,
    ...documents.map((document) => `    ${document.title || document.id}: “${tellingSentence(document, about)}”`),
  ];
}

function labelled(name: string, lines: readonly string[]): string[] {
  return lines.map((line, i) => `  ${(i === 0 ? name : "").padEnd(8)}  ${line}`);
}

/** The sentence of a document that shares most telling words with a pair; of equals the shortest. */
function tellingSentence({ text }: Passage, about: ReadonlySet<string>): string {
  const sentences = [
    ...new Intl.Segmenter(undefined, { granularity: "sentence" }).segment(text.replace(/^#+ .*$/gm, "")),
  ]
    .map(({ segment }) => segment.replace(/\s+/g, " ").trim())
    .filter((sentence) => sentence !== "");
  const shared = (sentence: string) => new Set(canonicalTokens(sentence).filter((token) => about.has(token))).size;
  return sentences.sort((a, b) => shared(b) - shared(a) || a.length - b.length)[0] ?? "";
}
