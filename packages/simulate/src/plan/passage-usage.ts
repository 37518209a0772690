import type { Passage, Source } from "@rag-instruct/core";
import type { SynthesisTask } from "./task-queue.ts";

// One bit a hash: 16 MiB whatever the number of tasks. With a million tasks one new task in a hundred is taken for one that there
// is, and gets other sources.
const hashBits = 27;
// What is still fresh at first.
const usualUses = 2;

/** How often each passage serves, and which tasks there are. Memory grows with the corpus, not with the number of tasks. */
export class PassageUsage {
  readonly #limit: number;
  #freshBelow: number;
  readonly #uses = new Map<string, number>();
  readonly #tasks = new Uint8Array(2 ** (hashBits - 3));

  /** @param limit most tasks that one passage may serve in; undefined for as few as can be */
  constructor(limit: number | undefined) {
    this.#limit = limit ?? Number.POSITIVE_INFINITY;
    this.#freshBelow = Math.min(usualUses, this.#limit);
  }

  usesOf(id: string): number {
    return this.#uses.get(id) ?? 0;
  }

  /** May serve once more. */
  isUsable({ id }: { id: string }): boolean {
    return this.usesOf(id) < this.#limit;
  }

  /** Has served little, so that it is taken before others. @param meant uses to come that are not recorded yet */
  isFresh({ id }: { id: string }, meant = 0): boolean {
    return this.usesOf(id) + meant < this.#freshBelow;
  }

  /** Lets passages count as fresh that have served once more. @returns whether the limit allows it */
  relax(): boolean {
    if (this.#freshBelow >= this.#limit) return false;
    this.#freshBelow++;
    return true;
  }

  isPlanned({ id }: SynthesisTask): boolean {
    const { byte, bit } = placeOf(id);
    return (this.#tasks[byte]! & bit) !== 0;
  }

  record({ id, documents }: SynthesisTask): void {
    const { byte, bit } = placeOf(id);
    this.#tasks[byte]! |= bit;
    for (const document of documents) this.#uses.set(document.id, this.usesOf(document.id) + 1);
  }
}

/** Task ids are hexadecimal hashes. */
function placeOf(id: string): { byte: number; bit: number } {
  const hash = Number.parseInt(id.slice(0, 8), 16) >>> (32 - hashBits);
  return { byte: hash >>> 3, bit: 1 << (hash & 7) };
}

/** What of the corpus a plan can still be made to reach. */
export interface Coverage {
  /** Passages or documents not reached yet; 0 where the counts do not allow to reach all. */
  readonly missing: number;
  /** What is missing with this passage: its own id or its document; undefined where it is reached. */
  missingWith(passage: Passage): string | undefined;
  reach(passages: readonly Passage[]): void;
}

/**
 * Counts the corpus: every passage is to be reached where there are as many places, else every document, else none in
 * particular. Holds what is missing, and reads no further than it takes to see that the places are too few.
 */
export async function planCoverage(passages: Source<Passage> | undefined, places: number): Promise<Coverage> {
  const ids = new Set<string>();
  const documents = new Set<string>();
  for await (const passage of passages ?? []) {
    if (ids.size <= places) ids.add(passage.id);
    documents.add(documentOf(passage));
    if (documents.size > places) break;
  }
  const byPassage = ids.size <= places;
  const missing = byPassage ? ids : documents.size <= places ? documents : new Set<string>();
  const keyOf = byPassage ? ({ id }: Passage) => id : documentOf;
  return {
    get missing() {
      return missing.size;
    },
    missingWith(passage) {
      const key = keyOf(passage);
      return missing.has(key) ? key : undefined;
    },
    reach(reached) {
      for (const passage of reached) missing.delete(keyOf(passage));
    },
  };
}

/** The document that a passage is of: its file and title, or without a title its id up to the number of the passage. */
function documentOf({ id, title, metadata }: Passage): string {
  const file = typeof metadata?.source === "string" ? metadata.source : "";
  return title === "" && file === "" ? id.replace(/#\d+$/, "") : JSON.stringify([file, title]);
}

/** Goes through a corpus round and round. */
export interface CorpusWalk {
  /** The next passage that fits; undefined where none does in a whole round. */
  next(fits: (passage: Passage) => boolean): Promise<Passage | undefined>;
  close(): Promise<void>;
}

/** Opens the corpus when it is first needed, and again at its end. */
export function walkCorpus(passages: (() => Source<Passage>) | undefined): CorpusWalk {
  let iterator: AsyncIterator<Passage> | undefined;
  return {
    async next(fits) {
      for (let ends = 0; passages && ends < 2; ) {
        iterator ??= (async function* () {
          yield* passages();
        })();
        const { done, value } = await iterator.next();
        if (done) {
          ends++;
          iterator = undefined;
        } else if (fits(value)) return value;
      }
      return undefined;
    },
    async close() {
      await iterator?.return?.();
      iterator = undefined;
    },
  };
}
