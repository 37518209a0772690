import type { HashedWords } from "../text/word-grams.ts";

/**
 * The sorted distinct hashes of runs of `size` words; of fewer words one hash of all. Core's `shingles` as a typed array, for a
 * million texts.
 */
export function shingleSet({ length, highs }: HashedWords, size: number): Uint32Array {
  if (length === 0) return new Uint32Array(0);
  const hashes = new Uint32Array(Math.max(1, length - size + 1));
  for (let start = 0; start < hashes.length; start++) {
    let hash = size;
    for (let i = start; i < Math.min(length, start + size); i++) hash = fold(Math.imul(hash, 0x9e3779b1) ^ highs[i]!);
    hashes[start] = hash >>> 0;
  }
  hashes.sort();
  let kept = 1;
  for (let i = 1; i < hashes.length; i++) if (hashes[i] !== hashes[i - 1]) hashes[kept++] = hashes[i]!;
  return hashes.subarray(0, kept);
}

/** Jaccard similarity of two sorted sets; two empty ones count as equal. */
export function similarity(a: Uint32Array, b: Uint32Array): number {
  if (a.length === 0 && b.length === 0) return 1;
  let shared = 0;
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    if (a[i] === b[j]) {
      shared++;
      i++;
      j++;
    } else if (a[i]! < b[j]!) i++;
    else j++;
  }
  return shared / (a.length + b.length - shared);
}

function fold(hash: number): number {
  return hash ^ (hash >>> 15);
}
