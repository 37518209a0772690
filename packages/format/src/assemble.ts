import {
  inBatches,
  mapOrdered,
  type OnProgress,
  type Pair,
  RagInstructError,
  type Retriever,
  type ScoredPassage,
  type Source,
} from "@rag-instruct/core";
import { type Assembled, type AssemblyRules, assembleExample, pairFault } from "./assemble-example.ts";

/** Options of {@link assembleExamples}. */
export interface AssembleOptions extends Partial<Omit<AssemblyRules, "seed">> {
  pairs: Source<Pair>;
  /** Ranks the whole corpus for a question; noise is drawn from its ranks beyond + 1 to depth. */
  retriever: Retriever;
  /** Decides draws, order and shares, together with each pair's id. */
  seed: number | string;
  /** Questions retrieved in one call. @default 64 */
  batchSize?: number;
  /** Retrieval calls at the same time. @default 1 */
  concurrency?: number;
  onProgress?: OnProgress;
  signal?: AbortSignal;
}

/**
 * Makes a training example of each pair: all its source documents and noise to ten, shuffled by seed and id, each known
 * as source or noise (RAG-Instruct, arXiv 2501.00353). One outcome a pair, in the order of the pairs; what is rejected
 * keeps its pair and the reason. Concurrency and batches never change a result.
 * Throws `corpus-too-small` when the corpus cannot give one example its documents.
 */
export async function* assembleExamples(options: AssembleOptions): AsyncGenerator<Assembled> {
  const { pairs, retriever, batchSize = 64, concurrency = 1, onProgress, signal } = options;
  const rules = assemblyRules(options);
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
  const { nearCopy = 0.5, seed } = options;
  if (!(Number.isInteger(documents) && documents > 0)) throw badOption(`documents must be 1 or more, not ${documents}`);
  if (!(beyond >= 0 && depth > beyond)) {
    throw badOption(`depth (${depth}) must be greater than beyond (${beyond}): noise is drawn from the ranks between`);
  }
  if (!(withoutSources >= 0 && withoutSources <= 1)) {
    throw badOption(`withoutSources is a share from 0 to 1, not ${withoutSources}`);
  }
  return { documents, beyond, depth, positions, withoutSources, nearCopy, seed };
}

function badOption(message: string): RagInstructError {
  return new RagInstructError("bad-option", message);
}

interface BatchOptions {
  retriever: Retriever;
  rules: AssemblyRules;
  signal: AbortSignal;
  first: boolean;
}

async function assembleBatch(batch: readonly Pair[], options: BatchOptions): Promise<Assembled[]> {
  const { retriever, rules, signal, first } = options;
  const sound = batch.filter((pair) => !pairFault(pair, rules));
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
  return retriever.retrieve(
    pairs.map(({ question }) => question),
    options,
  );
}

function rejectFaulty(pair: Pair, rules: AssemblyRules): Assembled {
  return { status: "rejected", id: pair.id, input: pair, ...pairFault(pair, rules)! };
}

function refuseTinyCorpus(rankings: readonly ScoredPassage[][], { documents }: AssemblyRules): void {
  const longest = Math.max(...rankings.map((ranking) => ranking.length));
  if (longest >= documents) return;
  throw new RagInstructError(
    "corpus-too-small",
    `the retriever finds at most ${longest} passages for a question, and an example needs ${documents} documents: ` +
      "take a larger corpus, or ask for fewer documents",
  );
}
