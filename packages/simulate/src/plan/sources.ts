import { hashOf, type Passage, type Retriever, type SeededRandom } from "@rag-instruct/core";
import { type Anchors, queryFor } from "./anchors.ts";
import type { Slot } from "./slots.ts";
import type { SynthesisTask } from "./task.ts";

interface Search {
  retriever: Retriever;
  depth: number;
  anchors: Anchors;
  signal: AbortSignal | undefined;
}

/**
 * Passages for each place, best first: retrieved for the exemplar; where that finds too few, for an anchor drawn from the
 * corpus. Exemplars that bring their documents get none.
 */
export async function rankSources(
  slots: readonly Slot[],
  { retriever, depth, anchors, signal }: Search,
): Promise<Passage[][]> {
  const retrieve = async (queries: readonly string[]) => {
    const found =
      queries.length > 0 ? await retriever.retrieve(queries, { limit: depth, ...(signal ? { signal } : {}) }) : [];
    return found.map((ranking) => ranking.map(({ passage }) => passage));
  };
  const rankings: Passage[][] = slots.map(() => []);
  const asked = slots.flatMap(({ exemplar }, i) => (exemplar.documents ? [] : [i]));
  const found = await retrieve(asked.map((i) => slots[i]!.exemplar.question));
  for (const [n, i] of asked.entries()) rankings[i] = found[n]!;

  const short: { place: number; anchor: Passage }[] = [];
  for (const place of asked) {
    if (rankings[place]!.length >= slots[place]!.paradigm.documents.max) continue;
    const anchor = await anchors.next();
    if (anchor) short.push({ place, anchor });
  }
  const around = await retrieve(short.map(({ anchor }) => queryFor(anchor)));
  for (const [n, { place, anchor }] of short.entries()) {
    const near = around[n]!.filter(({ id }) => id !== anchor.id);
    rankings[place] = distinct([...rankings[place]!, anchor, ...near]);
  }
  return rankings;
}

/** Which sources are used up, and which tasks there are already. */
export interface Choice {
  uses: ReadonlyMap<string, number>;
  maxUses: number;
  random: SeededRandom;
  planned: ReadonlySet<string>;
}

/** The task with the best sources that is not planned yet, or undefined where the ranking gives none. */
export function chooseTask(
  slot: Slot,
  ranking: readonly Passage[],
  { uses, maxUses, random, planned }: Choice,
): SynthesisTask | undefined {
  const { exemplar, paradigm } = slot;
  const { min, max } = paradigm.documents;
  if (exemplar.documents) {
    const { length } = exemplar.documents;
    const task = makeTask(slot, exemplar.documents);
    return length < min || length > max || planned.has(task.id) ? undefined : task;
  }
  if (ranking.length < min) return undefined;
  const count = min + random.integer(Math.min(max, ranking.length) - min + 1);
  const isUsedUp = (passage: Passage) => (uses.get(passage.id) ?? 0) >= maxUses;
  const fresh = [...ranking.filter((passage) => !isUsedUp(passage)), ...ranking.filter(isUsedUp)];
  for (let from = 0; from + count <= fresh.length; from++) {
    const task = makeTask(slot, fresh.slice(from, from + count));
    if (!planned.has(task.id)) return task;
  }
  return undefined;
}

function makeTask({ paradigm, exemplar, reserve }: Slot, documents: Passage[]): SynthesisTask {
  const id = hashOf([paradigm.id, paradigm.version, exemplar.id, documents.map((document) => document.id)]);
  return { id, paradigm: paradigm.id, exemplar, documents, reserve };
}

function distinct(passages: readonly Passage[]): Passage[] {
  return [...new Map(passages.map((passage) => [passage.id, passage])).values()];
}
