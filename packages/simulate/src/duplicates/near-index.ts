import { wordsOf } from "@rag-instruct/core";
import { hashTable } from "../text/hash-table.ts";
import { eachGram, hashWords } from "../text/word-grams.ts";
import { chunkedSets, numberList } from "./chunked-sets.ts";
import { repeatedKeys } from "./repeated-keys.ts";
import { shingleSet, similarity } from "./shingle-set.ts";
import { bandSigner, bandsFor } from "./signatures.ts";

/** A text found again. */
export interface NearText {
  /** Number of the text, from 0 in the order of `add`. */
  member: number;
  /** Exact Jaccard similarity of the shingles. */
  similarity: number;
  /** Whether it is the same words in the same order. */
  isSame: boolean;
}

/** Finds texts that are near-duplicates. */
export interface NearIndex {
  readonly size: number;
  /** Takes a text in, without comparing it. */
  add(text: string): void;
  /** The most similar text among those kept, where its similarity reaches the threshold; the earliest of equals. */
  nearest(member: number): NearText | undefined;
  /** Lets later calls of `nearest` find this one. Unless the index grows, all texts must have been added. */
  keep(member: number): void;
}

/** Options of {@link nearIndex}. */
export interface NearIndexOptions {
  /** Jaccard similarity of word n-grams from which two texts are near-duplicates. */
  threshold: number;
  /** Words in a shingle. */
  size: number;
  seed: number | string;
  /** Whether texts are added after others were kept; then the keys that come once take room as well. @default false */
  grows?: boolean;
}

/**
 * MinHash with locality-sensitive hashing. Shingles and band keys are held in typed arrays, texts are not; what meets in a band
 * is compared by its exact Jaccard similarity, so nothing is found that is not a near-duplicate.
 */
export function nearIndex({ threshold, size, seed, grows = false }: NearIndexOptions): NearIndex {
  const signer = bandSigner(bandsFor(threshold), seed);
  const keys = chunkedSets();
  const shingles = chunkedSets();
  // One hash of all words in their order.
  const wholes = numberList();
  const repeated = grows ? { add: () => {}, has: () => true } : repeatedKeys();
  const band = new Uint32Array(signer.bands);
  // The last kept member of each bucket, then the one before it. Most keys come once and need no bucket.
  const latest = hashTable();
  const members = numberList();
  const previous = numberList();

  function* candidates(member: number): Generator<number> {
    for (const [i, key] of keys.get(member).entries()) {
      if (!repeated.has(key, i)) continue;
      for (let entry = latest.get(key, i); entry !== undefined; entry = linkAt(entry)) yield members.at(entry);
    }
  }
  function linkAt(entry: number): number | undefined {
    const link = previous.at(entry);
    return link === none ? undefined : link;
  }

  return {
    get size() {
      return shingles.count;
    },
    add(text) {
      const words = hashWords(wordsOf(text));
      const set = shingleSet(words, size);
      eachGram(words, words.length, (high) => {
        wholes.push(high);
        return true;
      });
      if (words.length === 0) wholes.push(0);
      signer.sign(set, band);
      for (const [i, key] of band.entries()) repeated.add(key, i);
      keys.push(band);
      shingles.push(set);
    },
    nearest(member) {
      const own = shingles.get(member);
      const compared = new Set<number>();
      let best: NearText | undefined;
      for (const other of candidates(member)) {
        if (compared.size === compared.add(other).size) continue;
        const set = shingles.get(other);
        if (mostSimilar(own, set) < threshold) continue;
        const found = similarity(own, set);
        if (found < threshold) continue;
        const isBetter = !best || found > best.similarity || (found === best.similarity && other < best.member);
        if (isBetter) best = { member: other, similarity: found, isSame: wholes.at(other) === wholes.at(member) };
      }
      return best;
    },
    keep(member) {
      for (const [i, key] of keys.get(member).entries()) {
        if (!repeated.has(key, i)) continue;
        previous.push(latest.get(key, i) ?? none);
        latest.set(key, i, members.length);
        members.push(member);
      }
    },
  };
}

const none = 0xffffffff;

/** The highest similarity that two sets of these sizes can have. */
function mostSimilar(a: Uint32Array, b: Uint32Array): number {
  return a.length === b.length ? 1 : Math.min(a.length, b.length) / Math.max(a.length, b.length);
}
