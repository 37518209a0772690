import { type Outcome, type Pair, questionWithOptions } from "@rag-instruct/core";
import { answerText } from "../verify/lexical.ts";

/** Why a pair is left out. */
export type DuplicateReason = "exact-duplicate" | "near-duplicate";

/** What is compared: questions with their options, or questions and answers together. */
export type DuplicateScope = "question" | "pair";

/** What a left-out pair is like, as it stands in its `evidence.duplicate`. */
export interface Duplicate {
  /** Id of the pair that stays. */
  of: string;
  over: DuplicateScope;
  /** Jaccard similarity in whole percent. */
  percent: number;
}

/** A text of a pair for each scope. */
export const scopeTexts: Readonly<Record<DuplicateScope, (pair: Pair) => string>> = {
  question: asked,
  pair: (pair) => `${asked(pair)}\n${answerText(pair)}`,
};

/** Where pairs are compared when nothing else is said. */
export const usualScopes: readonly DuplicateScope[] = ["question", "pair"];

/** The pair as an outcome that names the pair it is like. */
export function rejectDuplicate(
  pair: Pair,
  duplicate: Duplicate,
  { isSame }: { isSame: boolean },
): Outcome<Pair, Pair, DuplicateReason> & { status: "rejected" } {
  const { of, over, percent } = duplicate;
  const what = over === "question" ? "the question" : "question and answer";
  return {
    status: "rejected",
    id: pair.id,
    input: { ...pair, evidence: { ...pair.evidence, duplicate } },
    reason: isSame ? "exact-duplicate" : "near-duplicate",
    detail: isSame ? `${what} of pair ${of} again` : `${what} of pair ${of} by ${percent}%`,
  };
}

/** A similarity as {@link Duplicate} has it. */
export function wholePercent(similarity: number): number {
  return Math.floor(similarity * 100);
}

function asked({ question, options }: Pair): string {
  return questionWithOptions({ question, options });
}
