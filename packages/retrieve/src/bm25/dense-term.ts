import { isDense } from "./skip-table.ts";

/**
 * Frequencies of a term by row in four bits each, the even row's in the lower half of a byte: small enough to stay in a
 * core's cache. 0 where the term does not stand, and `clipped` for all frequencies from there on, which its postings hold.
 */
export const clipped = 15;

/** Bytes that the frequencies of a term take. */
export function denseBytes(passages: number): number {
  return (passages + 1) >>> 1;
}

/** Where each dense term's frequencies start, all of them being one after another. */
export function denseStarts({ passages, offsets }: { passages: number; offsets: Uint32Array }): Map<number, number> {
  const starts = new Map<number, number>();
  for (let term = 0; term < offsets.length - 1; term++) {
    if (isDense(passages, offsets[term + 1]! - offsets[term]!)) starts.set(term, starts.size * denseBytes(passages));
  }
  return starts;
}

/** Spreads a term's postings. @param into zeros @param lengths takes in the length's code of each row that has the term */
export function packDense(
  { rows, codes }: { rows: Uint32Array; codes: Uint16Array },
  { into, lengths }: { into: Uint8Array; lengths: Uint8Array },
): void {
  for (let i = 0; i < rows.length; i++) {
    const [row, code] = [rows[i]!, codes[i]!];
    into[row >>> 1]! |= Math.min(code >>> 8, clipped) << ((row & 1) << 2);
    lengths[row] = code;
  }
}
