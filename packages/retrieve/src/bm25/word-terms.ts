import { hashBytes, internBytes, newStringTable } from "./string-table.ts";

/** What words became: a term's number plus one, by the word's bytes. 0 stands for a word not seen yet. */
export interface WordTerms {
  /** Value of a word of one to eight bytes, the last four in `low` and those before in `high`. */
  short(high: number, low: number): number;
  setShort(high: number, low: number, value: number): void;
  /** Number of a longer word, counted from 0; `values` holds its value. */
  long(source: Uint8Array, from: number, to: number): number;
  values: Uint32Array;
}

/** The longest word whose bytes are its key, so that to find it is one comparison of two numbers. */
export const mostShortBytes = 8;

const numbersPerSlot = 4;

export function wordTerms(): WordTerms {
  const longer = newStringTable();
  let mask = (1 << 12) - 1;
  let used = 0;
  // Per slot high, low, value and one number unused: a slot never straddles two cache lines.
  let slots = new Int32Array(numbersPerSlot * (mask + 1));

  function place(high: number, low: number): number {
    let hash = Math.imul(low, 0x9e3779b1) ^ Math.imul(high, 0x85ebca6b);
    hash ^= hash >>> 15;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const at = slot * numbersPerSlot;
      if (slots[at + 2] === 0 || (slots[at + 1] === low && slots[at] === high)) return at;
    }
  }
  function put(high: number, low: number, value: number): void {
    const at = place(high, low);
    slots[at] = high;
    slots[at + 1] = low;
    slots[at + 2] = value;
  }
  function grow(): void {
    const old = slots;
    mask = mask * 2 + 1;
    slots = new Int32Array(numbersPerSlot * (mask + 1));
    for (let at = 0; at < old.length; at += numbersPerSlot) {
      if (old[at + 2] !== 0) put(old[at]!, old[at + 1]!, old[at + 2]!);
    }
  }
  const words: WordTerms = {
    short: (high, low) => slots[place(high, low) + 2]!,
    setShort(high, low, value) {
      if (++used * 2 > mask) grow();
      put(high, low, value);
    },
    long(source, from, to) {
      const word = internBytes(longer, { source, from, to, hash: hashBytes(source, from, to) });
      if (word >= words.values.length) {
        const larger = new Uint32Array(word * 2);
        larger.set(words.values);
        words.values = larger;
      }
      return word;
    },
    values: new Uint32Array(1 << 10),
  };
  return words;
}
