import type { Pair } from "@rag-instruct/core";
import type { Asker } from "./ask-json.ts";
import { judgePair } from "./judge.ts";
import { checkLexically, type LexicalContext } from "./lexical.ts";
import { provePair } from "./proof.ts";
import type { VerifyEvidence, VerifyLevel, VerifyOutcome, VerifyReason } from "./verdict.ts";

/** What one pair is verified with. */
export interface PairVerification extends LexicalContext {
  level: VerifyLevel;
  /** Needed from `judge` up. */
  asker?: Asker;
}

/** Verifies one pair, the free level first; the first fault ends it. */
export async function verifyPair(pair: Pair, context: PairVerification): Promise<VerifyOutcome> {
  const { level, paradigm, asker } = context;
  const { relation } = paradigm;
  const lexical = checkLexically(pair, context);
  const evidence: VerifyEvidence = { lexical: lexical.evidence, verify: { level: "lexical", calls: 0 } };
  const end = (fault?: { reason: VerifyReason; detail: string; raw?: string }): VerifyOutcome => {
    const value: Pair = { ...pair, evidence: { ...pair.evidence, ...evidence } };
    if (!fault) return { status: "accepted", id: pair.id, value };
    const { reason, detail, raw } = fault;
    return { status: "rejected", id: pair.id, input: value, reason, detail, raw };
  };
  if (!lexical.ok) return end(lexical);
  if (level === "lexical" || !asker) return end();

  const judged = await judgePair(pair, { relation, asker });
  evidence.verify = { level: "judge", calls: judged.calls };
  if (judged.evidence) evidence.judge = judged.evidence;
  if (!judged.ok) return end(judged);
  if (level === "judge") return end();

  const proved = await provePair(pair, { relation, asker });
  evidence.verify = { level: "proof", calls: judged.calls + proved.calls, proofCalls: proved.calls };
  if (proved.evidence) evidence.proof = proved.evidence;
  return end(proved.ok ? undefined : proved);
}
