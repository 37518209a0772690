import type { RunBuffer } from "./runs.ts";
import type { TermCounter } from "./term-counter.ts";
import type { TextChunk } from "./text-chunk.ts";

const decoder = new TextDecoder();

/** Adds the postings of a chunk's texts. @returns number of terms, repeated ones included */
export function countChunk(
  { bytes, ends, ascii, firstRow }: TextChunk,
  counter: TermCounter,
  buffer: RunBuffer,
): number {
  let total = 0;
  for (let i = 0, from = 0; i < ends.length; i++) {
    const to = ends[i]!;
    const length = ascii[i]
      ? counter.countAscii({ bytes, from, to })
      : counter.count(decoder.decode(bytes.subarray(from, to)));
    buffer.add(counter, { row: firstRow + i, length });
    total += length;
    from = to + 1;
  }
  return total;
}
