import { type Exemplar, RagInstructError, seededRandom } from "@rag-instruct/core";
import { type Paradigm, paradigmById } from "@rag-instruct/paradigms";

/** A place in the plan, before it has its source documents. */
export interface Slot {
  paradigm: Paradigm;
  exemplar: Exemplar;
  reserve: boolean;
}

/** The paradigms with the number of pairs wanted. Throws `unknown-paradigm` and `bad-option`. */
export function readCounts(
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
export function balanceExemplars(exemplars: readonly Exemplar[], seed: number): Exemplar[] {
  const bySource = Map.groupBy(exemplars, ({ source }) => source);
  const piles = [...bySource].map(([source, pile]) => seededRandom(seed, "exemplars", source).shuffle(pile));
  const longest = Math.max(0, ...piles.map(({ length }) => length));
  return Array.from({ length: longest }, (_, i) => piles.flatMap((pile) => pile[i] ?? [])).flat();
}

/**
 * All wanted places, the paradigms in turn, then the reserves. An exemplar made for a paradigm serves there first; the
 * others go round.
 */
export function* fillSlots(
  wanted: readonly [Paradigm, number][],
  exemplars: readonly Exemplar[],
  reserveShare: number,
): Generator<Slot> {
  const own = Map.groupBy(exemplars, ({ paradigm }) => paradigm ?? "");
  const free = own.get("") ?? [];
  const dealt = new Map<string, number>();
  let next = 0;
  for (const reserve of [false, true]) {
    const sizes = wanted.map(([, count]) => (reserve ? reservesFor(count, reserveShare) : count));
    for (let round = 0; round < Math.max(0, ...sizes); round++) {
      for (const [i, [paradigm]] of wanted.entries()) {
        if (round >= sizes[i]!) continue;
        const turn = dealt.get(paradigm.id) ?? 0;
        dealt.set(paradigm.id, turn + 1);
        const exemplar = own.get(paradigm.id)?.[turn] ?? free[next++ % free.length];
        if (exemplar) yield { paradigm, exemplar, reserve };
      }
    }
  }
}

function reservesFor(count: number, share: number): number {
  return count === 0 ? 0 : Math.max(2, Math.ceil(count * share));
}
