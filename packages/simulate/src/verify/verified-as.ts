import type { Pair } from "@rag-instruct/core";
import type { VerifyEvidence, VerifyLevel } from "./verdict.ts";

const worth: Readonly<Record<VerifyLevel, number>> = { lexical: 1, judge: 2, proof: 3 };

/** How well a pair is verified: 3 by proof, 2 by a judge, 1 by its words, 0 where its evidence does not say. */
export function verifiedAs({ evidence }: Pair): number {
  const level = (evidence as Partial<VerifyEvidence> | undefined)?.verify?.level;
  if (level !== undefined && Object.hasOwn(worth, level)) return worth[level];
  return evidence?.lexical ? 1 : 0;
}
