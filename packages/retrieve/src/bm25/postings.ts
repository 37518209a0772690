/** The postings of an index, in memory that threads can share. */
export interface Postings {
  passages: number;
  /** The postings of term t stand at `offsets[t]` to `offsets[t + 1]`. */
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
