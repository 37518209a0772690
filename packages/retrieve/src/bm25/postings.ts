/** The postings of an index, in memory that threads can share. */
export interface Postings {
  passages: number;
  /** The postings of term t are those from `offsets[t]` to before `offsets[t + 1]`. */
  offsets: Uint32Array;
  /** Ascending within a term. */
  rows: Uint32Array;
  codes: Uint16Array;
  /** Largest impact of each term. */
  peaks: Float32Array;
  skipOffsets: Uint32Array;
  skips: Uint32Array;
  /** Frequencies by row, of one dense term after another. */
  dense: Uint8Array;
  /** The code of a row's length, where it has a dense term. */
  lengths: Uint8Array;
  /** What a posting's code adds, before the term's weight. */
  impacts: Float32Array;
}

/** Terms in fewer passages have no skip table: reading their postings is as quick. */
export const minSkipped = 128;
const postingsPerBucket = 8;
const denseShare = 16;

/** Whether a term occurs in so many passages that its frequencies are also kept by row, where each is found at once. */
export function isDense(passages: number, documentFrequency: number): boolean {
  return documentFrequency >= minSkipped && documentFrequency * denseShare >= passages;
}

/** Rows that share a bucket of a term's skip table, as a power of two: about eight postings a bucket. */
export function skipShift(passages: number, documentFrequency: number): number {
  return 31 - Math.clz32(Math.max(1, (passages * postingsPerBucket) / documentFrequency));
}

/** Entries of a term's skip table: where each bucket's postings start, and where the last one's end. */
export function skipEntries(passages: number, documentFrequency: number): number {
  if (documentFrequency < minSkipped || isDense(passages, documentFrequency)) return 0;
  return ((passages - 1) >>> skipShift(passages, documentFrequency)) + 2;
}

/** Writes a term's skip table from its rows in ascending order; places count from the term's first posting. */
export function fillSkips(rows: Uint32Array, passages: number, into: Uint32Array): void {
  const shift = skipShift(passages, rows.length);
  let bucket = 0;
  for (let place = 0; place < rows.length; place++) {
    for (const own = rows[place]! >>> shift; bucket <= own; bucket++) into[bucket] = place;
  }
  into.fill(rows.length, bucket);
}

/**
 * Frequencies of a term by row in four bits each, the even row's in the lower half of a byte: small enough to stay in a
 * core's cache. 0 where the term does not occur, and `clipped` for all frequencies from there on, which its postings hold.
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
