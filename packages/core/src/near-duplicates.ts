import { hashOf } from "./hash.ts";
import { chunkedSets, hashTable, numberList, repeatedKeys } from "./number-tables.ts";
import { type SeededRandom, seededRandom } from "./random.ts";
import { eachGram, type HashedWords, hashWords, mix, wordsOf } from "./words.ts";

/** A text that is nearly the same as another. */
export interface NearText {
  /** Number of the text, from 0 in the order in which texts were added. */
  member: number;
  /** Exact Jaccard similarity of the shingles. */
  similarity: number;
  /** Whether it is the same words in the same order. */
  isSame: boolean;
}

/** Finds texts that are near-duplicates of each other. */
export interface NearDuplicateIndex {
  /** Number of texts that were added. */
  readonly size: number;
  /** Adds a text, without comparing it. @returns its number */
  add(text: string): number;
  /** Lets later searches find an added text. */
  keep(member: number): void;
  /** The kept text that is most similar to an added one, where its similarity reaches the threshold; the earliest of equals. */
  nearest(member: number): NearText | undefined;
  /** All kept texts whose similarity to an added one reaches the threshold, in the order of their numbers. */
  allNear(member: number): NearText[];
  /**
   * The kept text that is most similar to a new one, which then is not added; where there is none, the new one is added and kept.
   * Needs an index that grows.
   */
  findOrAdd(text: string): NearText | undefined;
}

/** Options of {@link nearDuplicateIndex}. */
export interface NearDuplicateOptions {
  /** Jaccard similarity of word n-grams from which two texts are near-duplicates, above 0 up to 1. @default 0.8 */
  threshold?: number;
  /** Words in a shingle. @default 3 */
  size?: number;
  /** @default 1 */
  seed?: number | string;
  /** Share of the texts exactly at the threshold that are found; of those above it more are. @default 0.98 */
  recall?: number;
  /** `false` promises that all texts are added before the first is kept; what is like no other text then takes less room. @default true */
  grows?: boolean;
}

/**
 * MinHash with locality-sensitive hashing (Broder 1997). Hashed shingles and band keys are held in typed arrays, texts are not; what
 * meets in a band is compared by its exact Jaccard similarity, so nothing is found that is not a near-duplicate.
 * @example
 * const index = nearDuplicateIndex({ threshold: 0.8 });
 * const isNew = index.findOrAdd("When was the harbour bridge opened?") === undefined;
 */
export function nearDuplicateIndex(options: NearDuplicateOptions = {}): NearDuplicateIndex {
  const { threshold = 0.8, size = 3, seed = 1, recall = 0.98, grows = true } = options;
  const signer = bandSigner(bandsFor(threshold, recall), seed);
  const keys = chunkedSets();
  const shingles = chunkedSets();
  // One hash of all words in their order.
  const wholes = numberList();
  const repeated = grows ? undefined : repeatedKeys();
  // The last kept member of each bucket, then the one before it. Most keys come once and need no bucket.
  const latest = hashTable();
  const members = numberList();
  const previous = numberList();

  function read(text: string): TextHashes {
    const words = hashWords(wordsOf(text));
    const set = shingleSet(words, size);
    return { set, keys: signer.sign(set), whole: hashOfAll(words) };
  }
  function store({ set, keys: own, whole }: TextHashes): number {
    if (repeated) for (const [band, key] of own.entries()) repeated.add(key, band);
    wholes.push(whole);
    keys.push(own);
    shingles.push(set);
    return shingles.count - 1;
  }
  function keep(member: number): void {
    for (const [band, key] of keys.get(member).entries()) {
      if (repeated && !repeated.has(key, band)) continue;
      previous.push(latest.get(key, band) ?? none);
      latest.set(key, band, members.length);
      members.push(member);
    }
  }
  const added = (member: number): TextHashes => ({
    set: shingles.get(member),
    keys: keys.get(member),
    whole: wholes.at(member),
  });
  /** Every kept member that shares a band, once. */
  function candidates(own: Uint32Array): Set<number> {
    const found = new Set<number>();
    for (const [band, key] of own.entries()) {
      if (repeated && !repeated.has(key, band)) continue;
      for (let entry = latest.get(key, band) ?? none; entry !== none; entry = previous.at(entry)) {
        found.add(members.at(entry));
      }
    }
    return found;
  }
  function* similar({ set, keys: own, whole }: TextHashes): Generator<NearText> {
    for (const member of candidates(own)) {
      const other = shingles.get(member);
      if (maxSimilarity(set, other) < threshold) continue;
      const found = similarity(set, other);
      if (found >= threshold) yield { member, similarity: found, isSame: wholes.at(member) === whole };
    }
  }
  function mostSimilar(text: TextHashes): NearText | undefined {
    let best: NearText | undefined;
    for (const near of similar(text)) {
      const isBetter = !best || near.similarity > best.similarity;
      if (isBetter || (near.similarity === best!.similarity && near.member < best!.member)) best = near;
    }
    return best;
  }

  return {
    get size() {
      return shingles.count;
    },
    add: (text) => store(read(text)),
    keep,
    nearest: (member) => mostSimilar(added(member)),
    allNear: (member) => [...similar(added(member))].sort((a, b) => a.member - b.member),
    findOrAdd(text) {
      if (!grows) throw new TypeError("findOrAdd needs an index that grows");
      const own = read(text);
      const near = mostSimilar(own);
      if (!near) keep(store(own));
      return near;
    },
  };
}

/** What an index knows of a text. */
interface TextHashes {
  set: Uint32Array;
  /** One key a band. */
  keys: Uint32Array;
  whole: number;
}

const none = 0xffffffff;

function hashOfAll(words: HashedWords): number {
  let whole = 0;
  eachGram(words, words.length, (high) => {
    whole = high;
    return true;
  });
  return whole;
}

/**
 * The set of hashed word n-grams of a text (Broder 1997). A text of fewer words than `size` gives one shingle of all its words; an
 * empty one gives none.
 * @param options.size words in a shingle. @default 3
 */
export function shingles(text: string, { size = 3 }: { size?: number } = {}): Set<number> {
  return new Set(shingleSet(hashWords(wordsOf(text)), size));
}

/** The sorted distinct hashes of runs of `size` words; of fewer words one hash of all. */
function shingleSet({ length, highs }: HashedWords, size: number): Uint32Array {
  if (length === 0) return new Uint32Array(0);
  const hashes = new Uint32Array(Math.max(1, length - size + 1));
  for (let start = 0; start < hashes.length; start++) {
    let hash = size;
    for (let i = start; i < Math.min(length, start + size); i++) {
      const next = Math.imul(hash, 0x9e3779b1) ^ highs[i]!;
      hash = next ^ (next >>> 15);
    }
    hashes[start] = hash >>> 0;
  }
  hashes.sort();
  let kept = 1;
  for (let i = 1; i < hashes.length; i++) if (hashes[i] !== hashes[i - 1]) hashes[kept++] = hashes[i]!;
  return hashes.subarray(0, kept);
}

/** Jaccard similarity of two shingle sets, 0 to 1; two empty sets count as equal. */
export function jaccard(a: ReadonlySet<number>, b: ReadonlySet<number>): number {
  if (a.size === 0 && b.size === 0) return 1;
  const [small, large] = a.size < b.size ? [a, b] : [b, a];
  let shared = 0;
  for (const shingle of small) if (large.has(shingle)) shared++;
  return shared / (a.size + b.size - shared);
}

/** {@link jaccard} of two sorted sets. */
function similarity(a: Uint32Array, b: Uint32Array): number {
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

/** The highest similarity that two sets of these sizes can have. */
function maxSimilarity(a: Uint32Array, b: Uint32Array): number {
  return a.length === b.length ? 1 : Math.min(a.length, b.length) / Math.max(a.length, b.length);
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
  const draws = drawPermutations(permutations, seededRandom(seed, "minhash"));
  const shingles = Uint32Array.from(set);
  return Uint32Array.from({ length: permutations }, (_, i) =>
    leastHash(shingles, draws.factors[i]!, draws.offsets[i]!),
  );
}

/** One multiply-shift hash a permutation (Dietzfelbinger et al. 1997). */
interface Permutations {
  factors: Uint32Array;
  offsets: Uint32Array;
}

function drawPermutations(count: number, random: SeededRandom): Permutations {
  const draw = () => Uint32Array.from({ length: count }, () => random.integer(2 ** 32));
  return { factors: draw().map((factor) => factor | 1), offsets: draw() };
}

function leastHash(shingles: Uint32Array, factor: number, offset: number): number {
  let least = 0x7fffffff;
  for (let i = 0; i < shingles.length; i++) {
    // The product's low bits depend on few bits of the shingle: its high half is folded in.
    const product = Math.imul(shingles[i]! ^ offset, factor);
    const hash = (product ^ (product >>> 15)) & 0x7fffffff;
    if (hash < least) least = hash;
  }
  return least;
}

// More rows in a band give fewer false candidates; more bands miss fewer near-duplicates.
const maxPermutations = 128;

/**
 * The shape of the hashing for a threshold (Leskovec, Rajaraman and Ullman, Mining of Massive Datasets, 3.4): as many rows a band as
 * leave the recall at the threshold itself within 128 permutations.
 */
function bandsFor(threshold: number, recall: number): { bands: number; rows: number } {
  let best = { bands: maxPermutations, rows: 1 };
  for (let rows = 1; rows <= 16; rows++) {
    const bands = Math.ceil(Math.log(1 - recall) / Math.log(1 - threshold ** rows));
    if (Number.isFinite(bands) && bands * rows <= maxPermutations) best = { bands: Math.max(1, bands), rows };
  }
  return best;
}

/** Cuts a set's MinHash signature into one 32-bit key a band; two sets share a band's key with the probability similarity^rows. */
function bandSigner({ bands, rows }: { bands: number; rows: number }, seed: number | string) {
  const { factors, offsets } = drawPermutations(bands * rows, seededRandom(seed, "minhash", hashOf([bands, rows])));
  const keys = new Uint32Array(bands);
  return {
    /** What it gives holds until the next call. */
    sign(shingles: Uint32Array): Uint32Array {
      for (let band = 0, permutation = 0; band < bands; band++) {
        let key = band;
        for (let row = 0; row < rows; row++, permutation++) {
          key = mix(Math.imul(key, 31) ^ leastHash(shingles, factors[permutation]!, offsets[permutation]!));
        }
        keys[band] = key >>> 0;
      }
      return keys;
    },
  };
}
