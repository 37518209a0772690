import type { Pair, Source } from "@rag-instruct/core";
import type { VerifyEvidence } from "./verify.ts";

/** Whether a pair's relation was checked by words alone, and they could not prove it. */
export function isUnproved({ evidence }: Pick<Pair, "evidence">): boolean {
  const { lexical, verify } = (evidence ?? {}) as Partial<VerifyEvidence>;
  return lexical?.relation === "unproved" && (verify?.level ?? "lexical") === "lexical";
}

/** What a dataset card says of pairs that words alone have checked: no line where a model has looked at them, or words prove all. */
export async function describeUnproved(pairs: Source<Pair>): Promise<string[]> {
  let all = 0;
  let unproved = 0;
  for await (const pair of pairs) {
    all++;
    if (isUnproved(pair)) unproved++;
  }
  if (unproved === 0) return [];
  return [
    `Of ${unproved} of the ${all} pairs words alone have checked how question and documents relate, and words cannot prove it: that documents support an answer, or do not help with it.`,
  ];
}
