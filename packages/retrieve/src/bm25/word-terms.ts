import { hashBytes, internBytes, newStringTable } from "./string-table.ts";

/**
 * What words became: a value by the word, 0 standing for a word not seen yet. A word of up to ten characters is found by two
 * numbers, which hold its characters in six bits each; the number of a word's last five decides almost always, so that a
 * slot takes eight bytes and more of the table stays in the core's cache.
 */
export interface WordTerms {
  /** @param low the word's last five characters @param high those before, 0 where there are none */
  short(low: number, high: number): number;
  setShort(low: number, high: number, value: number): void;
  /** Number of a longer word, counted from 0; `values` holds its value. */
  long(source: Uint8Array, from: number, to: number): number;
  values: Int32Array;
}

/** Bits of a character in a word's numbers. */
export const bitsPerCharacter = 6;
/** Characters that one number holds. */
export const charactersPerNumber = 5;

// Says in a slot that the word has characters before its last five.
const longer = 1 << (bitsPerCharacter * charactersPerNumber);

export function wordTerms(): WordTerms {
  const long = newStringTable();
  let mask = (1 << 12) - 1;
  let used = 0;
  // Per slot the last five characters and the value.
  let slots = new Int32Array(2 * (mask + 1));
  let highs = new Int32Array(mask + 1);

  function find(key: number, high: number): number {
    let hash = Math.imul(key, 0x9e3779b1) ^ Math.imul(high, 0x85ebca6b);
    hash ^= hash >>> 15;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      if (slots[2 * slot + 1] === 0) return slot;
      if (slots[2 * slot] === key && (high === 0 || highs[slot] === high)) return slot;
    }
  }
  function put(key: number, high: number, value: number): void {
    const slot = find(key, high);
    slots[2 * slot] = key;
    slots[2 * slot + 1] = value;
    highs[slot] = high;
  }
  function grow(): void {
    const old = { slots, highs };
    mask = mask * 2 + 1;
    slots = new Int32Array(2 * (mask + 1));
    highs = new Int32Array(mask + 1);
    for (let slot = 0; slot < old.highs.length; slot++) {
      if (old.slots[2 * slot + 1] !== 0) put(old.slots[2 * slot]!, old.highs[slot]!, old.slots[2 * slot + 1]!);
    }
  }
  const words: WordTerms = {
    short: (low, high) => slots[2 * find(high === 0 ? low : low | longer, high) + 1]!,
    setShort(low, high, value) {
      // Four of five slots may be taken: a table half as large is worth more than fewer steps.
      if (++used * 5 > mask * 4) grow();
      put(high === 0 ? low : low | longer, high, value);
    },
    long(source, from, to) {
      const word = internBytes(long, { source, from, to, hash: hashBytes(source, from, to) });
      if (word >= words.values.length) {
        const larger = new Int32Array(word * 2);
        larger.set(words.values);
        words.values = larger;
      }
      return word;
    },
    values: new Int32Array(1 << 10),
  };
  return words;
}
