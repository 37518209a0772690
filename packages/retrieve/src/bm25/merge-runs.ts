import { join } from "node:path";
import { RagInstructError } from "@rag-instruct/core";
import { packDense } from "./dense-term.ts";
import { type Run, type RunReader, runReader } from "./runs.ts";
import { type SectionWriter, sectionWriter } from "./sections.ts";
import { fillSkips, isDense, skipEntries } from "./skip-table.ts";

/** What {@link mergeRuns} works on. */
export interface MergeInput {
  runs: readonly Run[];
  /** In how many passages each term stands. */
  frequencies: Uint32Array;
  passages: number;
  /** What a posting's code adds to a score, before its idf. */
  impacts: Float32Array;
  folder: string;
  signal?: AbortSignal | undefined;
}

/** Size and checksum of a file. */
export interface SectionSummary {
  bytes: number;
  sha256: string;
}

// Postings merged in one go: bounds the memory of a merge, but for a single term in more passages.
const postingsAtOnce = 1 << 20;
const mostPostings = 2 ** 32 - 1;

/**
 * Joins the runs, which hold ascending rows, into the postings of the index: `rows` and `codes` by term, where each term's
 * begin, the largest impact of each term, the skip tables of frequent terms, and for the most frequent ones frequencies by row.
 */
export async function mergeRuns(input: MergeInput): Promise<Record<string, SectionSummary>> {
  const { offsets, skipOffsets } = layout(input);
  const peaks = new Float32Array(input.frequencies.length);
  const lengths = new Uint8Array(input.passages);
  const readers: RunReader[] = [];
  const writers: Record<string, SectionWriter> = {};
  const finished: Record<string, SectionSummary> = {};
  try {
    for (const run of input.runs) readers.push(await runReader(run));
    for (const name of ["rows", "codes", "skips", "dense", "lengths", "offsets", "skip-offsets", "peaks"]) {
      writers[name] = await sectionWriter(join(input.folder, `${name}.bin`));
    }
    const shared = { offsets, skipOffsets, peaks, lengths, readers };
    for (const { from, to } of termRanges(offsets)) {
      input.signal?.throwIfAborted();
      const { rows, codes, skips, dense } = mergeRange(input, { from, to, ...shared });
      await writers.rows!.write(rows);
      await writers.codes!.write(codes);
      await writers.skips!.write(skips);
      for (const byRow of dense) await writers.dense!.write(byRow);
    }
    await writers.lengths!.write(lengths);
    await writers.offsets!.write(offsets);
    await writers["skip-offsets"]!.write(skipOffsets);
    await writers.peaks!.write(peaks);
    // Together, for each waits for the disk.
    const ends = Object.entries(writers).map(async ([name, writer]) => [`${name}.bin`, await writer.finish()] as const);
    Object.assign(finished, Object.fromEntries(await Promise.all(ends)));
    return finished;
  } finally {
    for (const file of [...readers, ...Object.values(writers)]) await file.close();
  }
}

function layout({ frequencies, passages }: MergeInput): { offsets: Uint32Array; skipOffsets: Uint32Array } {
  const offsets = new Uint32Array(frequencies.length + 1);
  const skipOffsets = new Uint32Array(frequencies.length + 1);
  let [postings, skips] = [0, 0];
  for (let term = 0; term < frequencies.length; term++) {
    postings += frequencies[term]!;
    skips += skipEntries(passages, frequencies[term]!);
    offsets[term + 1] = postings;
    skipOffsets[term + 1] = skips;
  }
  if (postings > mostPostings) {
    throw new RagInstructError(
      "limit-exceeded",
      `${postings} postings are more than one index holds; split the corpus`,
    );
  }
  return { offsets, skipOffsets };
}

function* termRanges(offsets: Uint32Array): Generator<{ from: number; to: number }> {
  const terms = offsets.length - 1;
  for (let from = 0; from < terms; ) {
    let to = from + 1;
    while (to < terms && offsets[to + 1]! - offsets[from]! <= postingsAtOnce) to++;
    yield { from, to };
    from = to;
  }
}

interface RangeState {
  from: number;
  to: number;
  offsets: Uint32Array;
  skipOffsets: Uint32Array;
  peaks: Float32Array;
  lengths: Uint8Array;
  readers: readonly RunReader[];
}

function mergeRange(
  { passages, impacts }: MergeInput,
  { from, to, offsets, skipOffsets, peaks, lengths, readers }: RangeState,
): { rows: Uint32Array; codes: Uint16Array; skips: Uint32Array; dense: Uint8Array[] } {
  const base = offsets[from]!;
  const rows = new Uint32Array(offsets[to]! - base);
  const codes = new Uint16Array(rows.length);
  const skips = new Uint32Array(skipOffsets[to]! - skipOffsets[from]!);
  const next = offsets.slice(from, to);
  for (const reader of readers) {
    const part = reader.read(from, to);
    let at = 0;
    for (let i = 0; i < part.counts.length; i++) {
      let place = next[i]! - base;
      for (const end = at + part.counts[i]!; at < end; at++, place++) {
        rows[place] = part.rows[at]!;
        codes[place] = part.codes[at]!;
      }
      next[i] = place + base;
    }
  }
  const dense: Uint8Array[] = [];
  for (let term = from; term < to; term++) {
    const [start, end] = [offsets[term]! - base, offsets[term + 1]! - base];
    let peak = 0;
    for (let i = start; i < end; i++) peak = Math.max(peak, impacts[codes[i]!]!);
    peaks[term] = peak;
    const [skipStart, skipEnd] = [skipOffsets[term]! - skipOffsets[from]!, skipOffsets[term + 1]! - skipOffsets[from]!];
    if (skipEnd > skipStart) fillSkips(rows.subarray(start, end), passages, skips.subarray(skipStart, skipEnd));
    if (isDense(passages, end - start)) {
      const postings = { rows: rows.subarray(start, end), codes: codes.subarray(start, end) };
      dense.push(packDense(postings, { passages, lengths }));
    }
  }
  return { rows, codes, skips, dense };
}
