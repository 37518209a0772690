import { jaccard, minHash, shingles } from "@rag-instruct/core";

// 24 bands of 3 rows: two questions that share 70% of their shingles meet in a bucket with probability 0.99996.
const bands = 24;
const rows = 3;
const shingleSize = 2;

/** Finds earlier questions that are near-duplicates of a new one (MinHash with locality-sensitive hashing, Broder 1997). */
export interface NearQuestions {
  /** The earlier members whose questions are near-duplicates; the new one is remembered as the next member, from 0. */
  add(question: string): number[];
}

/** @param threshold Jaccard similarity of word pairs from which two questions count as the same */
export function nearQuestions(threshold: number): NearQuestions {
  const buckets = new Map<string, number[]>();
  const known: Set<number>[] = [];
  return {
    add(question) {
      const member = known.length;
      const set = shingles(question, { size: shingleSize });
      known.push(set);
      const signature = minHash(set, { permutations: bands * rows });
      const candidates = new Set<number>();
      for (let band = 0; band < bands; band++) {
        const key = `${band}:${signature.subarray(band * rows, (band + 1) * rows).join(",")}`;
        const bucket = buckets.get(key);
        if (!bucket) buckets.set(key, [member]);
        else {
          for (const other of bucket) candidates.add(other);
          bucket.push(member);
        }
      }
      return [...candidates].filter((other) => jaccard(known[other]!, set) >= threshold);
    },
  };
}
