import {
  type Exemplar,
  hashOf,
  type Passage,
  RagInstructError,
  type Retriever,
  type SeededRandom,
  type Source,
  seededRandom,
} from "@rag-instruct/core";
import type { Paradigm } from "@rag-instruct/paradigms";
import type { Turn } from "./exemplar-rotation.ts";
import { type CorpusWalk, type Coverage, type PassageUsage, walkCorpus } from "./passage-usage.ts";
import type { SynthesisTask } from "./task-queue.ts";

/** A place in the plan, before it has an exemplar and sources. */
export interface Place {
  paradigm: Paradigm;
  reserve: boolean;
  /** Exemplars tried for it without finding sources, and the last of them. */
  tries: number;
  tried?: Turn;
}

/** A place that no sources were found for, and why. */
export interface UnplannedPlace {
  paradigm: string;
  /** Undefined where no exemplar is left. */
  exemplar?: Exemplar;
  detail: string;
}

/** A place with its exemplar, and whether its sources are to reach a part of the corpus that is still missing. */
export interface Slot {
  place: Place;
  turn: Turn;
  isForCoverage: boolean;
}

/** Options of {@link openSources}. */
interface SourcesOptions {
  retriever: Retriever;
  depth: number;
  passages: (() => Source<Passage>) | undefined;
  seed: number;
  usage: PassageUsage;
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
interface BatchUse {
  /** Missing parts of the corpus that are to be reached. */
  aimedAt: Set<string>;
  /** How often a passage is an anchor. */
  anchorUses: Map<string, number>;
}

/**
 * Passages are retrieved for the exemplar; where that finds too few that may still serve, they gather around an anchor drawn from
 * the corpus, and around one that is still missing where the plan is to reach it.
 */
export function openSources({ retriever, depth, passages, seed, usage, coverage, signal }: SourcesOptions): Sources {
  const anchors: Anchors = sampleAnchors(passages, seed);
  const fittingAnchors = new Map<string, FittingAnchors>();
  const walk: CorpusWalk = walkCorpus(passages);
  const isUsable = (passage: Passage) => usage.isUsable(passage);
  let isSampleUsedUp = false;
  let isExhausted = passages === undefined;

  async function retrieve(queries: readonly string[]): Promise<Map<string, Passage[]>> {
    const distinct = [...new Set(queries)];
    if (distinct.length === 0) return new Map();
    const found = await retriever.retrieve(distinct, { limit: depth, signal });
    return new Map(distinct.map((query, i) => [query, found[i]!.map(({ passage }) => passage)]));
  }
  /** A passage around which a paradigm that chooses its passages finds them. */
  async function fittingAnchor(paradigm: ChoosingParadigm): Promise<Passage | undefined> {
    if (!passages) return undefined;
    const known =
      fittingAnchors.get(paradigm.id) ??
      new FittingAnchors(paradigm, {
        sample: await drawSample(passages(), seed, (passage) => paradigm.fits([passage])),
        near: nearTo,
      });
    fittingAnchors.set(paradigm.id, known);
    return known.next(isUsable);
  }
  async function nearTo(anchors: readonly Passage[]): Promise<Passage[][]> {
    const found = await retrieve(anchors.map(queryFor));
    return anchors.map((anchor) => found.get(queryFor(anchor))!);
  }
  async function anchorFor(
    { place, isForCoverage }: Slot,
    { aimedAt, anchorUses }: BatchUse,
  ): Promise<Passage | undefined> {
    if (isChoosing(place.paradigm)) return fittingAnchor(place.paradigm);
    const isAim = (passage: Passage) => {
      const key = coverage.missingWith(passage);
      return key !== undefined && !aimedAt.has(key) && isUsable(passage);
    };
    const aim = isForCoverage ? await walk.next(isAim) : undefined;
    if (aim) aimedAt.add(coverage.missingWith(aim)!);
    return aim ?? (isExhausted ? undefined : await anyAnchor(anchorUses));
  }
  /** A fresh passage; what counts as fresh is relaxed once the whole corpus has none, so that it is not walked for every place. */
  async function anyAnchor(anchorUses: BatchUse["anchorUses"]): Promise<Passage | undefined> {
    const isFresh = (passage: Passage) => usage.isFresh(passage, anchorUses.get(passage.id));
    do {
      const drawn = isSampleUsedUp ? undefined : await anchors.next(isFresh);
      // A sample that is used up stays so until the limit is relaxed.
      isSampleUsedUp = drawn === undefined;
      const anchor = drawn ?? (await walk.next(isFresh));
      if (anchor) {
        anchorUses.set(anchor.id, (anchorUses.get(anchor.id) ?? 0) + 1);
        return anchor;
      }
      isSampleUsedUp = false;
    } while (usage.relax());
    isExhausted = true;
    return undefined;
  }
  return {
    async rank(slots) {
      const asked = slots.filter(({ turn }) => !turn.bringsDocuments);
      const found = await retrieve(asked.map(({ turn }) => turn.exemplar.question));
      const rankings = slots.map(({ turn }) => (turn.bringsDocuments ? [] : found.get(turn.exemplar.question)!));
      const together: BatchUse = { aimedAt: new Set(), anchorUses: new Map() };
      const anchored: { at: number; anchor: Passage }[] = [];
      for (const [at, slot] of slots.entries()) {
        const { documents, fits } = slot.place.paradigm;
        const fresh = rankings[at]!.filter((passage) => usage.isFresh(passage) && (fits?.([passage]) ?? true)).length;
        if (slot.turn.bringsDocuments) continue;
        const isServed = fresh >= documents.max && slot.place.tries === 0;
        if (isServed && !slot.isForCoverage) continue;
        const anchor = await anchorFor(slot, together);
        if (anchor) anchored.push({ at, anchor });
      }
      const needNear = anchored.filter(({ at }) => slots[at]!.place.paradigm.documents.max > 1);
      const near = await retrieve(needNear.map(({ anchor }) => queryFor(anchor)));
      for (const { at, anchor } of anchored) {
        const around = [anchor, ...(near.get(queryFor(anchor)) ?? [])];
        const retrieved = rankings[at]!;
        const isAim = slots[at]!.isForCoverage || isChoosing(slots[at]!.place.paradigm);
        rankings[at] = distinct(isAim ? [...around, ...retrieved] : [...retrieved, ...around]);
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
  { usage, random }: { usage: PassageUsage; random: SeededRandom },
): SynthesisTask | undefined {
  if (turn.bringsDocuments) return makeTask(place, turn.exemplar, turn.exemplar.documents!);
  const { documents, fits } = place.paradigm;
  const { min, max } = documents;
  const usable = ranking.filter((passage) => usage.isUsable(passage));
  if (usable.length < min) return undefined;
  const count = min + random.integer(Math.min(max, usable.length) - min + 1);
  const used = usable.filter((passage) => !usage.isFresh(passage));
  used.sort((a, b) => usage.usesOf(a.id) - usage.usesOf(b.id));
  const ordered = [...usable.filter((passage) => usage.isFresh(passage)), ...used];
  for (const group of groupsOf(ordered, { count, fits })) {
    const task = makeTask(place, turn.exemplar, group);
    if (!usage.isPlanned(task)) return task;
  }
  return undefined;
}

function isChoosing(paradigm: Paradigm): paradigm is ChoosingParadigm {
  return paradigm.fits !== undefined;
}

/** A task of a place, by what it is made of. */
export function makeTask(
  { paradigm, reserve }: Pick<Place, "paradigm" | "reserve">,
  exemplar: Exemplar,
  documents: Passage[],
): SynthesisTask {
  const id = hashOf([paradigm.id, paradigm.version, exemplar.id, documents.map((document) => document.id)]);
  return { id, paradigm: paradigm.id, exemplar, documents, reserve };
}

function distinct(passages: readonly Passage[]): Passage[] {
  return [...new Map(passages.map((passage) => [passage.id, passage])).values()];
}

const maxAnchors = 10_000;

/** Passages drawn from all over a corpus, one after another. */
interface Anchors {
  /** The next passage of the sample that fits; undefined where none does any more. */
  next(suits: (passage: Passage) => boolean): Promise<Passage | undefined>;
}

/**
 * A uniform sample of the corpus by reservoir (Vitter 1985, algorithm R), drawn when the first anchor is asked for and
 * given out in turn. Without passages there are no anchors.
 */
function sampleAnchors(passages: (() => Source<Passage>) | undefined, seed: number): Anchors {
  let sample: Promise<Passage[]> | undefined;
  let given = 0;
  return {
    async next(suits) {
      if (!passages) return undefined;
      sample ??= drawSample(passages(), seed);
      const drawn = await sample;
      for (let tried = 0; tried < drawn.length; tried++) {
        const passage = drawn[given++ % drawn.length]!;
        if (suits(passage)) return passage;
      }
      return undefined;
    },
  };
}

async function drawSample(
  passages: Source<Passage>,
  seed: number,
  fits: (passage: Passage) => boolean = () => true,
): Promise<Passage[]> {
  const random = seededRandom(seed, "anchors");
  const sample: Passage[] = [];
  let isEmpty = true;
  let seen = 0;
  for await (const passage of passages) {
    isEmpty = false;
    if (!fits(passage)) continue;
    const place = random.integer(++seen);
    if (sample.length < maxAnchors) sample.push(passage);
    else if (place < maxAnchors) sample[place] = passage;
  }
  if (isEmpty) throw new RagInstructError("corpus-empty", "there are no passages to plan with; ingest documents first");
  return random.shuffle(sample);
}

/** What finds the passages around an anchor: its title and the first words of its text. */
function queryFor({ title, text }: Passage): string {
  return `${title} ${text.split(/\s+/).slice(0, 30).join(" ")}`.trim();
}

/** A paradigm that chooses its passages. */
type ChoosingParadigm = Paradigm & Required<Pick<Paradigm, "fits">>;

/** Where its passages are looked for. */
interface Surroundings {
  /** Passages that may each be one of them. */
  sample: readonly Passage[];
  /** The passages nearest to each of some. */
  near(anchors: readonly Passage[]): Promise<Passage[][]>;
}

// Passages whose surroundings are looked at in one call of the retriever.
const testedAtOnce = 64;

/** The passages of a corpus around which a paradigm finds what fits it. They take turns, since they may be few. */
class FittingAnchors {
  readonly #paradigm: ChoosingParadigm;
  readonly #surroundings: Surroundings;
  readonly #found: Passage[] = [];
  #tested = 0;
  #given = 0;

  constructor(paradigm: ChoosingParadigm, surroundings: Surroundings) {
    this.#paradigm = paradigm;
    this.#surroundings = surroundings;
  }

  /** The next one that may serve, those first that have not yet; undefined where there is none. */
  async next(isUsable: (passage: Passage) => boolean): Promise<Passage | undefined> {
    for (let tried = 0; ; tried++) {
      while (this.#given >= this.#found.length && this.#tested < this.#surroundings.sample.length) await this.#test();
      if (tried >= this.#found.length) return undefined;
      const anchor = this.#found[this.#given++ % this.#found.length]!;
      if (isUsable(anchor)) return anchor;
    }
  }

  async #test(): Promise<void> {
    const { sample, near } = this.#surroundings;
    const { documents, fits } = this.#paradigm;
    const batch = sample.slice(this.#tested, this.#tested + testedAtOnce);
    this.#tested += batch.length;
    const around = documents.min > 1 ? await near(batch) : [];
    const group = (anchor: Passage, i: number) =>
      fittingGroup([anchor, ...(around[i] ?? [])], { count: documents.min, fits });
    this.#found.push(...batch.filter((anchor, i) => group(anchor, i).length === documents.min));
  }
}

/** Groups of so many passages that may serve a paradigm together, those of the first passages first. */
export function* groupsOf(
  passages: readonly Passage[],
  { count, fits }: Pick<Paradigm, "fits"> & { count: number },
): Generator<Passage[]> {
  for (let from = 0; from + count <= passages.length; from++) {
    const group = fits ? fittingGroup(passages.slice(from), { count, fits }) : passages.slice(from, from + count);
    if (group.length === count) yield group;
  }
}

/** The first passage with the next ones that fit it, so many together; fewer where there are none. */
function fittingGroup(
  passages: readonly Passage[],
  { count, fits }: Pick<ChoosingParadigm, "fits"> & { count: number },
): Passage[] {
  const [first, ...others] = passages;
  if (!first || !fits([first])) return [];
  const group = [first];
  for (const passage of others) {
    if (group.length === count) break;
    const isNew = group.every(({ id }) => id !== passage.id);
    if (isNew && fits([...group, passage])) group.push(passage);
  }
  return group;
}
