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
  next(paradigm: Paradigm): Turn;
  /** Another exemplar where that one's sources were too few: of the same dataset, then of any. @param tries how many were tried */
  instead(turn: Turn, tries: number): Turn;
}

/**
 * Exemplars made for a paradigm, or that bring documents of a fitting number, serve there once and first. Then the datasets take
 * turns, so that a large one does not crowd out a small one, and each goes round and round in a shuffled order. Paradigms begin at
 * different places, or each would meet the same exemplars always.
 */
export function rotateExemplars(
  exemplars: readonly Exemplar[],
  { paradigms, seed }: { paradigms: readonly Paradigm[]; seed: number },
): ExemplarRotation {
  const distinct = [...new Map(exemplars.map((exemplar) => [exemplar.id, exemplar])).values()];
  const firsts = firstServed(distinct, paradigms);
  const free = distinct.filter(({ documents, paradigm }) => !documents && !paradigm);
  const bySource = Map.groupBy(free.length > 0 ? free : distinct, ({ source }) => source);
  const piles = [...bySource].map(([source, pile]) => seededRandom(seed, "exemplars", source).shuffle(pile));
  const turnsTaken = new Map<string, number>();
  const pileOf = new Map(piles.map((pile) => [pile[0]!.source, pile]));
  let replaced = 0;

  return {
    next(paradigm) {
      const first = firsts(paradigm);
      if (first) return { exemplar: first, bringsDocuments: first.documents !== undefined };
      const place = paradigms.findIndex(({ id }) => id === paradigm.id);
      const turn = turnsTaken.get(paradigm.id) ?? 0;
      turnsTaken.set(paradigm.id, turn + 1);
      const pile = piles[(turn + place) % piles.length]!;
      const start = Math.floor((place * pile.length) / paradigms.length);
      const exemplar = pile[(start + Math.floor(turn / piles.length)) % pile.length]!;
      return { exemplar, bringsDocuments: false };
    },
    instead({ exemplar }, tries) {
      const same = pileOf.get(exemplar.source);
      const pile = same && tries <= Math.max(minTries, same.length) ? same : piles[replaced % piles.length]!;
      return { exemplar: pile[replaced++ % pile.length]!, bringsDocuments: false };
    },
  };
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
  return ({ id, documents: { min, max } }) => {
    for (let found = take(named.get(id)); found; found = take(named.get(id))) {
      const { length } = found.documents ?? { length: min };
      if (length >= min && length <= max) return found;
    }
    for (let number = min; number <= max; number++) {
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
