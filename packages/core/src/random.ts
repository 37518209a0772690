import { hashText } from "./hash.ts";

/** A reproducible generator. Nothing cryptographic. */
export interface SeededRandom {
  /** Uniform in [0, 1). */
  next(): number;
  /** Uniform integer in [0, below). */
  integer(below: number): number;
  /** One of the items. Throws on an empty list. */
  pick<T>(items: readonly T[]): T;
  /** A new, shuffled array (Fisher–Yates). */
  shuffle<T>(items: readonly T[]): T[];
}

/**
 * A generator for one item: `seededRandom(seed, "noise", pair.id)` gives the same numbers whatever else ran before,
 * so that concurrency never changes a result. sfc32 (Chris Doty-Humphrey, PractRand), seeded by SHA-256 of the path.
 */
export function seededRandom(seed: number | string, ...path: readonly (number | string)[]): SeededRandom {
  const digest = hashText(JSON.stringify([seed, ...path]));
  let [a, b, c, counter] = [0, 8, 16, 24].map((at) => Number.parseInt(digest.slice(at, at + 8), 16) | 0) as [
    number,
    number,
    number,
    number,
  ];

  function next(): number {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    return (sum >>> 0) / 2 ** 32;
  }
  function integer(below: number): number {
    return Math.floor(next() * below);
  }
  return {
    next,
    integer,
    pick<T>(items: readonly T[]): T {
      if (items.length === 0) throw new RangeError("pick needs at least one item");
      return items[integer(items.length)] as T;
    },
    shuffle<T>(items: readonly T[]): T[] {
      const shuffled = [...items];
      for (let i = shuffled.length - 1; i > 0; i--) {
        const j = integer(i + 1);
        [shuffled[i], shuffled[j]] = [shuffled[j] as T, shuffled[i] as T];
      }
      return shuffled;
    },
  };
}
