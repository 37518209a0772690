import { type Passage, type ScoredPassage, seededRandom, type TrainingDocument } from "@rag-instruct/core";
import { type NoiseRefusal, noiseGuard } from "./noise-guard.ts";

/** What {@link sampleNoise} draws from and how. */
export interface NoiseOptions {
  /** The question's own ranking, whole or from rank `beyond` + 1 on; the order does not matter, the ranks do. */
  ranked: readonly ScoredPassage[];
  /** The documents the pair was written from. */
  sources: readonly Passage[];
  /** How many noise documents to draw. */
  count: number;
  /** Ranks up to this one are too near to the question to be noise. @default 200 */
  beyond?: number;
  /** The last rank drawn from. @default 250 */
  depth?: number;
  /** What a noise document must not state in any form (`containsAnswer`): the answer, the text of the right choice. See `statedAnswers`. @default [] */
  answers?: readonly string[];
  /** Jaccard similarity of word 3-grams from which a document counts as a copy of another. @default 0.5 */
  nearCopy?: number;
  /** Documents, seed and id alone decide the draw. */
  seed: number | string;
  /** Id of the pair. */
  id: string;
}

/** Noise documents and what the guards had to say. */
export interface NoiseSample {
  /** In the order drawn; those from better ranks than asked for are marked `relaxed`. */
  documents: TrainingDocument[];
  /** Candidates looked at and refused, by reason. */
  refused: Record<NoiseRefusal, number>;
  /** How many of `count` the ranking could not give. */
  missing: number;
}

/**
 * Draws the noise documents D⁻ of one example: passages ranked beyond 200 for its question, to depth 250 (RAG-Instruct,
 * arXiv 2501.00353), in an order decided by seed and id. Guards keep out sources, near copies, documents that state the
 * answer, and repetitions. Where those ranks do not give enough, because the corpus is small or the guards refuse too
 * many, the draw goes on with the lowest ranks there are: rank 200, 199 and so on. Pure.
 */
export function sampleNoise(options: NoiseOptions): NoiseSample {
  const { ranked, sources, count, beyond = 200, depth = 250, answers = [], nearCopy = 0.5, seed, id } = options;
  const guard = noiseGuard({ sources, answers, nearCopy });
  const documents: TrainingDocument[] = [];
  const window = ranked.filter(({ rank }) => rank > beyond && rank <= depth).sort((a, b) => a.rank - b.rank);
  for (const { passage, rank } of seededRandom(seed, "noise", id).shuffle(window)) {
    if (documents.length === count) break;
    if (guard.admits(passage)) documents.push({ ...passage, role: "noise", rank });
  }
  const relaxed = ranked.some(({ rank }) => rank >= depth) ? "guards" : "small-corpus";
  const better = ranked.filter(({ rank }) => rank <= beyond).sort((a, b) => b.rank - a.rank);
  for (const { passage, rank } of better) {
    if (documents.length === count) break;
    if (guard.admits(passage)) documents.push({ ...passage, role: "noise", rank, relaxed });
  }
  return { documents, refused: guard.refused, missing: count - documents.length };
}
