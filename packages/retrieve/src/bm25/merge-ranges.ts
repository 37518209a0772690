import { postingCode } from "./formula.ts";
import { denseBytes, fillSkips, isDense, packDense } from "./postings.ts";
import { type Run, type RunPart, type RunReader, runReader } from "./runs.ts";

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
  /** What it gives holds until the range after the next. */
  merge(range: TermRange): Promise<MergedRange>;
  close(): void;
}

export function rangeMerger(plan: MergePlan): RangeMerger {
  const reader = runReader(plan.runs);
  // Kept from range to range, and shared: what was merged on a thread is written from where it lies, in two turns, so that
  // merging goes on meanwhile.
  const memories = [new SharedArrayBuffer(0), new SharedArrayBuffer(0)];
  let turn = 0;

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
    turn = 1 - turn;
    if (memories[turn]!.byteLength < denseAt + dense) memories[turn] = new SharedArrayBuffer(denseAt + dense);
    const memory = memories[turn]!;
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
function gather(plan: MergePlan, reader: RunReader, range: TermRange, merged: MergedRange): void {
  const next = plan.offsets.slice(range.from, range.to);
  const base = next[0]!;
  for (let i = 0; i < next.length; i++) next[i]! -= base;
  for (const [number, { firstRow }] of plan.runs.entries()) {
    append(reader.read(number, range), { firstRow, next, lengthCodes: plan.lengthCodes }, merged);
  }
}

// A function of its own, as is `largestImpact`: V8 runs a hot loop slowly, and allocates for every number with a fraction in
// it, while the function around it is seldom called.
function append(
  { starts, rows: from, frequencies }: RunPart,
  { firstRow, next, lengthCodes }: { firstRow: number; next: Uint32Array; lengthCodes: Uint8Array },
  { rows, codes }: MergedRange,
): void {
  for (let i = 0, at = 0; i < starts.length - 1; i++) {
    let place = next[i]!;
    for (const end = starts[i + 1]!; at < end; at++, place++) {
      const row = firstRow + from[at]!;
      rows[place] = row;
      codes[place] = postingCode(frequencies[at]!, lengthCodes[row]!);
    }
    next[i] = place;
  }
}

/** Fills in what follows from a range's postings. */
function derive(plan: MergePlan, { from, to }: TermRange, { rows, codes, skips, dense }: MergedRange): void {
  const { passages, offsets, skipOffsets, impacts, peaks, lengths } = plan;
  let denseEnd = 0;
  for (let term = from; term < to; term++) {
    const [start, end] = [offsets[term]! - offsets[from]!, offsets[term + 1]! - offsets[from]!];
    peaks[term] = largestImpact(codes, { from: start, to: end }, impacts);
    const [skipStart, skipEnd] = [skipOffsets[term]! - skipOffsets[from]!, skipOffsets[term + 1]! - skipOffsets[from]!];
    if (skipEnd > skipStart) fillSkips(rows.subarray(start, end), passages, skips.subarray(skipStart, skipEnd));
    if (!isDense(passages, end - start)) continue;
    const into = dense.subarray(denseEnd, denseEnd + denseBytes(passages));
    packDense({ rows: rows.subarray(start, end), codes: codes.subarray(start, end) }, { into, lengths });
    denseEnd += into.length;
  }
}

function largestImpact(codes: Uint16Array, { from, to }: TermRange, impacts: Float32Array): number {
  let largest = 0;
  for (let i = from; i < to; i++) {
    const impact = impacts[codes[i]!]!;
    if (impact > largest) largest = impact;
  }
  return largest;
}
