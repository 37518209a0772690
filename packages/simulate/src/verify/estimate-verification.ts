import { tokensAbout } from "@rag-instruct/core";
import { readPairs } from "../read-pairs.ts";
import type { VerifyLevel } from "./verify.ts";

// As proofs ask: up to three answers, and one more a document.
const callsAVerdict: Readonly<Record<VerifyLevel, number>> = { lexical: 0, judge: 1, proof: 6 };
/** Tokens of a verdict, about. */
export const verdictTokens = 150;

/** What verifying the pairs of a file calls, about; records that name no paradigm are of the one given. Reads the file once. */
export async function estimateVerification(
  file: string,
  { level, paradigm, signal }: { level: VerifyLevel; paradigm?: string; signal?: AbortSignal },
): Promise<{ pairs: number; calls: number; inputTokens: number; outputTokens: number }> {
  let [pairs, tokens] = [0, 0];
  for await (const { question, answer, documents } of readPairs(file, { paradigm, signal })) {
    pairs++;
    tokens += tokensAbout(question, answer, ...documents.map(({ text }) => text));
  }
  const calls = pairs * callsAVerdict[level];
  return { pairs, calls, inputTokens: tokens * callsAVerdict[level], outputTokens: calls * verdictTokens };
}
