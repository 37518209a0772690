import type { Outcome } from "@rag-instruct/core";
import type { Contamination, DecontaminationReason } from "./find-contamination.ts";
import type { ForbiddenTexts } from "./forbidden-texts.ts";

/** What was taken out. */
export interface DecontaminationReport {
  /** Words that had to stand in a row in both. */
  words: number;
  /** Forbidden texts read, by source. */
  texts: Record<string, number>;
  /** Pairs looked at. */
  pairs: number;
  /** Pairs taken out, by source and by where they held the text. */
  taken: Record<string, Partial<Record<DecontaminationReason, number>>>;
  /** The first thousand taken out, each with what it shares; all of them are among the rejected outcomes. */
  examples: TakenOut[];
}

/** A pair that was taken out, and why. */
export interface TakenOut extends Contamination {
  id: string;
  reason: DecontaminationReason;
  /** Absent where its documents alone gave it away. */
  question?: string;
}

/** An outcome as far as the report reads it. */
export type CheckedOutcome = Outcome<unknown, { evidence?: Record<string, unknown>; question?: string }>;

const mostExamples = 1000;

/** Adds up what was taken out while outcomes pass, of `decontaminate`, `synthesize` or read from a file. */
export function contaminationReport(): {
  add(outcome: CheckedOutcome): void;
  report(forbidden: Pick<ForbiddenTexts, "words" | "counts">): DecontaminationReport;
} {
  const taken: DecontaminationReport["taken"] = {};
  const examples: TakenOut[] = [];
  let pairs = 0;
  return {
    add(outcome) {
      pairs++;
      if (outcome.status !== "rejected") return;
      const { evidence, question } = outcome.input;
      const contamination = evidence?.contamination as Contamination | undefined;
      if (!contamination) return;
      const reason = outcome.reason as DecontaminationReason;
      const ofSource = Object.hasOwn(taken, contamination.source) ? taken[contamination.source]! : {};
      taken[contamination.source] = ofSource;
      ofSource[reason] = (ofSource[reason] ?? 0) + 1;
      if (examples.length === mostExamples) return;
      examples.push({ id: outcome.id, reason, question, ...contamination });
    },
    report: ({ words, counts }) => structuredClone({ words, texts: { ...counts }, pairs, taken, examples }),
  };
}
