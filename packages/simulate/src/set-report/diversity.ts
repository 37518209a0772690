import { eachGram, hashTable, hashWords, type SeededRandom, seededRandom } from "@rag-instruct/core";

/** Distinct n-grams of words as a share of all (distinct-n, Li et al. 2016), for n from 1 to 3. */
export interface DistinctGrams {
  distinct1: number;
  distinct2: number;
  distinct3: number;
}

/** How like questions are to their nearest neighbours, by the Jaccard similarity of their words: 0 nothing shared, 1 the same words. */
export interface NearestQuestions {
  /** Mean over the sample. Null below two questions. */
  mean: number | null;
  /** Questions that share half of their words, or more, with their nearest neighbour, as a share of the sample. */
  alike: number | null;
  /** Questions drawn. */
  sample: number;
}

/** Counts distinct n-grams of words, by 64-bit hashes in typed arrays. */
export function distinctGrams(): { add(words: readonly string[]): void; figures(): DistinctGrams } {
  const tables = [1, 2, 3].map((size) => ({ size, table: hashTable(), total: 0 }));
  return {
    add(words) {
      const hashed = hashWords(words);
      for (const one of tables) {
        eachGram(hashed, one.size, (high, low) => {
          one.total++;
          one.table.add(high, low, 0);
          return false;
        });
      }
    },
    figures() {
      const [one, two, three] = tables.map(({ table, total }) => (total === 0 ? 0 : round(table.size / total)));
      return { distinct1: one!, distinct2: two!, distinct3: three! };
    },
  };
}

/** A uniform sample of a stream by reservoir (Vitter 1985, algorithm R). */
export function reservoir<T>(size: number, seed: number | string): { add(item: T): void; sample: readonly T[] } {
  const random: SeededRandom = seededRandom(seed, "reservoir");
  const sample: T[] = [];
  let seen = 0;
  return {
    sample,
    add(item) {
      const place = random.integer(++seen);
      if (sample.length < size) sample.push(item);
      else if (place < size) sample[place] = item;
    },
  };
}

// Half of the words in common: hardly more than one of them is another in a question of ordinary length.
const alikeFrom = 0.5;

/** How like each text is to the most similar other one. Compares only texts that share a word, each pair once. */
export function nearestQuestions(texts: readonly (readonly string[])[]): NearestQuestions {
  const sample = texts.length;
  if (sample < 2) return { mean: null, alike: null, sample };
  const sets = texts.map((words) => new Set(words));
  const nearest = new Float64Array(sample);
  const having = new Map<string, number[]>();
  for (const [i, own] of sets.entries()) {
    const shared = new Map<number, number>();
    for (const word of own) {
      const others = having.get(word);
      for (const other of others ?? []) shared.set(other, (shared.get(other) ?? 0) + 1);
      if (others) others.push(i);
      else having.set(word, [i]);
    }
    for (const [other, both] of shared) {
      const likeness = both / (own.size + sets[other]!.size - both);
      nearest[i] = Math.max(nearest[i]!, likeness);
      nearest[other] = Math.max(nearest[other]!, likeness);
    }
  }
  const mean = nearest.reduce((sum, one) => sum + one, 0) / sample;
  return { mean: round(mean), alike: round(nearest.filter((one) => one >= alikeFrom).length / sample), sample };
}

const longest = 4;
// What a precision of 0 counts for (Chen and Cherry 2014, smoothing 1).
const smoothing = 0.1;

/**
 * Self-BLEU (Zhu et al. 2018): the mean BLEU-4 (Papineni et al. 2002) of each text with all others as its references.
 * Null for fewer than two texts.
 */
export function selfBleu(texts: readonly (readonly string[])[]): number | null {
  if (texts.length < 2) return null;
  const grams = texts.map((words) => Array.from({ length: longest }, (_, n) => countGrams(words, n + 1)));
  const best = Array.from({ length: longest }, (_, n) => bestTwo(grams.map((of) => of[n]!)));
  const lengths = texts.map(({ length }) => length);
  const scores = texts.map((words, i) => {
    const orders = Math.min(longest, words.length);
    if (orders === 0) return 0;
    let logs = 0;
    for (let n = 0; n < orders; n++) logs += Math.log(precision(grams[i]![n]!, best[n]!, i) / (words.length - n));
    return brevity(words.length, lengths, i) * Math.exp(logs / orders);
  });
  return round(scores.reduce((sum, score) => sum + score, 0) / scores.length);
}

/** The highest count of a gram in one text, whose it is, and the highest in the others. */
interface BestTwo {
  count: number;
  owner: number;
  other: number;
}

function bestTwo(counts: readonly ReadonlyMap<string, number>[]): Map<string, BestTwo> {
  const best = new Map<string, BestTwo>();
  for (const [owner, of] of counts.entries()) {
    for (const [gram, count] of of) {
      const known = best.get(gram);
      if (!known) best.set(gram, { count, owner, other: 0 });
      else if (count > known.count) best.set(gram, { count, owner, other: known.count });
      else if (count > known.other) known.other = count;
    }
  }
  return best;
}

function precision(own: ReadonlyMap<string, number>, best: ReadonlyMap<string, BestTwo>, owner: number): number {
  let matched = 0;
  for (const [gram, count] of own) {
    const known = best.get(gram)!;
    matched += Math.min(count, known.owner === owner ? known.other : known.count);
  }
  return matched === 0 ? smoothing : matched;
}

function brevity(length: number, lengths: readonly number[], own: number): number {
  let closest = Number.POSITIVE_INFINITY;
  for (const [i, other] of lengths.entries()) {
    if (i !== own && Math.abs(other - length) < Math.abs(closest - length)) closest = other;
  }
  return length >= closest ? 1 : Math.exp(1 - closest / length);
}

function countGrams(words: readonly string[], size: number): Map<string, number> {
  const counts = new Map<string, number>();
  for (let start = 0; start + size <= words.length; start++) {
    const gram = words.slice(start, start + size).join(" ");
    counts.set(gram, (counts.get(gram) ?? 0) + 1);
  }
  return counts;
}

function round(share: number): number {
  return Math.round(share * 10_000) / 10_000;
}
