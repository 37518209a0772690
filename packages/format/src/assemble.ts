import {
  amount,
  type FailedAnswer,
  inBatches,
  mapOrdered,
  type OnProgress,
  type Outcome,
  type Pair,
  RagInstructError,
  type Retriever,
  type ScoredPassage,
  type Source,
  seededRandom,
  seenHash,
  standaloneQuestion,
  type TrainingDocument,
  type TrainingExample,
} from "@rag-instruct/core";
import { citedByNumbersOf } from "./example-citations.ts";
import { type NoiseRefusal, sampleNoise, statedAnswers } from "./noise.ts";

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
  /** Wrong answers to a pair's question, which its example keeps. @default none */
  failuresOf: (pair: Pair) => FailedAnswer[];
  seed: number | string;
}

/** Options of {@link assembleExamples}. */
export interface AssembleOptions extends Partial<Omit<AssemblyRules, "seed">> {
  pairs: Source<Pair>;
  /**
   * Ranks the whole corpus for a question; noise is drawn from its ranks beyond + 1 to depth.
   * @default none: without a corpus there is no noise, and an example has its sources alone
   */
  retriever?: Retriever;
  /** Wrong answers to a pair's question, which its example keeps. @default none */
  failuresOf?: (pair: Pair) => FailedAnswer[];
  /** Decides draws, order and shares, together with each pair's id. */
  seed: number | string;
  /** Questions retrieved in one call. @default 64 */
  batchSize?: number;
  /** Retrieval calls at the same time. @default 1 */
  concurrency?: number;
  onProgress?: OnProgress;
  signal?: AbortSignal;
}

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

/**
 * Makes a training example of each pair: all its source documents and noise to ten, shuffled by seed and id, each known
 * as source or noise (RAG-Instruct, arXiv 2501.00353). One outcome a pair, in the order of the pairs; what is rejected
 * keeps its pair and the reason. Concurrency and batches never change a result.
 * Throws `corpus-too-small` when the corpus cannot give one example its documents.
 */
export async function* assembleExamples(options: AssembleOptions): AsyncGenerator<Assembled> {
  const { pairs, retriever, batchSize = 64, concurrency = 1, onProgress, signal } = options;
  const rules = assemblyRules(options);
  if (!retriever && rules.withoutSources > 0)
    throw badOption("withoutSources leaves noise alone, and without a retriever there is none");
  const batches = mapOrdered(
    inBatches(pairs, batchSize),
    (batch, { signal, index }) => assembleBatch(batch, { retriever, rules, signal, first: index === 0 }),
    { concurrency, signal },
  );
  let done = 0;
  for await (const batch of batches) {
    yield* batch;
    done += batch.length;
    onProgress?.({ stage: "assemble", done });
  }
}

function assemblyRules(options: AssembleOptions): AssemblyRules {
  const { documents = 10, beyond = 200, depth = 250, positions = "random", withoutSources = 0 } = options;
  const { nearCopy = 0.5, failuresOf = () => [], seed } = options;
  if (!(Number.isInteger(documents) && documents > 0)) throw badOption(`documents must be 1 or more, not ${documents}`);
  if (!(beyond >= 0 && depth > beyond)) {
    throw badOption(`depth (${depth}) must be greater than beyond (${beyond}): noise is drawn from the ranks between`);
  }
  if (!(withoutSources >= 0 && withoutSources <= 1)) {
    throw badOption(`withoutSources is a share from 0 to 1, not ${withoutSources}`);
  }
  return { documents, beyond, depth, positions, withoutSources, nearCopy, failuresOf, seed };
}

function badOption(message: string): RagInstructError {
  return new RagInstructError("bad-option", message);
}

interface BatchOptions {
  retriever: Retriever | undefined;
  rules: AssemblyRules;
  signal: AbortSignal;
  first: boolean;
}

async function assembleBatch(batch: readonly Pair[], options: BatchOptions): Promise<Assembled[]> {
  const { retriever, rules, signal, first } = options;
  const sound = batch.filter((pair) => !pairFault(pair, rules));
  if (!retriever) {
    return batch.map((pair) => {
      if (pairFault(pair, rules)) return rejectFaulty(pair, rules);
      return assembleExample(pair, [], { ...rules, documents: pair.documents.length });
    });
  }
  const far = await rank(sound, { retriever, limit: rules.depth, skip: rules.beyond, signal });
  const outcomes = new Map(sound.map((pair, i) => [pair, assembleExample(pair, far[i]!, rules)]));
  const short = sound.filter((pair) => outcomes.get(pair)?.status === "rejected");
  const near = await rank(short, { retriever, limit: rules.depth, skip: 0, signal });
  for (const [i, pair] of short.entries()) outcomes.set(pair, assembleExample(pair, near[i]!, rules));
  if (first && short.length > 0 && short.length === sound.length) refuseTinyCorpus(near, rules);
  return batch.map((pair) => outcomes.get(pair) ?? rejectFaulty(pair, rules));
}

async function rank(
  pairs: readonly Pair[],
  { retriever, ...options }: { retriever: Retriever; limit: number; skip: number; signal: AbortSignal },
): Promise<ScoredPassage[][]> {
  if (pairs.length === 0) return [];
  return retriever.retrieve(pairs.map(standaloneQuestion), options);
}

function rejectFaulty(pair: Pair, rules: AssemblyRules): Assembled {
  return { status: "rejected", id: pair.id, input: pair, ...pairFault(pair, rules)! };
}

function refuseTinyCorpus(rankings: readonly ScoredPassage[][], { documents }: AssemblyRules): void {
  const longest = Math.max(...rankings.map((ranking) => ranking.length));
  if (longest >= documents) return;
  throw new RagInstructError(
    "corpus-too-small",
    `the retriever finds at most ${amount(longest, "passage")} for a question, and an example needs ${amount(documents, "document")}: ` +
      "take a larger corpus, or ask for fewer documents",
  );
}

/** What is wrong with a pair, before anything is retrieved for it. */
function pairFault(
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
  if (repeated) return { reason: "repeated-source", detail: `source document ${repeated.id} occurs twice` };
  return undefined;
}

/** Makes the example of one sound pair from its question's ranking. Pure. */
function assembleExample(pair: Pair, ranked: readonly ScoredPassage[], rules: AssemblyRules): Assembled {
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
  const documents = arrange({ sources, noise: noise.documents, rules, id: pair.id });
  // Wrong answers to a question that is answered with citations cite the same documents by the same numbers.
  const inExample = (answer: string) => (pair.cites ? citingIn(documents, { ...pair, answer }) : answer);
  const failures = rules.failuresOf(pair).map((failed) => ({ ...failed, answer: inExample(failed.answer) }));
  const value: TrainingExample = {
    id: pair.id,
    paradigm: pair.paradigm,
    question: pair.question,
    answer: inExample(pair.answer),
    options: pair.options,
    documents,
    sourceIds: sources.map(({ id }) => id),
    model: pair.model,
    cites: pair.cites && !bare ? true : undefined,
    seen: pair.cites ? seenHash(pair) : undefined,
    history: pair.history,
    standalone: pair.standalone,
    edited: pair.edited,
    failures: failures.length > 0 ? failures : undefined,
  };
  return { status: "accepted", id: pair.id, value, refused };
}

/** The answer with the numbers that its documents have in an example; of those that are not in it with none. */
function citingIn(documents: readonly TrainingDocument[], pair: Pair): string {
  return citedByNumbersOf(
    documents,
    pair.documents.map(({ id }) => id),
  )(pair.answer);
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
