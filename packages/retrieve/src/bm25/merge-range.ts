import { denseBytes, packDense } from "./dense-term.ts";
import { postingCode } from "./impacts.ts";
import type { Run } from "./run.ts";
import { type RunReader, runReader } from "./run-reader.ts";
import { fillSkips, isDense } from "./skip-table.ts";

/** What a merge works on, in memory that threads can share. */
export interface MergePlan {
  runs: readonly Run[];
  passages: number;
  /** Where each term's postings begin in the index, and the last one's end. */
  offsets: Uint32Array;
  skipOffsets: Uint32Array;
  /** What a posting's code adds to a score, before its idf. */
  impacts: Float32Array;
  /** The byte that stands for each row's length. */
  lengthCodes: Uint8Array;
  /** Takes in the largest impact of each term. */
  peaks: Float32Array;
  /** Takes in the length's code of each row that has a dense term. */
  lengths: Uint8Array;
}

/** Terms from `from` to before `to`. */
export interface TermRange {
  from: number;
  to: number;
}

/** What the files of the index hold of a range of terms. */
export interface MergedRange {
  rows: Uint32Array;
  codes: Uint16Array;
  skips: Uint32Array;
  /** Frequencies by row, of one dense term after another. */
  dense: Uint8Array;
}

/** Merges one range of terms after another. */
export interface RangeMerger {
  /** What it gives holds until the next range. */
  merge(range: TermRange): Promise<MergedRange>;
  close(): void;
}

export function rangeMerger(plan: MergePlan): RangeMerger {
  const reader = runReader(plan.runs);
  // Kept from range to range, and shared: what was merged on a thread is written from where it lies.
  let memory = new SharedArrayBuffer(0);

  /** Arrays one after another, those of the larger numbers first, as typed arrays have it. */
  function newRange({ from, to }: TermRange): MergedRange {
    const { passages, offsets, skipOffsets } = plan;
    const postings = offsets[to]! - offsets[from]!;
    const skips = skipOffsets[to]! - skipOffsets[from]!;
    let denseTerms = 0;
    for (let term = from; term < to; term++) if (isDense(passages, offsets[term + 1]! - offsets[term]!)) denseTerms++;
    const dense = denseTerms * denseBytes(passages);
    const [skipsAt, codesAt] = [4 * postings, 4 * (postings + skips)];
    const denseAt = codesAt + 2 * postings;
    if (memory.byteLength < denseAt + dense) memory = new SharedArrayBuffer(denseAt + dense);
    return {
      rows: new Uint32Array(memory, 0, postings),
      skips: new Uint32Array(memory, skipsAt, skips),
      codes: new Uint16Array(memory, codesAt, postings),
      dense: new Uint8Array(memory, denseAt, dense).fill(0),
    };
  }
  return {
    async merge(range) {
      const merged = newRange(range);
      gather(plan, reader, range, merged);
      derive(plan, range, merged);
      return merged;
    },
    close: () => reader.close(),
  };
}

/** Puts the postings of all runs, which hold ascending rows, behind one another, term by term. */
function gather(plan: MergePlan, reader: RunReader, range: TermRange, { rows, codes }: MergedRange): void {
  const { offsets, lengthCodes } = plan;
  const base = offsets[range.from]!;
  const next = offsets.slice(range.from, range.to);
  for (const [number, { firstRow }] of plan.runs.entries()) {
    const part = reader.read(number, range);
    for (let i = 0, at = 0; i < part.starts.length - 1; i++) {
      let place = next[i]! - base;
      for (const end = part.starts[i + 1]!; at < end; at++, place++) {
        const row = firstRow + part.rows[at]!;
        rows[place] = row;
        codes[place] = postingCode(part.frequencies[at]!, lengthCodes[row]!);
      }
      next[i] = place + base;
    }
  }
}

/** Fills in what follows from a range's postings. */
function derive(plan: MergePlan, { from, to }: TermRange, { rows, codes, skips, dense }: MergedRange): void {
  const { passages, offsets, skipOffsets, impacts, peaks, lengths } = plan;
  let denseEnd = 0;
  for (let term = from; term < to; term++) {
    const [start, end] = [offsets[term]! - offsets[from]!, offsets[term + 1]! - offsets[from]!];
    let peak = 0;
    for (let i = start; i < end; i++) {
      const impact = impacts[codes[i]!]!;
      if (impact > peak) peak = impact;
    }
    peaks[term] = peak;
    const [skipStart, skipEnd] = [skipOffsets[term]! - skipOffsets[from]!, skipOffsets[term + 1]! - skipOffsets[from]!];
    if (skipEnd > skipStart) fillSkips(rows.subarray(start, end), passages, skips.subarray(skipStart, skipEnd));
    if (!isDense(passages, end - start)) continue;
    const into = dense.subarray(denseEnd, denseEnd + denseBytes(passages));
    packDense({ rows: rows.subarray(start, end), codes: codes.subarray(start, end) }, { into, lengths });
    denseEnd += into.length;
  }
}
