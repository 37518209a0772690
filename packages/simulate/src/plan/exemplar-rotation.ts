import { type Exemplar, seededRandom } from "@rag-instruct/core";
import type { Paradigm } from "@rag-instruct/paradigms";

// A small dataset is tried so often, since each try has other sources to choose from.
const minTries = 4;

/** Whose turn it is. */
export interface Turn {
  exemplar: Exemplar;
  /** Planned with the documents that it brings. */
  bringsDocuments: boolean;
}

/** Gives exemplars to the places of a plan. */
interface ExemplarRotation {
  /** Whose turn it is; undefined where every exemplar has served and none may serve again, or none is of a task that the paradigm takes. */
  next(paradigm: Paradigm): Turn | undefined;
  /** Another exemplar where that one's sources were too few: of the same dataset, then of any. @param tries how many were tried */
  instead(turn: Turn, paradigm: Paradigm, tries: number): Turn;
}

/** Whether a paradigm can imitate an exemplar's task. */
export function takesTask({ tasks }: Pick<Paradigm, "tasks">, { task }: Pick<Exemplar, "task">): boolean {
  return tasks === undefined || tasks.includes(task);
}

/** Exemplars that serve paradigms of the same tasks, in rounds. */
class Rounds {
  readonly bySource: Map<string, Exemplar[]>;
  readonly #seed: number;
  #piles: Exemplar[][] = [];
  #rounds = 0;

  constructor(exemplars: readonly Exemplar[], seed: number) {
    this.bySource = Map.groupBy(exemplars, ({ source }) => source);
    this.#seed = seed;
  }

  /** The next exemplar, of the first dataset from `start` on that has one left in this round. */
  next(start: number): Exemplar | undefined {
    if (this.#piles.every(({ length }) => length === 0)) {
      const round = this.#rounds++;
      this.#piles = [...this.bySource].map(([source, pile]) =>
        seededRandom(this.#seed, "exemplars", source, round).shuffle([...pile]),
      );
    }
    const piles = this.#piles;
    return piles
      .map((_, i) => piles[(start + i) % piles.length]!)
      .find(({ length }) => length > 0)
      ?.pop();
  }
}

/**
 * Exemplars made for a paradigm, or that bring documents of a fitting number, serve there once and first; with `reuse` they serve again,
 * with other documents, where there are no others. Of the others each serves once before any serves twice: datasets take turns until
 * a small one is used up, so that a large one does not crowd it out, and every round has an order of its own.
 */
export function rotateExemplars(
  exemplars: readonly Exemplar[],
  { paradigms, seed, reuse = false }: { paradigms: readonly Paradigm[]; seed: number; reuse?: boolean },
): ExemplarRotation {
  const distinct = [...new Map(exemplars.map((exemplar) => [exemplar.id, exemplar])).values()];
  const firsts = firstServed(distinct, paradigms);
  const free = serveAgain(distinct, reuse);
  const rounds = new Map<string, Rounds>();
  const turnsTaken = new Map<string, number>();
  let replaced = 0;
  const roundsOf = (paradigm: Paradigm) => {
    const key = paradigm.tasks?.join() ?? "";
    const known = rounds.get(key);
    if (known) return known;
    const made = new Rounds(
      free.filter((exemplar) => takesTask(paradigm, exemplar)),
      seed,
    );
    rounds.set(key, made);
    return made;
  };

  return {
    next(paradigm) {
      const first = firsts(paradigm);
      if (first) return { exemplar: first, bringsDocuments: first.documents !== undefined };
      const turn = turnsTaken.get(paradigm.id) ?? 0;
      turnsTaken.set(paradigm.id, turn + 1);
      // Paradigms begin at different datasets, or the first dataset would go to the same one always.
      const start = turn + paradigms.findIndex(({ id }) => id === paradigm.id);
      const exemplar = roundsOf(paradigm).next(start);
      return exemplar && { exemplar, bringsDocuments: false };
    },
    instead({ exemplar }, paradigm, tries) {
      const { bySource } = roundsOf(paradigm);
      const same = bySource.get(exemplar.source);
      const piles = [...bySource.values()];
      const pile =
        same && tries <= Math.max(minTries, same.length) ? same : (piles[replaced % piles.length] ?? [exemplar]);
      return { exemplar: pile[replaced++ % pile.length]!, bringsDocuments: false };
    },
  };
}

/** Those that serve any paradigm and again: the ones made for none, where there are any. */
function serveAgain(exemplars: readonly Exemplar[], reuse: boolean): readonly Exemplar[] {
  const unbrought = exemplars.filter(({ documents }) => !documents);
  const free = unbrought.filter(({ paradigm }) => !paradigm);
  if (free.length > 0) return free;
  return unbrought.length === 0 && reuse ? exemplars : unbrought;
}

/** Gives each exemplar that is made for a paradigm, or brings documents, out once, in the order of the data. */
function firstServed(
  exemplars: readonly Exemplar[],
  paradigms: readonly Paradigm[],
): (paradigm: Paradigm) => Exemplar | undefined {
  const named = new Map(paradigms.map(({ id }) => [id, [] as Exemplar[]]));
  const byNumber = new Map<number, Exemplar[]>();
  for (const exemplar of exemplars) {
    const { paradigm, documents } = exemplar;
    if (paradigm !== undefined) named.get(paradigm)?.push(exemplar);
    else if (documents) push(byNumber, documents.length, exemplar);
  }
  const served = new Map<Exemplar[], number>();
  const take = (queue: Exemplar[] | undefined) => {
    const at = (queue && served.get(queue)) ?? 0;
    if (queue) served.set(queue, at + 1);
    return queue?.[at];
  };
  return (paradigm) => {
    const { id, documents } = paradigm;
    const { min, max } = documents;
    for (let found = take(named.get(id)); found; found = take(named.get(id))) {
      const { length } = found.documents ?? { length: min };
      if (length >= min && length <= max && takesTask(paradigm, found)) return found;
    }
    // One that brings documents and names no paradigm is for those that take whatever is brought.
    for (let number = min; number <= max && !paradigm.fits && !paradigm.tasks; number++) {
      const found = take(byNumber.get(number));
      if (found) return found;
    }
    return undefined;
  };
}

function push<K, V>(lists: Map<K, V[]>, key: K, value: V): void {
  const list = lists.get(key);
  if (list) list.push(value);
  else lists.set(key, [value]);
}
