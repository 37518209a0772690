import { jaccard, minHash, shingles } from "@rag-instruct/core";

// 8 bands of 4: two texts with 0.8 of their shingles in common meet in a band with 98% probability, with 0.4 in 19%.
const bands = 8;
const rows = 4;

/** Remembers texts and finds those that say nearly the same as one before. */
export interface NearDuplicates {
  /** The id of an earlier text that this one repeats; else undefined, and the text is remembered. */
  findOrAdd(text: string, id: string): string | undefined;
}

/**
 * Shingles of two words compared by Jaccard similarity, candidates by locality-sensitive hashing (Leskovec, Rajaraman and Ullman,
 * Mining of Massive Datasets, chapter 3). Holds about 600 bytes a text.
 */
export function nearDuplicates(threshold: number): NearDuplicates {
  const buckets = new Map<string, number[]>();
  const kept: { id: string; hashes: Uint32Array }[] = [];
  return {
    findOrAdd(text, id) {
      const set = shingles(text, { size: 2 });
      const signature = minHash(set, { permutations: bands * rows });
      const keys = Array.from({ length: bands }, (_, band) => bandKey(signature, band));
      const candidates = new Set(keys.flatMap((key) => buckets.get(key) ?? []));
      for (const place of candidates) {
        const other = kept[place]!;
        if (jaccard(set, new Set(other.hashes)) >= threshold) return other.id;
      }
      for (const key of keys) {
        const bucket = buckets.get(key);
        if (bucket) bucket.push(kept.length);
        else buckets.set(key, [kept.length]);
      }
      kept.push({ id, hashes: Uint32Array.from(set) });
      return undefined;
    },
  };
}

function bandKey(signature: Uint32Array, band: number): string {
  return String.fromCharCode(band, ...new Uint16Array(signature.slice(band * rows, (band + 1) * rows).buffer));
}
