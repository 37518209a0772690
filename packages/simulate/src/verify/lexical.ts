import { containsAnswer, normalizeAnswer, type Pair, type Task, wordsOf } from "@rag-instruct/core";
import type { Paradigm } from "@rag-instruct/paradigms";

/** What the free checks can find wrong with a pair. */
export type LexicalFault = "answer-not-in-documents" | "answer-stated" | "leaks-answer" | "document-unused";

/** A fault, or what was looked at where there is none. */
export type LexicalVerdict =
  | { ok: true; evidence: { answerWordsInDocuments: number } }
  | { ok: false; reason: LexicalFault; detail: string };

// Answers of this many words or fewer are looked for as they are; longer ones by the share of their words.
const longestVerbatim = 8;
const wordShare = 0.6;

/** Checks a pair against its paradigm's relation by words alone: free, and always on. */
export function checkLexically(pair: Pair, { paradigm, task }: { paradigm: Paradigm; task: Task }): LexicalVerdict {
  const { relation } = paradigm;
  const answer = answerText(pair);
  const texts = pair.documents.map(({ title, text }) => `${title}\n${text}`);
  const share = shareOfWords(answer, texts.join("\n"));
  // Yes, no, true and false stand in no document and say nothing of where the answer comes from.
  const isVerdict = task === "yes-no" || task === "claim";
  if (!isVerdict) {
    const stated = isStated(answer, texts);
    if (relation.answerStated === true && !stated && share < wordShare) {
      return {
        ok: false,
        reason: "answer-not-in-documents",
        detail: `${percent(share)} of the answer's words stand in the documents`,
      };
    }
    if (relation.answerStated === false && stated) {
      return { ok: false, reason: "answer-stated", detail: "the answer stands in the documents as it is" };
    }
    if (containsAnswer(pair.question, answer) && normalizeAnswer(answer).length > 1) {
      return { ok: false, reason: "leaks-answer", detail: "the question contains its answer" };
    }
  }
  const unused = relation.documentsAre === "useless" ? -1 : texts.findIndex((text) => !touches(pair, text));
  if (unused >= 0 && texts.length > 1) {
    return {
      ok: false,
      reason: "document-unused",
      detail: `neither question nor answer shares a telling word with source document ${unused + 1}`,
    };
  }
  return { ok: true, evidence: { answerWordsInDocuments: Math.round(share * 1000) / 1000 } };
}

/** The text of the answer: of a multiple-choice question the text of the right option. */
function answerText({ answer, options }: Pair): string {
  return options?.[answer.charCodeAt(0) - 65] ?? answer;
}

function isStated(answer: string, texts: readonly string[]): boolean {
  return wordsOf(answer).length <= longestVerbatim && texts.some((text) => containsAnswer(text, answer));
}

function shareOfWords(answer: string, text: string): number {
  const words = telling(answer);
  if (words.length === 0) return 0;
  const there = new Set(wordsOf(text));
  return words.filter((word) => there.has(word)).length / words.length;
}

function touches({ question, answer, options = [] }: Pair, text: string): boolean {
  const there = new Set(wordsOf(text));
  return telling([question, answer, ...options].join(" ")).some((word) => there.has(word));
}

/** Words long enough to tell something, and numbers. */
function telling(text: string): string[] {
  return wordsOf(text).filter((word) => word.length > 3 || /[\p{N}\p{Script=Han}]/u.test(word));
}

function percent(share: number): string {
  return `${Math.round(share * 100)}%`;
}
