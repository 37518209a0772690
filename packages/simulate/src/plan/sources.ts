import { hashOf, type Passage, type Retriever, type SeededRandom, type Source } from "@rag-instruct/core";
import { type Anchors, queryFor, sampleAnchors } from "./anchors.ts";
import { type CorpusWalk, type Coverage, walkCorpus } from "./coverage.ts";
import type { Turn } from "./exemplar-turns.ts";
import type { Place } from "./places.ts";
import type { SynthesisTask } from "./task.ts";
import type { UseBook } from "./use-book.ts";

/** A place with its exemplar, and whether its sources are to reach a part of the corpus that is still missing. */
export interface Slot {
  place: Place;
  turn: Turn;
  isForCoverage: boolean;
}

/** Options of {@link openSources}. */
export interface SourcesOptions {
  retriever: Retriever;
  depth: number;
  passages: (() => Source<Passage>) | undefined;
  seed: number;
  book: UseBook;
  coverage: Coverage;
  signal: AbortSignal | undefined;
}

/** Finds passages for the places of a plan. */
export interface Sources {
  /** For each place the passages to choose from, best first. */
  rank(slots: readonly Slot[]): Promise<Passage[][]>;
  close(): Promise<void>;
}

/** What the places ranked together have been given, and is not recorded yet. */
interface Dealt {
  /** Missing parts of the corpus that are to be reached. */
  aimedAt: Set<string>;
  /** How often a passage is an anchor. */
  dealt: Map<string, number>;
}

/**
 * Passages are retrieved for the exemplar; where that finds too few that may still serve, they gather around an anchor drawn from
 * the corpus, and around one that is still missing where the plan is to reach it.
 */
export function openSources({ retriever, depth, passages, seed, book, coverage, signal }: SourcesOptions): Sources {
  const anchors: Anchors = sampleAnchors(passages, seed);
  const walk: CorpusWalk = walkCorpus(passages);
  const isUsable = (passage: Passage) => book.isUsable(passage);
  let isSampleWorn = false;
  let isExhausted = passages === undefined;

  async function retrieve(queries: readonly string[]): Promise<Map<string, Passage[]>> {
    const distinct = [...new Set(queries)];
    if (distinct.length === 0) return new Map();
    const found = await retriever.retrieve(distinct, { limit: depth, signal });
    return new Map(distinct.map((query, i) => [query, found[i]!.map(({ passage }) => passage)]));
  }
  async function anchorFor({ isForCoverage }: Slot, { aimedAt, dealt }: Dealt): Promise<Passage | undefined> {
    const isAim = (passage: Passage) => {
      const key = coverage.missingWith(passage);
      return key !== undefined && !aimedAt.has(key) && isUsable(passage);
    };
    const aim = isForCoverage ? await walk.next(isAim) : undefined;
    if (aim) aimedAt.add(coverage.missingWith(aim)!);
    return aim ?? (isExhausted ? undefined : await anyAnchor(dealt));
  }
  /** A fresh passage; what counts as fresh is relaxed once the whole corpus has none, so that it is not walked for every place. */
  async function anyAnchor(dealt: Dealt["dealt"]): Promise<Passage | undefined> {
    const isFresh = (passage: Passage) => book.isFresh(passage, dealt.get(passage.id));
    do {
      const drawn = isSampleWorn ? undefined : await anchors.next(isFresh);
      // What is worn stays so until the book is relaxed.
      isSampleWorn = drawn === undefined;
      const anchor = drawn ?? (await walk.next(isFresh));
      if (anchor) {
        dealt.set(anchor.id, (dealt.get(anchor.id) ?? 0) + 1);
        return anchor;
      }
      isSampleWorn = false;
    } while (book.relax());
    isExhausted = true;
    return undefined;
  }
  return {
    async rank(slots) {
      const asked = slots.filter(({ turn }) => !turn.bringsDocuments);
      const found = await retrieve(asked.map(({ turn }) => turn.exemplar.question));
      const rankings = slots.map(({ turn }) => (turn.bringsDocuments ? [] : found.get(turn.exemplar.question)!));
      const together: Dealt = { aimedAt: new Set(), dealt: new Map() };
      const anchored: { at: number; anchor: Passage }[] = [];
      for (const [at, slot] of slots.entries()) {
        const fresh = rankings[at]!.filter((passage) => book.isFresh(passage)).length;
        if (slot.turn.bringsDocuments) continue;
        const isServed = fresh >= slot.place.paradigm.documents.max && slot.place.tries === 0;
        if (isServed && !slot.isForCoverage) continue;
        const anchor = await anchorFor(slot, together);
        if (anchor) anchored.push({ at, anchor });
      }
      const needNear = anchored.filter(({ at }) => slots[at]!.place.paradigm.documents.max > 1);
      const near = await retrieve(needNear.map(({ anchor }) => queryFor(anchor)));
      for (const { at, anchor } of anchored) {
        const around = [anchor, ...(near.get(queryFor(anchor)) ?? [])];
        const retrieved = rankings[at]!;
        rankings[at] = distinct(slots[at]!.isForCoverage ? [...around, ...retrieved] : [...retrieved, ...around]);
      }
      return rankings;
    },
    close: () => walk.close(),
  };
}

/** The task with the best sources that is not planned yet, or undefined where the ranking gives none. */
export function chooseTask(
  { place, turn }: Slot,
  ranking: readonly Passage[],
  { book, random }: { book: UseBook; random: SeededRandom },
): SynthesisTask | undefined {
  if (turn.bringsDocuments) return makeTask(place, turn, turn.exemplar.documents!);
  const { min, max } = place.paradigm.documents;
  const usable = ranking.filter((passage) => book.isUsable(passage));
  if (usable.length < min) return undefined;
  const count = min + random.integer(Math.min(max, usable.length) - min + 1);
  const worn = usable.filter((passage) => !book.isFresh(passage));
  worn.sort((a, b) => book.usesOf(a.id) - book.usesOf(b.id));
  const ordered = [...usable.filter((passage) => book.isFresh(passage)), ...worn];
  for (let from = 0; from + count <= ordered.length; from++) {
    const task = makeTask(place, turn, ordered.slice(from, from + count));
    if (!book.isPlanned(task)) return task;
  }
  return undefined;
}

function makeTask({ paradigm, reserve }: Place, { exemplar }: Turn, documents: Passage[]): SynthesisTask {
  const id = hashOf([paradigm.id, paradigm.version, exemplar.id, documents.map((document) => document.id)]);
  return { id, paradigm: paradigm.id, exemplar, documents, reserve };
}

function distinct(passages: readonly Passage[]): Passage[] {
  return [...new Map(passages.map((passage) => [passage.id, passage])).values()];
}
