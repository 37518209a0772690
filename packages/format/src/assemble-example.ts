import {
  type Outcome,
  type Pair,
  type ScoredPassage,
  seededRandom,
  type TrainingDocument,
  type TrainingExample,
} from "@rag-instruct/core";
import type { NoiseRefusal } from "./noise-guard.ts";
import { sampleNoise } from "./sample-noise.ts";
import { statedAnswers } from "./stated-answers.ts";

/** Why no example is made of a pair. */
export type AssemblyRejection =
  | "empty-question"
  | "empty-answer"
  | "no-sources"
  | "too-many-sources"
  | "repeated-source"
  | "ranking-too-short"
  | "noise-exhausted";

/** How the assembly of one pair ended, with what the noise guards refused on the way. */
export type Assembled = Outcome<TrainingExample, Pair, AssemblyRejection> & {
  refused?: Record<NoiseRefusal, number>;
};

/** What every example of a set has in common. */
export interface AssemblyRules {
  /** Documents of one example, sources and noise together. @default 10 */
  documents: number;
  /** Noise is drawn from ranks beyond this one … @default 200 */
  beyond: number;
  /** … down to this one. @default 250 */
  depth: number;
  /** Where the sources stand among the documents. @default "random" */
  positions: "random" | "first" | "middle" | "last";
  /** Share of examples whose sources are left out, so that all documents are noise. @default 0 */
  withoutSources: number;
  /** Jaccard similarity of word 3-grams from which a document counts as a copy of another. @default 0.5 */
  nearCopy: number;
  seed: number | string;
}

/** What is wrong with a pair, before anything is retrieved for it. */
export function pairFault(
  { question, answer, documents }: Pair,
  rules: AssemblyRules,
): { reason: AssemblyRejection; detail: string } | undefined {
  if (question.trim() === "") return { reason: "empty-question", detail: "the question is empty" };
  if (answer.trim() === "") return { reason: "empty-answer", detail: "the answer is empty" };
  if (documents.length === 0) return { reason: "no-sources", detail: "the pair has no source documents" };
  if (documents.length > rules.documents) {
    const detail = `${documents.length} source documents do not fit into an example of ${rules.documents}`;
    return { reason: "too-many-sources", detail };
  }
  const repeated = documents.find(({ id }, i) => documents.findIndex((other) => other.id === id) < i);
  if (repeated) return { reason: "repeated-source", detail: `source document ${repeated.id} stands there twice` };
  return undefined;
}

/** Makes the example of one sound pair from its question's ranking. Pure. */
export function assembleExample(pair: Pair, ranked: readonly ScoredPassage[], rules: AssemblyRules): Assembled {
  const { seed } = rules;
  const bare = seededRandom(seed, "without-sources", pair.id).next() < rules.withoutSources;
  const sources = bare ? [] : pair.documents.map((document): TrainingDocument => ({ ...document, role: "source" }));
  const { beyond, depth, nearCopy } = rules;
  const count = rules.documents - sources.length;
  const answers = statedAnswers(pair);
  const noise = sampleNoise({
    ranked,
    sources: pair.documents,
    count,
    beyond,
    depth,
    nearCopy,
    answers,
    seed,
    id: pair.id,
  });
  const { refused } = noise;
  if (noise.missing > 0) {
    const reason = ranked.length < rules.documents ? "ranking-too-short" : "noise-exhausted";
    const detail = `${noise.missing} of ${count} noise documents are missing: ${ranked.length} passages are ranked for the question, of which the guards refuse ${Object.values(refused).reduce((a, b) => a + b)}`;
    return { status: "rejected", id: pair.id, input: pair, reason, detail, refused };
  }
  const value: TrainingExample = {
    id: pair.id,
    paradigm: pair.paradigm,
    question: pair.question,
    answer: pair.answer,
    options: pair.options,
    documents: arrange({ sources, noise: noise.documents, rules, id: pair.id }),
    sourceIds: sources.map(({ id }) => id),
    model: pair.model,
  };
  return { status: "accepted", id: pair.id, value, refused };
}

interface Arrangement {
  sources: TrainingDocument[];
  noise: TrainingDocument[];
  rules: AssemblyRules;
  id: string;
}

function arrange({ sources, noise, rules: { positions, seed }, id }: Arrangement): TrainingDocument[] {
  const random = seededRandom(seed, "order", id);
  if (positions === "random") return random.shuffle([...sources, ...noise]);
  const shuffledSources = random.shuffle(sources);
  const before = { first: 0, middle: Math.floor(noise.length / 2), last: noise.length }[positions];
  const shuffledNoise = random.shuffle(noise);
  return [...shuffledNoise.slice(0, before), ...shuffledSources, ...shuffledNoise.slice(before)];
}
