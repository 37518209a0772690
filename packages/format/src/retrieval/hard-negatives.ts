import { badOption, type Passage, type ScoredPassage, type TrainingExample } from "@rag-instruct/core";
import { type NoiseRefusal, noiseGuard, statedAnswers } from "../noise.ts";

/** How hard negatives are chosen. */
export interface NegativeOptions {
  /** Negatives of a question. @default 4 */
  count?: number;
  /**
   * The best rank that is taken. The nearest passages to a question are often answers that nobody has marked: of the top-ranked
   * unmarked passages of MS MARCO 70% were (Qu et al. 2021, RocketQA). @default 11 of a retriever; any of the ranks kept in examples
   */
  from?: number;
  /** The last rank that is taken. @default 50 of a retriever; any of the ranks kept in examples */
  to?: number;
  /**
   * How far below the best-ranked helpful source a negative scores: a share of that score, or an absolute difference; false asks for
   * none. A negative of at most 95% of it is what served best in NV-Retriever (Moreira et al. 2024, "TopK-PercPos"). Ranks kept in
   * examples have no scores. @default 0.05
   */
  margin?: number | { absolute: number } | false;
  /** Jaccard similarity of word 3-grams from which a document counts as a copy of another. @default 0.5 */
  nearCopy?: number;
}

/** Why a candidate is no negative: what keeps a document from being noise, or a score too near to that of the helpful source. */
export type NegativeRefusal = NoiseRefusal | "too-near";

/** The negatives of one question. */
export interface ChosenNegatives {
  /** Best rank first. */
  negatives: Passage[];
  refused: Record<NegativeRefusal, number>;
  /** Whether a margin is asked for, and no helpful source was ranked to measure it from. */
  isUnmeasured: boolean;
}

/** A ranking is read at least so deep for the helpful source, from whose score the margin is measured. */
const minDepth = 100;

/** The ranks that are taken, and how deep a ranking has to be read for them. Throws `bad-option`. */
export function rankWindow({ count = 4, from = 11, to = 50, margin = 0.05 }: NegativeOptions): {
  from: number;
  to: number;
  depth: number;
} {
  if (!(Number.isInteger(from) && from >= 1 && Number.isInteger(to) && to - from + 1 >= count))
    throw badOption(
      `negatives: ranks ${from} to ${to} must be whole numbers from 1, with room for ${count} between them`,
    );
  if (!(Number.isInteger(count) && count >= 1)) throw badOption(`negatives: count must be 1 or more, not ${count}`);
  const share = typeof margin === "object" ? margin.absolute : margin || 0;
  if (!(share >= 0)) throw badOption(`negatives: margin must be 0 or more, not ${share}`);
  return { from, to, depth: margin === false ? to : Math.max(to, minDepth) };
}

/**
 * Chooses the hard negatives of a question: the best of the ranks asked for that are no source and no copy of one, do not state the
 * answer in any form, and score far enough below the best-ranked helpful source. Without a ranking the noise documents of the example
 * are the candidates. Pure.
 */
export function chooseNegatives(
  example: TrainingExample,
  {
    ranked,
    helpful,
    options,
  }: { ranked?: readonly ScoredPassage[]; helpful: ReadonlySet<string>; options: NegativeOptions },
): ChosenNegatives {
  const { count = 4, margin = 0.05, nearCopy = 0.5 } = options;
  const sources = example.documents.filter(({ role }) => role !== "noise");
  const guard = noiseGuard({ sources, answers: statedAnswers(example), nearCopy });
  const best = ranked?.find(({ passage }) => helpful.has(passage.id))?.score;
  const isUnmeasured = ranked !== undefined && margin !== false && best === undefined;
  const most = best === undefined ? Number.POSITIVE_INFINITY : highestScore(best, margin);
  const negatives: Passage[] = [];
  let tooNear = 0;
  for (const { passage, score } of isUnmeasured ? [] : candidatesOf(example, ranked, options)) {
    if (negatives.length === count) break;
    if (score !== undefined && score > most) tooNear += 1;
    else if (guard.admits(passage)) negatives.push(passage);
  }
  return { negatives, refused: { ...guard.refused, "too-near": tooNear }, isUnmeasured };
}

function highestScore(best: number, margin: NonNullable<NegativeOptions["margin"]>): number {
  if (margin === false) return Number.POSITIVE_INFINITY;
  return best - (typeof margin === "object" ? margin.absolute : margin * Math.abs(best));
}

function candidatesOf(
  { documents }: TrainingExample,
  ranked: readonly ScoredPassage[] | undefined,
  options: NegativeOptions,
): { passage: Passage; score?: number }[] {
  if (ranked) {
    const { from, to } = rankWindow(options);
    return ranked.filter(({ rank }) => rank >= from && rank <= to);
  }
  const { from = 1, to = Number.POSITIVE_INFINITY } = options;
  return documents
    .filter(({ role, rank }) => role === "noise" && (rank === undefined || (rank >= from && rank <= to)))
    .sort((a, b) => (a.rank ?? Number.POSITIVE_INFINITY) - (b.rank ?? Number.POSITIVE_INFINITY))
    .map(({ role: _, rank: __, relaxed: ___, ...passage }) => ({ passage }));
}
