import type { Outcome, Pair } from "@rag-instruct/core";
import type { DecontaminationReason } from "../decontaminate/find-contamination.ts";
import type { DuplicateReason } from "../duplicates/duplicate.ts";
import type { JudgeEvidence, JudgeFault } from "./judge.ts";
import type { LexicalEvidence, LexicalFault } from "./lexical.ts";
import type { ProofEvidence, ProofFault } from "./proof.ts";

/**
 * How far a pair is verified, each level with those before it: `lexical` by its words, for free; `judge` by one call whose
 * quotes are checked; `proof` by the answers that a model gives with and without the documents.
 */
export type VerifyLevel = "lexical" | "judge" | "proof";

/** Why a pair is rejected. */
export type VerifyReason = LexicalFault | JudgeFault | ProofFault;

/** What a verdict rests on, as it stands in a pair's `evidence`. */
export interface VerifyEvidence {
  lexical: LexicalEvidence;
  judge?: JudgeEvidence;
  proof?: ProofEvidence;
  /** The level reached and the calls it took, those shared through the ledger among them; `proofCalls` are those of the proof alone. */
  verify: { level: VerifyLevel; calls: number; proofCalls?: number };
}

/** How one pair ended. Accepted or not, the pair keeps the evidence. */
export type VerifyOutcome = Outcome<Pair, Pair, VerifyReason | DecontaminationReason | DuplicateReason>;
