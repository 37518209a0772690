import { wordsOf } from "./words.ts";

/**
 * The set of hashed word n-grams of a text (Broder 1997): 32-bit FNV-1a over the words' UTF-16 code units.
 * A text of fewer words than `size` gives one shingle of all its words; an empty one gives none.
 * @param options.size words in a shingle. @default 3
 */
export function shingles(text: string, { size = 3 }: { size?: number } = {}): Set<number> {
  const words = wordsOf(text);
  const set = new Set<number>();
  if (words.length === 0) return set;
  for (let start = 0; start <= Math.max(0, words.length - size); start++) {
    set.add(fnv1a(words.slice(start, start + size).join(" ")));
  }
  return set;
}

/** Jaccard similarity of two shingle sets, 0 to 1; two empty sets count as equal. */
export function jaccard(a: ReadonlySet<number>, b: ReadonlySet<number>): number {
  if (a.size === 0 && b.size === 0) return 1;
  const [small, large] = a.size < b.size ? [a, b] : [b, a];
  let shared = 0;
  for (const shingle of small) if (large.has(shingle)) shared++;
  return shared / (a.size + b.size - shared);
}

/**
 * A MinHash signature (Broder 1997): the share of equal places of two signatures estimates the Jaccard similarity of
 * their sets, with a standard error of about 1/√permutations.
 * @param options.permutations length of the signature. @default 128
 * @param options.seed signatures compare only when made with the same seed. @default 1
 */
export function minHash(
  set: ReadonlySet<number>,
  { permutations = 128, seed = 1 }: { permutations?: number; seed?: number } = {},
): Uint32Array {
  const signature = new Uint32Array(permutations).fill(0xffffffff);
  for (const shingle of set) {
    for (let i = 0; i < permutations; i++) {
      const hash = mix(shingle ^ Math.imul(i + seed, 0x9e3779b1));
      if (hash < signature[i]!) signature[i] = hash;
    }
  }
  return signature;
}

function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

// The finaliser of MurmurHash3 (Appleby): every input bit reaches every output bit.
function mix(hash: number): number {
  let h = hash;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
