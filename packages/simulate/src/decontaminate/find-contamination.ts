import { type Outcome, type Pair, questionWithOptions } from "@rag-instruct/core";
import type { ForbiddenTexts, TextMatch } from "./forbidden-texts.ts";

/** Where a pair holds a forbidden text: its question, its answer or its source documents, the answer's context. */
export type DecontaminationReason = "question-in-benchmark" | "answer-in-benchmark" | "context-in-benchmark";

/** A forbidden text in a pair, as it stands in the pair's `evidence.contamination`. */
export interface Contamination extends TextMatch {
  /** `question`, `answer`, or `document` with its number from 1. */
  place: string;
}

/** A contamination with what it is called. */
export interface Finding {
  reason: DecontaminationReason;
  detail: string;
  evidence: { contamination: Contamination };
}

/** The first forbidden text of a pair, the question first, or undefined. */
export function findContamination(
  pair: Pick<Pair, "question" | "options" | "answer" | "documents">,
  forbidden: ForbiddenTexts,
): Finding | undefined {
  const { question, options, answer } = pair;
  const inQuestion =
    (options && forbidden.match(questionWithOptions({ question, options }), { inside: true })) ??
    forbidden.match(question, { inside: true });
  if (inQuestion) return finding("question-in-benchmark", "question", inQuestion);
  const inAnswer = forbidden.match(answer);
  if (inAnswer && isRun(inAnswer, forbidden)) return finding("answer-in-benchmark", "answer", inAnswer);
  return findInDocuments(pair, forbidden);
}

/** The same in source documents alone: what can be said before anything is written from them. */
export function findInDocuments(
  { documents }: Pick<Pair, "documents">,
  forbidden: ForbiddenTexts,
): Finding | undefined {
  for (const [i, { title, text }] of documents.entries()) {
    const match = forbidden.match(`${title}\n${text}`) ?? forbidden.match(text);
    if (match) return finding("context-in-benchmark", `document ${i + 1}`, match);
  }
  return undefined;
}

/** The pair as an outcome that says why it is taken out. */
export function rejectContaminated(
  pair: Pair,
  { reason, detail, evidence }: Finding,
): Outcome<Pair, Pair, DecontaminationReason> & { status: "rejected" } {
  const input = { ...pair, evidence: { ...pair.evidence, ...evidence } };
  return { status: "rejected", id: pair.id, input, reason, detail };
}

// "In 1932" may well be the whole of a forbidden text and gives nothing away.
function isRun({ words }: TextMatch, { words: size }: ForbiddenTexts): boolean {
  return words.split(" ").length >= size;
}

function finding(reason: DecontaminationReason, place: string, match: TextMatch): Finding {
  const detail = `${place} shares “${match.words}” with text ${match.text} of ${match.source}`;
  return { reason, detail, evidence: { contamination: { place, ...match } } };
}
