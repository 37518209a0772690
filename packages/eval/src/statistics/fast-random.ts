import { seededRandom } from "@rag-instruct/core";

/**
 * A generator of uniform 32-bit integers for inner loops that draw hundreds of millions: xoshiro128** (Blackman and Vigna
 * 2018), its state filled by core's seeded generator. The same seed and path give the same numbers.
 */
export function fastRandom(seed: number | string, ...path: readonly (number | string)[]): () => number {
  const filler = seededRandom(seed, ...path);
  const draw = () => filler.integer(2 ** 32) | 0;
  let [a, b, c, d] = [draw(), draw(), draw(), draw() | 1];
  return () => {
    const product = Math.imul(b, 5);
    const result = Math.imul((product << 7) | (product >>> 25), 9);
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = (d << 11) | (d >>> 21);
    return result >>> 0;
  };
}
