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
import { paradigms as builtinParadigms, type Paradigm, paradigmById } from "@rag-instruct/paradigms";

/** One pair to write: an exemplar, a paradigm and the source documents. */
export interface SynthesisTask {
  /** Hash of everything below but `reserve`. */
  id: string;
  paradigm: string;
  exemplar: Exemplar;
  /** The source documents D*. */
  documents: Passage[];
  /** Drawn only when another task of its paradigm is rejected. */
  reserve: boolean;
}

/** Options of {@link planTasks}. */
export interface PlanOptions {
  exemplars: Source<Exemplar>;
  retriever: Retriever;
  /** Pairs wanted by paradigm. */
  counts: Readonly<Record<string, number>>;
  /** The paradigms there are. @default the five of the method */
  paradigms?: Readonly<Record<string, Paradigm>>;
  /** @default 1 */
  seed?: number;
  /** Reserve tasks as a share of the count, at least two a paradigm. @default 0.5 */
  reserve?: number;
  /** Ranking depth searched for source documents. @default 50 */
  depth?: number;
  /** Most tasks that one passage serves in, as long as the ranking has others. @default 2 */
  maxUses?: number;
  /** Called for each planned place that retrieval found too few passages for; a reserve takes it. */
  onUnplanned?: (place: { paradigm: string; exemplar: Exemplar; detail: string }) => void;
  signal?: AbortSignal;
}

interface Slot {
  paradigm: Paradigm;
  exemplar: Exemplar;
  reserve: boolean;
}

const exemplarsPerRetrieval = 64;

/**
 * Plans exactly the tasks asked for: exemplars take turns over the paradigms, balanced over their datasets, and each gets
 * source documents retrieved for it, spread over the corpus. First come all wanted tasks, then the reserves; the order and
 * every choice depend on the seed alone. Throws `unknown-paradigm`, `bad-option`, `bad-input` when there are no exemplars,
 * and `corpus-too-small` when retrieval finds too few passages for every place of a paradigm.
 */
export async function* planTasks(options: PlanOptions): AsyncGenerator<SynthesisTask> {
  const {
    retriever,
    counts,
    paradigms = builtinParadigms,
    seed = 1,
    reserve = 0.5,
    depth = 50,
    maxUses = 2,
    signal,
  } = options;
  const wanted = readCounts(counts, paradigms);
  const exemplars = balance(await Array.fromAsync(options.exemplars), seed);
  if (exemplars.length === 0)
    throw new RagInstructError("bad-input", "there are no exemplars to plan with; give at least one");
  const slots = [...fillSlots(wanted, exemplars, reserve)];
  const uses = new Map<string, number>();
  const planned = new Set<string>();
  const met = new Set<string>();

  for (let from = 0; from < slots.length; from += exemplarsPerRetrieval) {
    const batch = slots.slice(from, from + exemplarsPerRetrieval);
    const rankings = await rankFor(batch, { retriever, depth, signal });
    for (const [i, slot] of batch.entries()) {
      const random = seededRandom(seed, "plan", from + i);
      const task = planOne(slot, rankings[i]!, { uses, maxUses, random, planned });
      if (!task) {
        const detail = `retrieval finds fewer than ${slot.paradigm.documents.min} unused passages`;
        options.onUnplanned?.({ paradigm: slot.paradigm.id, exemplar: slot.exemplar, detail });
        continue;
      }
      planned.add(task.id);
      met.add(task.paradigm);
      for (const { id } of task.documents) uses.set(id, (uses.get(id) ?? 0) + 1);
      yield task;
    }
  }
  for (const [{ id, documents }, count] of wanted) {
    if (count === 0 || met.has(id)) continue;
    throw new RagInstructError(
      "corpus-too-small",
      `paradigm ${id} needs ${documents.min} passages and retrieval never finds so many; add documents or exemplars that fit them`,
    );
  }
}

function readCounts(
  counts: Readonly<Record<string, number>>,
  paradigms: Readonly<Record<string, Paradigm>>,
): [Paradigm, number][] {
  return Object.entries(counts).map(([id, count]) => {
    if (!Number.isInteger(count) || count < 0) {
      throw new RagInstructError("bad-option", `the count of ${id} must be a whole number from 0, not ${count}`);
    }
    return [paradigmById(id, paradigms), count];
  });
}

/** Shuffles within each dataset and deals the datasets out in turn, so that a large one does not crowd out a small one. */
function balance(exemplars: readonly Exemplar[], seed: number): Exemplar[] {
  const bySource = Map.groupBy(exemplars, ({ source }) => source);
  const piles = [...bySource].map(([source, pile]) => seededRandom(seed, "exemplars", source).shuffle(pile));
  const longest = Math.max(0, ...piles.map(({ length }) => length));
  return Array.from({ length: longest }, (_, i) => piles.flatMap((pile) => pile[i] ?? [])).flat();
}

function* fillSlots(
  wanted: readonly [Paradigm, number][],
  exemplars: readonly Exemplar[],
  reserve: number,
): Generator<Slot> {
  const own = Map.groupBy(exemplars, ({ paradigm }) => paradigm ?? "");
  const free = own.get("") ?? [];
  let next = 0;
  for (const inReserve of [false, true]) {
    const left = wanted.map(([paradigm, count]) => ({
      paradigm,
      count: inReserve ? (count === 0 ? 0 : Math.max(2, Math.ceil(count * reserve))) : count,
      pool: own.get(paradigm.id) ?? [],
      skip: inReserve ? count : 0,
    }));
    for (let round = 0; left.some(({ count }) => round < count); round++) {
      for (const { paradigm, count, pool, skip } of left) {
        if (round >= count) continue;
        const exemplar = pool[round + skip] ?? free[next++ % free.length];
        if (exemplar) yield { paradigm, exemplar, reserve: inReserve };
      }
    }
  }
}

async function rankFor(
  slots: readonly Slot[],
  options: { retriever: Retriever; depth: number; signal: AbortSignal | undefined },
): Promise<Passage[][]> {
  const { retriever, depth, signal } = options;
  const questions = slots.map(({ exemplar }) => (exemplar.documents ? "" : exemplar.question));
  const asked = questions.filter((question) => question !== "");
  const found =
    asked.length > 0 ? await retriever.retrieve(asked, { limit: depth, ...(signal ? { signal } : {}) }) : [];
  let next = 0;
  return questions.map((question) => (question === "" ? [] : found[next++]!.map(({ passage }) => passage)));
}

interface Choice {
  uses: ReadonlyMap<string, number>;
  maxUses: number;
  random: SeededRandom;
  planned: ReadonlySet<string>;
}

/** The task with the best sources that is not planned yet, or undefined where the ranking gives none. */
function planOne(
  slot: Slot,
  ranking: readonly Passage[],
  { uses, maxUses, random, planned }: Choice,
): SynthesisTask | undefined {
  const { exemplar, paradigm } = slot;
  if (exemplar.documents) {
    const task = makeTask(slot, exemplar.documents);
    return planned.has(task.id) ? undefined : task;
  }
  const { min, max } = paradigm.documents;
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
