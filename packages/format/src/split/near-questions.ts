import { jaccard, minHash, shingles } from "@rag-instruct/core";

// 24 bands of 3 rows: two questions that share 70% of their shingles meet in a band with probability 0.99996.
const bandCount = 24;
const rows = 3;
const shingleSize = 2;

/** Finds earlier questions that are near-duplicates of a new one (MinHash with locality-sensitive hashing, Broder 1997). */
export interface NearQuestions {
  /** The earlier members whose questions are near-duplicates; the new one is remembered as the next member, from 0. */
  add(question: string): number[];
}

/** The questions that met in a band: the latest of each bucket, and for each member the one before it there. */
interface Band {
  latest: Map<number, number>;
  previous: number[];
}

/** @param threshold Jaccard similarity of word pairs from which two questions count as the same */
export function nearQuestions(threshold: number): NearQuestions {
  const bands = Array.from({ length: bandCount }, (): Band => ({ latest: new Map(), previous: [] }));
  const known: Uint32Array[] = [];
  return {
    add(question) {
      const set = shingles(question, { size: shingleSize });
      const signature = minHash(set, { permutations: bandCount * rows });
      const candidates = new Set<number>();
      for (const [i, band] of bands.entries()) {
        const bucket = bucketOf(signature.subarray(i * rows, (i + 1) * rows));
        const latest = band.latest.get(bucket) ?? -1;
        for (let other = latest; other >= 0; other = band.previous[other]!) candidates.add(other);
        band.previous.push(latest);
        band.latest.set(bucket, known.length);
      }
      known.push(Uint32Array.from(set));
      return [...candidates].filter((other) => jaccard(new Set(known[other]), set) >= threshold);
    },
  };
}

// Two bands that fall into one bucket by chance cost a comparison and no more.
function bucketOf(band: Uint32Array): number {
  return band.reduce((hash, value) => Math.imul(hash ^ value, 0x9e3779b1) ^ (hash >>> 15), 0) >>> 0;
}
