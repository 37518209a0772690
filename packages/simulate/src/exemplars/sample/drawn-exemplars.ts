import { type Exemplar, hashOf } from "@rag-instruct/core";

/** An exemplar and where it stands in the data. */
export interface PlacedExemplar {
  exemplar: Exemplar;
  place: number;
}

/** The exemplars of each source in an order that the seed decides alone, whatever the files' own; of a large source the first of it. */
export class DrawnExemplars {
  readonly #seed: number;
  readonly #most: number;
  readonly #bySource = new Map<string, (PlacedExemplar & { rank: string })[]>();
  readonly #counts = new Map<string, number>();

  /** @param most of one source that can be needed */
  constructor({ seed, most }: { seed: number; most: number }) {
    this.#seed = seed;
    this.#most = most;
  }

  /** How many of each source were added. */
  get counts(): ReadonlyMap<string, number> {
    return this.#counts;
  }

  /** Adds one, and gives those that can no longer be needed. */
  add(placed: PlacedExemplar): PlacedExemplar[] {
    const { source, id } = placed.exemplar;
    this.#counts.set(source, (this.#counts.get(source) ?? 0) + 1);
    const drawn = this.#bySource.get(source) ?? [];
    this.#bySource.set(source, drawn);
    drawn.push({ ...placed, rank: hashOf([this.#seed, "sample", id, placed.place]) });
    return drawn.length > 2 * this.#most + 1_000 ? this.#cut(drawn) : [];
  }

  /** Those of a source, the first to be taken first. */
  of(source: string): readonly PlacedExemplar[] {
    const drawn = this.#bySource.get(source) ?? [];
    drawn.sort(byRank);
    return drawn;
  }

  #cut(drawn: (PlacedExemplar & { rank: string })[]): PlacedExemplar[] {
    drawn.sort(byRank);
    return drawn.splice(this.#most);
  }
}

function byRank(a: { rank: string }, b: { rank: string }): number {
  return a.rank < b.rank ? -1 : 1;
}
