import {
  amount,
  badOption,
  type Exemplar,
  type Passage,
  RagInstructError,
  type Retriever,
  type Source,
  seededRandom,
} from "@rag-instruct/core";
import { allParadigms, type Paradigm, paradigmById } from "@rag-instruct/paradigms";
import { type FilterExemplarsOptions, filterExemplars } from "../exemplars/filter-exemplars.ts";
import { rotateExemplars, takesTask } from "./exemplar-rotation.ts";
import { PassageUsage, planCoverage } from "./passage-usage.ts";
import { chooseTask, makeTask, openSources, type Place, type Slot, type UnplannedPlace } from "./sources.ts";
import type { SynthesisTask } from "./task-queue.ts";

/** Options of {@link planTasks}. */
export interface PlanOptions {
  exemplars: Source<Exemplar>;
  /** Finds source documents. Without it every exemplar must bring its own, and serves once, in the order of the data, without reserves. */
  retriever?: Retriever;
  /** Pairs wanted by paradigm. @default without a retriever one for each exemplar */
  counts?: Readonly<Record<string, number>>;
  /**
   * The corpus, opened anew for each reading. Sources gather around passages drawn from here where retrieval finds too little for
   * an exemplar, and where the plan would else miss a part of the corpus. @default none: retrieval alone
   */
  passages?: () => Source<Passage>;
  /** The paradigms there are. @default the method's five and the further ones */
  paradigms?: Readonly<Record<string, Paradigm>>;
  /** @default 1 */
  seed?: number;
  /** Reserve tasks as a share of the count, at least two a paradigm. @default 0.5 */
  reserve?: number;
  /**
   * Let exemplars that bring documents serve again, with retrieved ones, where there are too few others.
   * @default false: their places stay empty
   */
  reuse?: boolean;
  /** Ranking depth searched for source documents. @default 50 */
  depth?: number;
  /** Most tasks that one passage may serve in, but for documents that the data brings. @default none: as few as there can be */
  maxUses?: number;
  /** Called for each place that no sources were found for. Without it a wanted place that stays empty throws `corpus-too-small`. */
  onUnplanned?: (place: UnplannedPlace) => void;
  signal?: AbortSignal;
}

// Queries in one call of the retriever.
const placesAtOnce = 64;
// Exemplars that a place is offered to before it stays empty.
const maxTries = 20;

/**
 * Plans exactly the tasks asked for: exemplars take turns over the paradigms, balanced over their datasets, and each gets
 * source documents retrieved for it. Every passage of the corpus is reached where there are as many tasks, else every document where
 * there are as many. First come all wanted tasks, then the reserves; the order and every choice depend on the seed alone. Memory
 * grows with exemplars and corpus, not with the number of tasks. Throws `unknown-paradigm`, `bad-option`, `bad-input` when
 * there are no exemplars, and `corpus-too-small` when there are too few passages for a wanted place.
 */
export async function* planTasks(options: PlanOptions): AsyncGenerator<SynthesisTask> {
  const { retriever, paradigms = allParadigms, seed = 1, reserve: share = 0.5, depth = 50, maxUses, reuse } = options;
  const { passages, onUnplanned, signal } = options;
  if (maxUses !== undefined && !(maxUses >= 1)) {
    throw new RagInstructError("bad-option", `maxUses must be 1 or more, not ${maxUses}`);
  }
  const wanted = options.counts && readCounts(options.counts, paradigms);
  const exemplars = await Array.fromAsync(options.exemplars);
  if (exemplars.length === 0)
    throw new RagInstructError("bad-input", "there are no exemplars to plan with; give at least one");
  if (retriever === undefined) return yield* planBrought(exemplars, { paradigms, wanted, onUnplanned });
  if (wanted === undefined) throw new RagInstructError("bad-option", "say how many pairs are wanted: counts");
  const rotation = rotateExemplars(exemplars, { paradigms: wanted.map(([paradigm]) => paradigm), seed, reuse });
  // Paradigms that choose their passages reach no part of the corpus in particular.
  let left = wanted.reduce((sum, [{ fits }, count]) => sum + (fits ? 0 : count), 0);
  const usage = new PassageUsage(maxUses);
  const coverage = await planCoverage(passages?.(), left);
  const sources = openSources({ retriever, depth, passages, seed, usage, coverage, signal });
  const short = new Map<string, number>();
  let drawn = 0;

  /** From when as many places are left as are needed to reach what is missing, one batch early, they go there. */
  function toSlots(places: readonly Place[]): Slot[] {
    let missing = coverage.missing;
    return places.flatMap((place, i): Slot[] => {
      const { paradigm, reserve, tried, tries } = place;
      const turn = tried ? rotation.instead(tried, paradigm, tries) : rotation.next(paradigm);
      if (turn === undefined) {
        giveUp(place, undefined, noExemplar(paradigm));
        return [];
      }
      const mayCover = !reserve && !turn.bringsDocuments && !paradigm.fits;
      const isForCoverage = missing > 0 && mayCover && missing >= left - i - placesAtOnce;
      if (isForCoverage) missing--;
      return [{ place, turn, isForCoverage }];
    });
  }
  function giveUp({ paradigm, reserve }: Place, exemplar: Exemplar | undefined, detail: string): void {
    onUnplanned?.({ paradigm: paradigm.id, exemplar, detail });
    if (reserve) return;
    if (!paradigm.fits) left--;
    short.set(paradigm.id, (short.get(paradigm.id) ?? 0) + 1);
  }
  try {
    for (const reserve of [false, true]) {
      const places = placesOf(wanted, { reserve, share });
      let again: Place[] = [];
      for (;;) {
        signal?.throwIfAborted();
        const batch = nextPlaces(places, again);
        if (batch.length === 0) break;
        again = [];
        const slots = toSlots(batch);
        const rankings = await sources.rank(slots);
        for (const [i, slot] of slots.entries()) {
          const task = chooseTask(slot, rankings[i]!, { usage, random: seededRandom(seed, "plan", drawn++) });
          if (task) {
            usage.record(task);
            coverage.reach(task.documents);
            if (!reserve && !slot.place.paradigm.fits) left--;
            yield task;
          } else if (slot.place.tries + 1 < maxTries) {
            again.push({ ...slot.place, tries: slot.place.tries + 1, tried: slot.turn });
          } else giveUp(slot.place, slot.turn.exemplar, tooFewPassages(slot.place));
        }
      }
      if (!reserve) checkShort(wanted, short, onUnplanned !== undefined);
    }
  } finally {
    await sources.close();
  }
}

function noExemplar({ id, tasks }: Paradigm): string {
  return tasks
    ? `no exemplar that may serve asks for what paradigm ${id} can imitate: ${tasks.join(", ")}`
    : "every exemplar brings documents of its own and has served; let them serve again with reuse";
}

function tooFewPassages({ paradigm: { documents, fits } }: Place): string {
  const { min, max } = documents;
  const suited = fits ? ", that are such as the paradigm needs" : "";
  return `there are no ${min === max ? min : `${min} to ${max}`} passages for it that may serve and are not planned yet${suited}`;
}

/** Those to try again, then new ones. */
function nextPlaces(places: Iterator<Place>, again: readonly Place[]): Place[] {
  const batch = [...again];
  while (batch.length < placesAtOnce) {
    const { done, value } = places.next();
    if (done) break;
    batch.push(value);
  }
  return batch;
}

/** Throws where places stayed empty that were not reported, and where a paradigm has no task at all. */
function checkShort(wanted: readonly [Paradigm, number][], short: ReadonlyMap<string, number>, isTold: boolean): void {
  for (const [{ id, documents, about, fits }, count] of wanted) {
    const missing = short.get(id) ?? 0;
    if (missing === 0 || (isTold && missing < count)) continue;
    const what = missing === count ? "retrieval never finds so many" : `${missing} of ${count} tasks find no more`;
    const such = fits && about ? ` of its kind (${about.replace(/\.$/, "")})` : "";
    throw new RagInstructError(
      "corpus-too-small",
      `paradigm ${id} needs ${documents.min} passages${such} and ${what}; add documents or exemplars that fit them, or raise maxUses`,
    );
  }
}

/** The paradigms with the number of pairs wanted. Throws `unknown-paradigm` and `bad-option`. */
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

/** The places of a plan one by one, the paradigms in turn: those wanted, or the reserves. */
function* placesOf(
  wanted: readonly [Paradigm, number][],
  { reserve, share }: { reserve: boolean; share: number },
): Generator<Place> {
  const sizes = wanted.map(([, count]) => (reserve ? reservesFor(count, share) : count));
  for (let round = 0; round < Math.max(0, ...sizes); round++) {
    for (const [i, [paradigm]] of wanted.entries()) {
      if (round < sizes[i]!) yield { paradigm, reserve, tries: 0 };
    }
  }
}

function reservesFor(count: number, share: number): number {
  return count === 0 ? 0 : Math.max(2, Math.ceil(count * share));
}

/** What {@link planBrought} plans by. */
interface BroughtOptions {
  paradigms: Readonly<Record<string, Paradigm>>;
  /** Pairs wanted by paradigm; undefined for all. */
  wanted: readonly [Paradigm, number][] | undefined;
  onUnplanned: ((place: UnplannedPlace) => void) | undefined;
}

/**
 * Tasks of exemplars that bring their documents, as the method's own data.json does: each once, in the order of the data, under the
 * paradigm that it names, else under the first one whose number of documents it has. Throws `bad-input` for an exemplar without
 * documents, and `unknown-paradigm`.
 */
function* planBrought(
  exemplars: readonly Exemplar[],
  { paradigms, wanted, onUnplanned }: BroughtOptions,
): Generator<SynthesisTask> {
  const left = wanted && new Map(wanted.map(([{ id }, count]) => [id, count]));
  const isWanted = ({ id }: Paradigm) => left === undefined || (left.get(id) ?? 0) > 0;
  const planned = new Set<string>();
  for (const exemplar of exemplars) {
    const { documents, id } = exemplar;
    if (documents === undefined) {
      throw new RagInstructError(
        "bad-input",
        `exemplar ${id} brings no documents and there is no corpus to find some in; give documents, or only exemplars that bring theirs`,
      );
    }
    const fits = (paradigm: Paradigm) =>
      documents.length >= paradigm.documents.min && documents.length <= paradigm.documents.max;
    const named = exemplar.paradigm === undefined ? undefined : paradigmById(exemplar.paradigm, paradigms);
    const isFor = (each: Paradigm) =>
      fits(each) && isWanted(each) && takesTask(each, exemplar) && (each.fits?.(documents) ?? true);
    const paradigm = named ?? Object.values(paradigms).find(isFor);
    if (paradigm === undefined || !isWanted(paradigm)) continue;
    if (!fits(paradigm)) {
      const detail = `it brings ${amount(documents.length, "document")}, and the paradigm takes ${paradigm.documents.min} to ${paradigm.documents.max}`;
      onUnplanned?.({ paradigm: paradigm.id, exemplar, detail });
      continue;
    }
    const task = makeTask({ paradigm, reserve: false }, exemplar, documents);
    if (planned.has(task.id)) continue;
    planned.add(task.id);
    left?.set(paradigm.id, left.get(paradigm.id)! - 1);
    yield task;
  }
}

/** Options of {@link broughtTasks}. */
export interface BroughtTasksOptions
  extends Pick<FilterExemplarsOptions, "filter" | "sample" | "seed" | "mayHoldNone" | "signal">,
    Pick<PlanOptions, "counts" | "paradigms"> {}

/**
 * What exemplars come to that bring their documents, without a corpus: pairs by paradigm, and those documents. What a model would judge
 * is not known yet, and counts as the free rules say. Throws what {@link filterExemplars} and {@link planTasks} throw.
 */
export async function broughtTasks(
  source: string | readonly string[] | readonly Exemplar[],
  { counts: wanted, paradigms, filter = "rules", signal, ...reading }: BroughtTasksOptions,
): Promise<{ counts: Record<string, number>; passages: Passage[] }> {
  async function* exemplars(): AsyncGenerator<Exemplar> {
    const free = filter === "model" ? "rules" : filter;
    for await (const outcome of filterExemplars(source, { ...reading, filter: free, signal }))
      if (outcome.status === "accepted") yield outcome.value;
  }
  const counts: Record<string, number> = {};
  const passages: Passage[] = [];
  const tasks = planTasks({ exemplars: exemplars(), counts: wanted, paradigms, onUnplanned: () => {}, signal });
  for await (const { paradigm, documents } of tasks) {
    counts[paradigm] = (counts[paradigm] ?? 0) + 1;
    passages.push(...documents);
  }
  return { counts, passages };
}

/** Pairs wanted: a number of each paradigm, `{ each }` of every one, `{ total }` of all together, or counts by paradigm. */
export type PairsWanted = number | Readonly<Record<string, number>>;

/**
 * Reads pairs wanted as a command line says them: a number, or numbers by paradigm such as `cited-answer=20,table-answer=10`. Throws
 * `bad-option`.
 */
export function readPairsWanted(text: string): PairsWanted {
  if (/^\d+$/.test(text)) return Number(text);
  const said = text.split(",").map((part) => part.trim().split("="));
  const isOdd = said.some(([id, count, ...more]) => !id || !/^\d+$/.test(count ?? "") || more.length > 0);
  if (!isOdd) return Object.fromEntries(said.map(([id, count]) => [id, Number(count)]));
  throw badOption(
    `--pairs ${text} must be a whole number, or numbers by paradigm such as cited-answer=20,table-answer=10`,
  );
}

/**
 * Pairs wanted of each of some paradigms: a number and `{ each }` are of every one; `{ total }` is shared out alike, and what cannot be
 * divided goes to the first ones; counts by paradigm stay as they are.
 */
export function pairCounts(pairs: PairsWanted, paradigms: readonly string[]): Readonly<Record<string, number>> {
  const { each, total, ...byParadigm }: Partial<Record<string, number>> =
    typeof pairs === "number" ? { each: pairs } : pairs;
  if (typeof pairs !== "number" && Object.keys(byParadigm).length > 0) return pairs;
  if (each !== undefined && total === undefined) return Object.fromEntries(paradigms.map((id) => [id, each]));
  if (each === undefined && total !== undefined) return sharedOut(total, paradigms);
  return pairs as Readonly<Record<string, number>>;
}

/** A total shared out alike; what cannot be divided goes to the first ones. */
export function sharedOut(total: number, paradigms: readonly string[]): Readonly<Record<string, number>> {
  const share = Math.floor(total / paradigms.length);
  const rest = total % paradigms.length;
  return Object.fromEntries(paradigms.map((id, i) => [id, share + (i < rest ? 1 : 0)]));
}

/**
 * What counts by paradigm come to, in words: `, 20 of each of 5 paradigms`, or how many paradigms there are; nothing for one. With more
 * turns than one also how far they may grow: `, each of up to 3 turns`.
 */
export function sharesInWords(
  counts: Readonly<Record<string, number>>,
  { turns = 1 }: { turns?: number } = {},
): string {
  const wanted = Object.values(counts).filter((count) => count > 0);
  const isAlike = wanted.every((count) => count === wanted[0]);
  const shares = isAlike ? `, ${wanted[0]} of each of ${wanted.length} paradigms` : `, of ${wanted.length} paradigms`;
  return (wanted.length < 2 ? "" : shares) + (turns > 1 ? `, each of up to ${turns} turns` : "");
}
