import type { Pair, Passage, Retriever, ScoredPassage, TrainingExample } from "@rag-instruct/core";
import { seededRandom } from "@rag-instruct/core";

const words =
  "river bridge keeper lamp harbour tide granite orchard ledger winter copper valley engine violin market letter tower canal meadow signal".split(
    " ",
  );

/** A passage of 40 words that no other seed repeats. */
export function madePassage(number: number): Passage {
  const random = seededRandom("passage", number);
  const text = Array.from({ length: 40 }, () => `${random.pick(words)}${random.integer(900)}`).join(" ");
  return { id: `p${number}`, title: `Title ${number}`, text: `${text}.` };
}

export function madeCorpus(size: number): Passage[] {
  return Array.from({ length: size }, (_, i) => madePassage(i));
}

/** A pair whose sources are the passages of those numbers. */
export function madePair(id: string, sources: number[], more: Partial<Pair> = {}): Pair {
  return {
    id,
    paradigm: sources.length > 1 ? "multi-doc-answer" : "single-doc-answer",
    exemplarId: `exemplar-${id}`,
    question: `What does the keeper of ${id} hold?`,
    answer: `A brass lantern of ${id}`,
    documents: sources.map(madePassage),
    model: "made",
    ...more,
  };
}

/** Ranks a corpus in an order that depends on the question alone. */
export function madeRetriever(corpus: readonly Passage[]): Retriever & { calls: { queries: number; skip: number }[] } {
  const calls: { queries: number; skip: number }[] = [];
  return {
    id: "made",
    calls,
    async retrieve(queries, { limit, skip = 0, signal }) {
      signal?.throwIfAborted();
      calls.push({ queries: queries.length, skip });
      return queries.map((query) => rankAll(corpus, query).slice(skip, limit));
    },
  };
}

export function rankAll(corpus: readonly Passage[], query: string): ScoredPassage[] {
  return seededRandom("rank", query)
    .shuffle(corpus)
    .map((passage, i) => ({ passage, score: 1 / (i + 1), rank: i + 1 }));
}

/** A sound example of ten documents, of which the first two by number are sources. */
export function madeExample(number: number, more: Partial<TrainingExample> = {}): TrainingExample {
  const documents = Array.from({ length: 10 }, (_, i) => ({
    ...madePassage(number * 10 + i),
    role: i < 2 ? ("source" as const) : ("noise" as const),
    rank: i >= 2 ? 200 + i : undefined,
  }));
  return {
    id: `e${number}`,
    paradigm: "multi-doc-answer",
    question: `What stands on the quay of port ${number}?`,
    answer: `A crane, number ${number}`,
    documents: seededRandom("order", number).shuffle(documents),
    sourceIds: [`p${number * 10}`, `p${number * 10 + 1}`],
    model: "made",
    ...more,
  };
}
