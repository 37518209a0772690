/** Where the line of each key begins: 24 bytes a key, so that a ledger of millions fits in memory. */
export interface KeyPlaces {
  readonly size: number;
  get(key: string): number | undefined;
  /** A key that is there already moves to the new place. */
  set(key: string, place: number): void;
}

/** Hexadecimal digits of a key: the 128 bits of `hashOf`. */
export const keyDigits = 32;

const wordsPerKey = 4;
const none = -1;

/** An open-addressed table (Knuth, The Art of Computer Programming 3, 6.4, algorithm L) over typed arrays, at most half full. */
export function keyPlaces(): KeyPlaces {
  let capacity = 1 << 12;
  let words = new Uint32Array(capacity * wordsPerKey);
  let places = new Float64Array(capacity).fill(none);
  let size = 0;
  const wanted = new Uint32Array(wordsPerKey);

  /** The slot that holds the wanted key, or the free one where it belongs. */
  function slotOf(): number {
    for (let slot = wanted[0]! & (capacity - 1); ; slot = (slot + 1) & (capacity - 1)) {
      if (places[slot] === none) return slot;
      const at = slot * wordsPerKey;
      if (
        words[at] === wanted[0] &&
        words[at + 1] === wanted[1] &&
        words[at + 2] === wanted[2] &&
        words[at + 3] === wanted[3]
      )
        return slot;
    }
  }
  function put(place: number): void {
    const slot = slotOf();
    if (places[slot] === none) size++;
    words.set(wanted, slot * wordsPerKey);
    places[slot] = place;
  }
  function grow(): void {
    const [oldWords, oldPlaces] = [words, places];
    capacity *= 2;
    words = new Uint32Array(capacity * wordsPerKey);
    places = new Float64Array(capacity).fill(none);
    size = 0;
    for (const [slot, place] of oldPlaces.entries()) {
      if (place === none) continue;
      wanted.set(oldWords.subarray(slot * wordsPerKey, (slot + 1) * wordsPerKey));
      put(place);
    }
  }
  function want(key: string): void {
    for (let i = 0; i < wordsPerKey; i++) wanted[i] = Number.parseInt(key.slice(i * 8, i * 8 + 8), 16);
  }
  return {
    get size() {
      return size;
    },
    get(key) {
      want(key);
      const place = places[slotOf()]!;
      return place === none ? undefined : place;
    },
    set(key, place) {
      if (size * 2 >= capacity) grow();
      want(key);
      put(place);
    },
  };
}
