import { type TrainingDocument, wilsonInterval } from "@rag-instruct/core";
import type { NoiseOutcome } from "./noise-outcome.ts";

/** What a check of noise documents came to. */
export interface NoiseReport {
  /** Examples of the set. */
  examples: number;
  /** Of these, those that were checked and decided. */
  checked: number;
  /** Checked examples of which a noise document answers the question. They are rejected. */
  answering: number;
  /** Examples of which the check said nothing that holds, or whose call failed. They do not stay either. */
  undecided: number;
  /** Noise documents of the checked examples. */
  documents: number;
  /**
   * Share of examples with a noise document that answers, before any was rejected, with its 95% Wilson interval; an undecided one
   * counts as answering for `high`. Null where nothing was checked.
   */
  share: { share: number; low: number; high: number } | null;
  /** Examples that stay. */
  left: number;
  /** At most this share of those that stay has a noise document that answers: 0 where all were checked, null where none stays. */
  leftAtMost: number | null;
}

/** Adds up a check of noise documents while outcomes pass. */
export function noiseReport(): {
  add(outcome: NoiseOutcome, documents: readonly TrainingDocument[] | undefined): void;
  report(): NoiseReport;
} {
  const sum = { examples: 0, checked: 0, answering: 0, undecided: 0, documents: 0, left: 0 };
  let unchecked = 0;
  return {
    add(outcome, documents) {
      sum.examples++;
      if (outcome.status === "accepted") sum.left++;
      if (!documents) {
        unchecked++;
        return;
      }
      const isUndecided = outcome.status === "failed" || (outcome.status === "rejected" && !isAnswering(outcome));
      if (isUndecided) {
        sum.undecided++;
        return;
      }
      sum.checked++;
      sum.documents += documents.length;
      if (isAnswering(outcome)) sum.answering++;
    },
    report() {
      const { checked, answering, undecided, left } = sum;
      const trials = checked + undecided;
      if (trials === 0) return { ...sum, share: null, leftAtMost: left === 0 ? null : 1 };
      const { low } = wilsonInterval({ successes: answering, trials });
      const { high } = wilsonInterval({ successes: answering + undecided, trials });
      const share = { share: checked === 0 ? 0 : answering / checked, low, high };
      return { ...sum, share, leftAtMost: left === 0 ? null : (high * unchecked) / left };
    },
  };
}

function isAnswering(outcome: NoiseOutcome): boolean {
  return outcome.status === "rejected" && outcome.reason === "noise-answers";
}
