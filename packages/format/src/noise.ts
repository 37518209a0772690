import {
  amount,
  chosenOption,
  containsAnswer,
  jaccard,
  normalizeAnswer,
  numberText,
  type Passage,
  type PassageStore,
  paragraphOf,
  plainAnswer,
  type Retriever,
  type ScoredPassage,
  seededRandom,
  shingles,
  type TrainingDocument,
  type TrainingExample,
} from "@rag-instruct/core";

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

/** Why a candidate is not used as noise. */
export type NoiseRefusal = "source" | "near-copy" | "states-answer" | "repeated";

/** Noise documents and what was refused on the way. */
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

/** Noise documents of a set, and how many of them rank better than asked for. */
export interface NoiseRanks {
  /** Noise documents in all. */
  documents: number;
  /** Of them those from better ranks, by why. */
  relaxed: Record<NonNullable<TrainingDocument["relaxed"]>, number>;
  /** The rank that they were to stand beyond. */
  beyond: number;
}

/** Counts the noise documents of examples as they pass. */
export function countNoise(ranks: NoiseRanks, documents: readonly TrainingDocument[]): void {
  for (const { role, relaxed } of documents) {
    if (role !== "noise") continue;
    ranks.documents++;
    if (relaxed) ranks.relaxed[relaxed]++;
  }
}

/** Says that noise is from better ranks than asked for, and why, in a line; empty where none is. */
export function relaxedNoiseLine({ documents, relaxed, beyond }: NoiseRanks): string {
  const total = relaxed["small-corpus"] + relaxed.guards;
  if (total === 0) return "";
  const why = [
    relaxed["small-corpus"] > 0 && `${numberText(relaxed["small-corpus"])} because the corpus has too few passages`,
    relaxed.guards > 0 && `${numberText(relaxed.guards)} because those below state the answer or repeat a document`,
  ].filter(Boolean);
  return `${numberText(total)} of ${amount(documents, "noise document")} ${total === 1 ? "comes" : "come"} from the first ${beyond} ranks instead of from below them, and may be closer to the question: ${why.join(", ")}. More documents would mend that.`;
}

// A corpus of more passages gives a question enough, and is not read whole.
const maxWhole = 1_000;

/**
 * A retriever that ranks all of a small corpus, as one by words does not: behind what it finds for a question come the passages that share no
 * word with it, in an order of the question's own.
 */
export function rankingWhole(
  retriever: Retriever,
  { passages, seed }: { passages: PassageStore; seed: number },
): Retriever {
  let read: Promise<Passage[]> | undefined;
  const isWhole = (ranked: readonly ScoredPassage[], { limit, skip = 0 }: { limit: number; skip?: number }) =>
    ranked.length >= Math.min(limit, passages.size) - skip;
  return {
    id: retriever.id,
    async retrieve(queries, options) {
      const found = await retriever.retrieve(queries, options);
      if (passages.size > maxWhole || found.every((ranked) => isWhole(ranked, options))) return found;
      read ??= Array.fromAsync(passages.all());
      const all = await read;
      const fromTop = options.skip ? await retriever.retrieve(queries, { ...options, skip: 0 }) : found;
      return fromTop.map((ranked, i) => {
        const known = new Set(ranked.map(({ passage }) => passage.id));
        const others = seededRandom(seed, "unranked", queries[i]!).shuffle(all.filter(({ id }) => !known.has(id)));
        const rest = others.map((passage, at) => ({ passage, score: 0, rank: ranked.length + 1 + at }));
        return [...ranked, ...rest].slice(options.skip ?? 0, options.limit);
      });
    },
  };
}

/** Decides candidates one after another and remembers those it admitted. */
interface NoiseGuard {
  admits(passage: Passage): boolean;
  refused: Record<NoiseRefusal, number>;
}

/** Keeps out of what is to be no answer whatever would make that wrong: sources, copies of them, what states the answer, repetitions. */
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

// Words that stand in any passage and say nothing about this answer.
const exempt = /^(?:yes|no|true|false|maybe|unknown|none|[a-z])?$/;

/**
 * What a noise document must not state, given a pair's answer: the answer itself, or for a multiple-choice question the
 * text of the right choice. Yes, no, true, false, maybe and single letters are exempt, because any passage may hold them.
 */
export function statedAnswers(pair: Pick<TrainingExample, "answer" | "options" | "cites">): string[] {
  const answer = plainAnswer(pair);
  const { options = [] } = pair;
  const stated = options[chosenOption(answer, options) ?? -1] ?? answer;
  return exempt.test(normalizeAnswer(stated)) ? [] : [stated];
}

/** Whether a passage states an answer, in its text or its title. */
export function passageStates(passage: Pick<Passage, "title" | "text">, answer: string): boolean {
  return containsAnswer(paragraphOf(passage, { titles: true }), answer);
}
