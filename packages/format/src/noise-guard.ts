import { jaccard, type Passage, shingles } from "@rag-instruct/core";
import { passageStates } from "./stated-answers.ts";

/** Why a candidate is not used as noise. */
export type NoiseRefusal = "source" | "near-copy" | "states-answer" | "repeated";

/** Decides candidates one after another and remembers those it admitted. */
export interface NoiseGuard {
  admits(passage: Passage): boolean;
  refused: Record<NoiseRefusal, number>;
}

/** Keeps out of one example's noise whatever would make it lie. */
export function noiseGuard({
  sources,
  answers,
  nearCopy,
}: {
  sources: readonly Passage[];
  answers: readonly string[];
  nearCopy: number;
}): NoiseGuard {
  const refused: Record<NoiseRefusal, number> = { source: 0, "near-copy": 0, "states-answer": 0, repeated: 0 };
  const sourceIds = new Set(sources.map(({ id }) => id));
  const sourceShingles = sources.map(({ text }) => shingles(text));
  const admittedIds = new Set<string>();
  const admittedShingles: Set<number>[] = [];

  function refusalOf(passage: Passage, ofPassage: Set<number>): NoiseRefusal | undefined {
    if (sourceIds.has(passage.id)) return "source";
    if (admittedIds.has(passage.id)) return "repeated";
    if (sourceShingles.some((other) => jaccard(other, ofPassage) >= nearCopy)) return "near-copy";
    if (admittedShingles.some((other) => jaccard(other, ofPassage) >= nearCopy)) return "repeated";
    if (answers.some((answer) => passageStates(passage, answer))) return "states-answer";
    return undefined;
  }
  return {
    refused,
    admits(passage) {
      const ofPassage = shingles(passage.text);
      const refusal = refusalOf(passage, ofPassage);
      if (refusal) {
        refused[refusal] += 1;
        return false;
      }
      admittedIds.add(passage.id);
      admittedShingles.push(ofPassage);
      return true;
    },
  };
}
