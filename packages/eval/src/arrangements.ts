import { containsAnswer, type Passage, RagInstructError, seededRandom } from "@rag-instruct/core";
import type { EvalItem } from "./item.ts";

/** Changes the paragraphs of an item before they are shown. */
export type Arrangement = (documents: readonly Passage[], item: EvalItem) => readonly Passage[];

/** Only the first so many. */
export function firstDocuments(count: number): Arrangement {
  return (documents) => documents.slice(0, count);
}

/** The best last. */
export function reversedDocuments(): Arrangement {
  return (documents) => documents.toReversed();
}

/** In random order, the same for an item whatever else runs. */
export function shuffledDocuments({ seed = 1 }: { seed?: number | string } = {}): Arrangement {
  return (documents, item) => seededRandom(seed, "shuffle", item.id).shuffle(documents);
}

/**
 * So many of the last paragraphs give way to documents drawn from a pool, none of which holds a gold answer; then all are
 * shuffled. The number of paragraphs stays. Throws `corpus-too-small` when the pool has too few.
 */
export function noisyDocuments({
  pool,
  count,
  seed = 1,
}: {
  pool: readonly Passage[];
  count: number;
  seed?: number | string;
}): Arrangement {
  return (documents, item) => {
    const random = seededRandom(seed, "noise", item.id);
    const wanted = Math.min(count, documents.length);
    const kept = documents.slice(0, documents.length - wanted);
    const taken = new Set(documents.map(({ id }) => id));
    const noise: Passage[] = [];
    for (const at of drawOrder(pool.length, random.integer)) {
      if (noise.length === wanted) break;
      const candidate = pool[at]!;
      if (taken.has(candidate.id) || item.golds.some((gold) => containsAnswer(candidate.text, gold))) continue;
      taken.add(candidate.id);
      noise.push(candidate);
    }
    if (noise.length < wanted) {
      throw new RagInstructError(
        "corpus-too-small",
        `the pool has ${noise.length} documents without an answer to item ${item.id}, ${wanted} are asked for; give a larger pool`,
      );
    }
    return random.shuffle([...kept, ...noise]);
  };
}

/** Without the paragraphs that hold a gold answer: what is left can be answered from memory alone. */
export function documentsWithoutAnswer(): Arrangement {
  return (documents, item) =>
    documents.filter(
      ({ title, text }) => !item.golds.some((gold) => containsAnswer(text, gold) || containsAnswer(title, gold)),
    );
}

/** Places in random order, drawn one by one, so that a pool of millions is not shuffled for ten documents. */
function* drawOrder(length: number, integer: (below: number) => number): Generator<number> {
  const moved = new Map<number, number>();
  for (let end = length; end > 0; end--) {
    const at = integer(end);
    yield moved.get(at) ?? at;
    moved.set(at, moved.get(end - 1) ?? end - 1);
  }
}
