/** Sets of numbers of any length, held one after another in typed arrays. */
export interface ChunkedSets {
  readonly count: number;
  push(values: Uint32Array): void;
  get(index: number): Uint32Array;
}

// A megabyte: nothing is copied when there are more.
const chunkLength = 1 << 18;

/** Longer sets keep their first 262,144 numbers. */
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
