import type { Passage, Source } from "@rag-instruct/core";

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
