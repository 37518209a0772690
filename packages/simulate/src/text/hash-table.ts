/** A table from 64-bit hashes to numbers in typed arrays: 12 bytes an entry at most half as many again. */
export interface HashTable {
  readonly size: number;
  /** The value under a hash, or undefined. */
  get(high: number, low: number): number | undefined;
  /** Puts a value under a hash that has none; otherwise leaves it. Returns the value that stands there now. */
  add(high: number, low: number, value: number): number;
  /** Puts a value under a hash, new or not. */
  set(high: number, low: number, value: number): void;
}

const fullest = 0.7;

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
    if (size >= fullest * (mask + 1)) grow();
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
