import {
  answerText,
  type NearDuplicateIndex,
  nearDuplicateIndex,
  type OnProgress,
  type Outcome,
  type Pair,
  questionWithOptions,
  RagInstructError,
  type Source,
  standaloneQuestion,
} from "@rag-instruct/core";
import { type Rereadable, rereadable } from "../rereadable.ts";

/** Why a pair is left out. */
export type DuplicateReason = "exact-duplicate" | "near-duplicate";

/** What is compared: questions with their options, or questions and answers together. */
export type DuplicateScope = "question" | "pair";

/** What a left-out pair is like, as recorded in its `evidence.duplicate`. */
export interface Duplicate {
  /** Id of the pair that stays. */
  of: string;
  over: DuplicateScope;
  /** Jaccard similarity in whole percent. */
  percent: number;
}

/** What makes two pairs duplicates. */
export interface DuplicateRules {
  /** Jaccard similarity of word n-grams from which two texts are near-duplicates, above 0 up to 1. @default 0.8 */
  threshold?: number;
  /** Pairs alike in any of these are duplicates. @default ["question", "pair"] */
  over?: readonly DuplicateScope[];
  /** Words in a shingle. @default 3 */
  size?: number;
  /** @default 1 */
  seed?: number | string;
}

/** Options of {@link dropDuplicates}. */
export interface DuplicateOptions extends DuplicateRules {
  /** Read twice: an array, a function that opens the stream, or a stream, which is kept in a temporary file meanwhile. */
  pairs: Source<Pair> | (() => Source<Pair>);
  /** Which of two duplicates stays: the higher, of equals the earlier. @default the level the pair is verified at */
  quality?: (pair: Pair) => number;
  signal?: AbortSignal;
  onProgress?: OnProgress;
}

/**
 * Leaves out pairs that are exact or near-duplicates of a better or earlier one (MinHash with LSH, Broder 1997): pairs are taken in
 * the order of their quality, and one that is like none kept so far is kept; so what is left out always has a better pair
 * that stays, which the detail names. Outcomes come in the order of the pairs. Memory holds ids, hashed shingles and band keys
 * in typed arrays, no texts. Throws `bad-option` for a threshold that makes no sense.
 */
export async function* dropDuplicates(options: DuplicateOptions): AsyncGenerator<Outcome<Pair, Pair, DuplicateReason>> {
  const { signal, onProgress } = options;
  const scopes = openScopes(options);
  const source = rereadable(options.pairs);
  try {
    const { ids, qualities } = await takeIn(source, scopes, options);
    const found = findAll(scopes, byQuality(qualities), signal);
    let member = 0;
    for await (const pair of source.again()) {
      signal?.throwIfAborted();
      yield outcomeOf(pair, found(member), ids);
      if (++member % 10_000 === 0) onProgress?.({ stage: "drop duplicates", done: member, total: ids.length });
    }
  } finally {
    await source.close();
  }
}

/** An index for each scope. */
type ScopeIndex = { scope: DuplicateScope; index: NearDuplicateIndex };

/** Opens an empty index for each scope. Throws `bad-option`. */
function openScopes(
  { threshold = 0.8, over = usualScopes, size = 3, seed = 1 }: DuplicateRules,
  { grows = false }: { grows?: boolean } = {},
): ScopeIndex[] {
  if (!(threshold > 0 && threshold <= 1)) {
    throw new RagInstructError("bad-option", `the threshold is a similarity above 0 up to 1, not ${threshold}`);
  }
  return over.map((scope) => ({ scope, index: nearDuplicateIndex({ threshold, size, seed, grows }) }));
}

/** Reads the pairs a first time. */
async function takeIn(
  source: Rereadable<Pair>,
  scopes: readonly ScopeIndex[],
  { quality = verifiedAs, signal, onProgress }: DuplicateOptions,
): Promise<{ ids: string[]; qualities: number[] }> {
  const ids: string[] = [];
  const qualities: number[] = [];
  for await (const pair of source.first()) {
    signal?.throwIfAborted();
    ids.push(pair.id);
    qualities.push(quality(pair));
    for (const { scope, index } of scopes) index.add(scopeTexts[scope](pair));
    if (ids.length % 10_000 === 0) onProgress?.({ stage: "find duplicates", done: ids.length });
  }
  return { ids, qualities };
}

/** Members by quality, the best first, equals in their order. */
function byQuality(qualities: readonly number[]): Uint32Array {
  const order = Uint32Array.from(qualities.keys());
  const isEven = qualities.every((quality) => quality === qualities[0]);
  return isEven ? order : order.sort((a, b) => qualities[b]! - qualities[a]! || a - b);
}

/** What a left-out pair is like. */
interface Found {
  /** The pair that stays. */
  keeper: number;
  percent: number;
  isSame: boolean;
  scope: DuplicateScope;
}

/** Takes all members in their order and says of each which kept one it is like. */
function findAll(
  scopes: readonly ScopeIndex[],
  order: Uint32Array,
  signal: AbortSignal | undefined,
): (member: number) => Found | undefined {
  // One more than the keeper, so that 0 is none.
  const keepers = new Uint32Array(order.length);
  const percents = new Uint8Array(order.length);
  // Number of the scope, and 128 where it is the same text.
  const marks = new Uint8Array(order.length);
  for (const [done, member] of order.entries()) {
    if (done % 10_000 === 0) signal?.throwIfAborted();
    const near = scopes.map(({ index }) => index.nearest(member));
    const scope = near.findIndex((one) => one !== undefined);
    if (scope < 0) {
      for (const { index } of scopes) index.keep(member);
      continue;
    }
    const { member: keeper, similarity, isSame } = near[scope]!;
    keepers[member] = keeper + 1;
    percents[member] = wholePercent(similarity);
    marks[member] = scope | (isSame ? 128 : 0);
  }
  return (member) => {
    if (keepers[member] === 0) return undefined;
    const mark = marks[member]!;
    const { scope } = scopes[mark & 127]!;
    return { keeper: keepers[member]! - 1, percent: percents[member]!, isSame: mark >= 128, scope };
  };
}

function outcomeOf(pair: Pair, found: Found | undefined, ids: readonly string[]): Outcome<Pair, Pair, DuplicateReason> {
  if (!found) return { status: "accepted", id: pair.id, value: pair };
  const { keeper, scope, percent, isSame } = found;
  return rejectDuplicate(pair, { of: ids[keeper]!, over: scope, percent }, { isSame });
}

/** Pairs that are accepted one after another, for sets that grow. */
export interface KnownPairs {
  /** Takes a pair in that is like none before, and gives nothing; else the outcome that names the pair it is like. */
  take(pair: Pair): ReturnType<typeof rejectDuplicate> | undefined;
}

/**
 * What `dropDuplicates` says of pairs of equal quality, said of each as it comes: a pair depends on those before it alone. Memory holds
 * some 700 bytes a pair. Throws `bad-option`.
 */
export function knownPairs(rules: DuplicateRules = {}): KnownPairs {
  const scopes = openScopes(rules, { grows: true });
  const ids: string[] = [];
  return {
    take(pair) {
      const member = ids.push(pair.id) - 1;
      for (const { scope, index } of scopes) index.add(scopeTexts[scope](pair));
      for (const { scope, index } of scopes) {
        const near = index.nearest(member);
        if (!near) continue;
        const duplicate = { of: ids[near.member]!, over: scope, percent: wholePercent(near.similarity) };
        return rejectDuplicate(pair, duplicate, near);
      }
      for (const { index } of scopes) index.keep(member);
      return undefined;
    },
  };
}

/** Pairs that are known already, or none yet. Throws `bad-option`. */
export function knownFrom(duplicates: DuplicateRules | KnownPairs): KnownPairs {
  return "take" in duplicates ? duplicates : knownPairs(duplicates);
}

/** A text of a pair for each scope. */
const scopeTexts: Readonly<Record<DuplicateScope, (pair: Pair) => string>> = {
  question: asked,
  pair: (pair) => `${asked(pair)}\n${answerText(pair)}`,
};

/** Where pairs are compared when nothing else is said. */
const usualScopes: readonly DuplicateScope[] = ["question", "pair"];

/** The pair as an outcome that names the pair it is like. */
function rejectDuplicate(
  pair: Pair,
  duplicate: Duplicate,
  { isSame }: { isSame: boolean },
): Outcome<Pair, Pair, DuplicateReason> & { status: "rejected" } {
  const { of, over, percent } = duplicate;
  const what = over === "question" ? "the question" : "question and answer";
  return {
    status: "rejected",
    id: pair.id,
    input: { ...pair, evidence: { ...pair.evidence, duplicate } },
    reason: isSame ? "exact-duplicate" : "near-duplicate",
    detail: isSame ? `${what} of pair ${of} again` : `${what} of pair ${of} by ${percent}%`,
  };
}

/** A similarity as {@link Duplicate} has it. */
function wholePercent(similarity: number): number {
  return Math.floor(similarity * 100);
}

/** "When was it lit?" is asked in many conversations: a later turn is told by what it asks alone. */
function asked(pair: Pair): string {
  return questionWithOptions({ question: standaloneQuestion(pair), options: pair.options });
}

const worthOfLevels: Readonly<Record<string, number>> = { lexical: 1, judge: 2, proof: 3 };

/** How well a pair is verified: 3 by proof, 2 by a judge, 1 by its words, 0 where its evidence does not say. */
function verifiedAs({ evidence }: Pair): number {
  const { level } = (evidence?.verify ?? {}) as { level?: string };
  if (level !== undefined && Object.hasOwn(worthOfLevels, level)) return worthOfLevels[level]!;
  return evidence?.lexical ? 1 : 0;
}
