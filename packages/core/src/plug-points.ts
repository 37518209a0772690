import { RagInstructError } from "./errors.ts";
import type { Passage, ScoredPassage } from "./types.ts";

/** Row-major vectors: row `i` is `data.subarray(i * dimensions, (i + 1) * dimensions)`. */
export interface Vectors {
  data: Float32Array;
  count: number;
  dimensions: number;
}

/** Vectors of texts. */
export interface EmbeddedTexts extends Vectors {
  /** Texts of which only the beginning was embedded, because they are longer than the model takes; undefined where it cannot be told. */
  cut?: number;
}

/** The best rows for each query: `rows[q * limit + k]` is the k-th best row of query q, or -1 where there is none. */
export interface Hits {
  queries: number;
  limit: number;
  rows: Int32Array;
  /** Scores in the same places; -Infinity where the row is -1. */
  scores: Float32Array;
}

/** Released by `close()` or by `await using`. Closing twice is allowed. */
export interface Closable extends AsyncDisposable {
  close(): Promise<void>;
}

/** Turns texts to vectors. */
export interface Embedder {
  /** Names model, revision, pooling and normalisation: vectors of two embedders mix only when the ids are equal. */
  id: string;
  dimensions: number;
  /** Tokens of a text that are read; what is beyond is cut off. Undefined where it is not known. */
  maxTokens?: number;
  /** One row a text, in the order of the texts. */
  embed(texts: readonly string[], options: { kind: "query" | "passage"; signal?: AbortSignal }): Promise<EmbeddedTexts>;
  /**
   * Told of texts that are not embedded again because their vectors are there, in the parts in which `embed` was given them: what was
   * paid for them counts among what the run rests on. @default nothing was paid for
   */
  reuse?(texts: readonly string[], options: { kind: "query" | "passage" }): Promise<void>;
}

/** Finds the nearest vectors by inner product. */
export interface VectorIndex {
  embedderId: string;
  /** SHA-256 over the passages' ids in the order of the rows, each with a newline behind it, where it is known. */
  corpus?: string;
  /** Number of vectors. */
  size: number;
  /** The passage id of a row. */
  idOf(row: number): string;
  search(queries: Vectors, options: { limit: number; signal?: AbortSignal }): Promise<Hits>;
}

/** Ranks passages for questions, in batches. */
export interface Retriever {
  id: string;
  /**
   * @param options.limit depth of the ranking
   * @param options.skip leading ranks whose passages are not read and not returned; `rank` still counts from the top
   * @returns one list a query, in the order of the queries, best first; shorter than asked when the corpus is
   */
  retrieve(
    queries: readonly string[],
    options: { limit: number; skip?: number; signal?: AbortSignal },
  ): Promise<ScoredPassage[][]>;
}

/** Holds a corpus. */
export interface PassageStore {
  /** Number of passages. */
  size: number;
  /** The passages in the order of the ids. Throws `passage-missing` and names the ids that are not there. */
  get(ids: readonly string[]): Promise<Passage[]>;
  /** Every passage in the order of insertion, in constant memory. */
  all(): AsyncIterable<Passage>;
}

/** Admits calls at the rate that endpoints allow: in memory, or shared by many processes. */
export interface Limiter {
  /**
   * Waits until a call of about `tokens` tokens may start; every attempt is one. `onWait` is told the milliseconds before a wait for
   * a limit that the endpoint has stated. Where it gives false they are too many to be believed without a refusal: then a call starts
   * as soon as no other of its model is under way. What it throws ends the wait.
   * @returns to be released when the call has ended, with what it really took where that is known
   */
  acquire(options: {
    tokens: number;
    model?: string;
    signal?: AbortSignal;
    onWait?: (milliseconds: number) => boolean;
  }): Promise<{ release(used?: { tokens: number }): void }>;
  /**
   * Takes note of what the endpoint says of its limits.
   * @param options.sentAt when the call that is answered set out, on the clock of `performance.now()`
   */
  observe?(headers: Readonly<Record<string, string>>, options?: { model?: string; sentAt?: number }): void;
}

/** What a long operation says of itself while it runs. */
export interface Progress {
  /** The stage, such as `ingest`. */
  stage: string;
  /** Items finished so far. */
  done: number;
  /** Of these, items that took no work now, such as those of an earlier run: they say nothing of the rate. @default 0 */
  kept?: number;
  /** Items in all, where that is known. */
  total?: number;
  /** What of the items is counted, such as `accepted`. @default finished ones */
  unit?: string;
  /** A few words more, such as the file being read. */
  note?: string;
}

/** Takes progress in; must return quickly and not throw. */
export type OnProgress = (progress: Progress) => void;

/** Where passages are read from: a store, or simply a list of them. */
export type PassageSource<Store = PassageStore> = Store | readonly Passage[];

/**
 * A store over passages in memory. Throws `duplicate-id` where two of them have the same id.
 * @example
 * const store = memoryPassages([{ id: "1", title: "Bridges", text: "The harbour bridge was opened in 1932." }]);
 * await store.get(["1"]);
 */
export function memoryPassages(passages: readonly Passage[]): PassageStore {
  const byId = new Map<string, Passage>();
  for (const passage of passages) {
    if (byId.has(passage.id)) throw new RagInstructError("duplicate-id", `passage id ${passage.id} occurs twice`);
    byId.set(passage.id, passage);
  }
  return {
    size: byId.size,
    async get(ids) {
      const missing = ids.filter((id) => !byId.has(id));
      if (missing.length > 0) throw passagesMissing(missing);
      return ids.map((id) => byId.get(id)!);
    },
    async *all() {
      yield* byId.values();
    },
  };
}

/** The store itself, or one over the list, as {@link memoryPassages} makes it. */
export function passageStoreOf<Store extends Pick<PassageStore, "get"> = PassageStore>(
  source: PassageSource<Store>,
): Store | PassageStore {
  return "get" in source ? source : memoryPassages(source);
}

const maxNamed = 5;

function passagesMissing(ids: readonly string[]): RagInstructError {
  const more = ids.length > maxNamed ? ` and ${ids.length - maxNamed} more` : "";
  const named = ids.slice(0, maxNamed).join(", ");
  return new RagInstructError("passage-missing", `there is no passage with the id ${named}${more}`);
}
