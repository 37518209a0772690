import type { Passage } from "@rag-instruct/core";
import type { Paradigm } from "@rag-instruct/paradigms";

/** A paradigm that chooses its passages. */
export type ChoosingParadigm = Paradigm & Required<Pick<Paradigm, "fits">>;

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
export class FittingAnchors {
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

/** The first passage with the next ones that fit it, so many together; fewer where there are none. */
export function fittingGroup(
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
