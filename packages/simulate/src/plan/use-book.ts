import type { SynthesisTask } from "./task.ts";

// One bit a hash: 16 MiB whatever the number of tasks. With a million tasks one new task in a hundred is taken for one that there
// is, and gets other sources.
const hashBits = 27;
// What is still fresh at first.
const usualUses = 2;

/** How often each passage serves, and which tasks there are. Memory grows with the corpus, not with the number of tasks. */
export class UseBook {
  readonly #limit: number;
  #freshBelow: number;
  readonly #uses = new Map<string, number>();
  readonly #tasks = new Uint8Array(2 ** (hashBits - 3));

  /** @param limit most tasks that one passage may serve in; undefined for as few as can be */
  constructor(limit: number | undefined) {
    this.#limit = limit ?? Number.POSITIVE_INFINITY;
    this.#freshBelow = Math.min(usualUses, this.#limit);
  }

  usesOf(id: string): number {
    return this.#uses.get(id) ?? 0;
  }

  /** May serve once more. */
  isUsable({ id }: { id: string }): boolean {
    return this.usesOf(id) < this.#limit;
  }

  /** Has served little, so that it is taken before others. @param meant uses to come that are not recorded yet */
  isFresh({ id }: { id: string }, meant = 0): boolean {
    return this.usesOf(id) + meant < this.#freshBelow;
  }

  /** Lets passages count as fresh that have served once more. @returns whether the limit allows it */
  relax(): boolean {
    if (this.#freshBelow >= this.#limit) return false;
    this.#freshBelow++;
    return true;
  }

  isPlanned({ id }: SynthesisTask): boolean {
    const { byte, bit } = placeOf(id);
    return (this.#tasks[byte]! & bit) !== 0;
  }

  record({ id, documents }: SynthesisTask): void {
    const { byte, bit } = placeOf(id);
    this.#tasks[byte]! |= bit;
    for (const document of documents) this.#uses.set(document.id, this.usesOf(document.id) + 1);
  }
}

/** Task ids are hexadecimal hashes. */
function placeOf(id: string): { byte: number; bit: number } {
  const hash = Number.parseInt(id.slice(0, 8), 16) >>> (32 - hashBits);
  return { byte: hash >>> 3, bit: 1 << (hash & 7) };
}
