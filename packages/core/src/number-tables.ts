/** A table from 64-bit hashes to numbers in typed arrays: 12 bytes a place, at most 0.7 of which are filled. */
export interface HashTable {
  readonly size: number;
  /** The value under a hash, or undefined. */
  get(high: number, low: number): number | undefined;
  /** Puts a value under a hash that has none; otherwise leaves it. Returns the value that stands there now. */
  add(high: number, low: number, value: number): number;
  /** Puts a value under a hash, new or not. */
  set(high: number, low: number, value: number): void;
}

const maxLoad = 0.7;

/** Open addressing with linear probing; grows by doubling. Values are whole numbers from 0 to 2^32 - 2. */
export function hashTable(): HashTable {
  let mask = (1 << 10) - 1;
  let highs = new Uint32Array(mask + 1);
  let lows = new Uint32Array(mask + 1);
  // One more than the value, so that 0 is an empty place.
  let values = new Uint32Array(mask + 1);
  let size = 0;

  function placeOf(high: number, low: number): number {
    let place = (high ^ (low >>> 7)) & mask;
    while (values[place] !== 0 && (highs[place] !== high || lows[place] !== low)) place = (place + 1) & mask;
    return place;
  }
  function grow(): void {
    const old = { highs, lows, values };
    mask = mask * 2 + 1;
    highs = new Uint32Array(mask + 1);
    lows = new Uint32Array(mask + 1);
    values = new Uint32Array(mask + 1);
    for (let i = 0; i < old.values.length; i++) {
      if (old.values[i] === 0) continue;
      const place = placeOf(old.highs[i]!, old.lows[i]!);
      highs[place] = old.highs[i]!;
      lows[place] = old.lows[i]!;
      values[place] = old.values[i]!;
    }
  }
  function put(high: number, low: number, value: number, replace: boolean): number {
    if (size >= maxLoad * (mask + 1)) grow();
    const place = placeOf(high >>> 0, low >>> 0);
    if (values[place] === 0) {
      highs[place] = high;
      lows[place] = low;
      size++;
    } else if (!replace) {
      return values[place]! - 1;
    }
    values[place] = value + 1;
    return value;
  }

  return {
    get size() {
      return size;
    },
    get(high, low) {
      const value = values[placeOf(high >>> 0, low >>> 0)]!;
      return value === 0 ? undefined : value - 1;
    },
    add: (high, low, value) => put(high, low, value, false),
    set: (high, low, value) => void put(high, low, value, true),
  };
}

/** Sets of whole numbers below 2^32, held one after another in typed arrays. */
export interface ChunkedSets {
  readonly count: number;
  push(values: Uint32Array): void;
  get(index: number): Uint32Array;
}

// A megabyte: nothing is copied when there are more.
const chunkLength = 1 << 18;

/** An empty list of sets. Longer sets keep their first 262,144 numbers. */
export function chunkedSets(): ChunkedSets {
  const chunks: Uint32Array[] = [];
  const starts = numberList();
  const lengths = numberList();
  let filled = chunkLength;
  return {
    get count() {
      return lengths.length;
    },
    push(values) {
      const length = Math.min(values.length, chunkLength);
      if (filled + length > chunkLength) {
        chunks.push(new Uint32Array(chunkLength));
        filled = 0;
      }
      chunks.at(-1)!.set(values.subarray(0, length), filled);
      starts.push((chunks.length - 1) * chunkLength + filled);
      lengths.push(length);
      filled += length;
    },
    get(index) {
      const start = starts.at(index);
      const from = start % chunkLength;
      return chunks[Math.floor(start / chunkLength)]!.subarray(from, from + lengths.at(index));
    },
  };
}

/** Whole numbers below 2^32 appended in chunks of typed arrays. */
export interface NumberList {
  readonly length: number;
  push(value: number): void;
  at(index: number): number;
}

/** An empty list. */
export function numberList(): NumberList {
  const chunks: Uint32Array[] = [];
  let length = 0;
  return {
    get length() {
      return length;
    },
    push(value) {
      const place = length % chunkLength;
      if (place === 0) chunks.push(new Uint32Array(chunkLength));
      chunks.at(-1)![place] = value;
      length++;
    },
    at: (index) => chunks[Math.floor(index / chunkLength)]![index % chunkLength]!,
  };
}

/** Which keys came more than once; one that came once may be taken for one of them, never the other way round. */
export interface RepeatedKeys {
  add(key: number, band: number): void;
  has(key: number, band: number): boolean;
}

// 2^27 bits: of 20 million keys that come once one in seven is taken for a repeated one.
const bits = 27;

/** Two bits a place, in 32 MB whatever the number of keys (a Bloom filter with one hash, Bloom 1970). */
export function repeatedKeys(): RepeatedKeys {
  const once = new Uint32Array(1 << (bits - 5));
  const again = new Uint32Array(1 << (bits - 5));
  const placeOf = (key: number, band: number) =>
    Math.imul(key ^ Math.imul(band + 1, 0x9e3779b1), 0x85ebca6b) >>> (32 - bits);
  return {
    add(key, band) {
      const place = placeOf(key, band);
      const word = place >>> 5;
      const bit = 1 << (place & 31);
      if (once[word]! & bit) again[word]! |= bit;
      else once[word]! |= bit;
    },
    has(key, band) {
      const place = placeOf(key, band);
      return (again[place >>> 5]! & (1 << (place & 31))) !== 0;
    },
  };
}
