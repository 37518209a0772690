import { RagInstructError } from "@rag-instruct/core";
import { type Paradigm, paradigmById } from "@rag-instruct/paradigms";
import type { Turn } from "./exemplar-turns.ts";

/** A place in the plan, before it has an exemplar and sources. */
export interface Place {
  paradigm: Paradigm;
  reserve: boolean;
  /** Exemplars tried for it without finding sources, and the last of them. */
  tries: number;
  tried?: Turn;
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

/** The places of a plan one by one, the paradigms in turn: those wanted, or the reserves. */
export function* placesOf(
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
