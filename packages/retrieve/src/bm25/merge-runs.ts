import { join } from "node:path";
import { RagInstructError } from "@rag-instruct/core";
import type { MergedRange, MergePlan, RangeMerger, TermRange } from "./merge-range.ts";
import type { Run } from "./run.ts";
import { type Numbers, type SectionWriter, sectionWriter } from "./sections.ts";
import { skipEntries } from "./skip-table.ts";

/** What {@link mergeRuns} works on. */
export interface MergeInput {
  runs: readonly Run[];
  /** In how many passages each term stands. */
  frequencies: Uint32Array;
  /** The byte that stands for each passage's length. */
  lengthCodes: Uint8Array;
  /** What a posting's code adds to a score, before its idf. */
  impacts: Float32Array;
  folder: string;
  /** @returns mergers that work at the same time */
  mergers(plan: MergePlan): readonly RangeMerger[];
  /** Further sections of the index by name, to be written as they are. */
  others: Record<string, Uint8Array | Uint32Array>;
  signal?: AbortSignal | undefined;
}

/** Size and checksum of a file. */
export interface SectionSummary {
  bytes: number;
  sha256: string;
}

// Postings merged in one go: bounds the memory of a merge, but for a single term in more passages.
const postingsAtOnce = 1 << 18;
const mostPostings = 2 ** 32 - 1;

/**
 * Joins the runs into the postings of the index: `rows` and `codes` by term, where each term's begin, the largest impact of
 * each term, the skip tables of frequent terms, and for the most frequent ones frequencies by row.
 */
export async function mergeRuns(input: MergeInput): Promise<Record<string, SectionSummary>> {
  const plan = planOf(input);
  const mergers = input.mergers(plan);
  const writers: Record<string, SectionWriter> = {};
  const { lengths, offsets, skipOffsets, peaks } = plan;
  const whole = { lengths, offsets, "skip-offsets": skipOffsets, peaks, ...input.others };
  try {
    for (const name of ["rows", "codes", "skips", "dense", ...Object.keys(whole)]) {
      writers[name] = await sectionWriter(join(input.folder, `${name}.bin`));
    }
    const write = ([name, numbers]: [string, Numbers]) => writers[name]!.write(numbers);
    for await (const merged of inOrder(termRanges(offsets), mergers)) {
      input.signal?.throwIfAborted();
      await Promise.all(Object.entries(merged).map(write));
    }
    await Promise.all(Object.entries(whole).map(write));
    // Together, for each waits for the disk.
    const ends = Object.entries(writers).map(async ([name, writer]) => [`${name}.bin`, await writer.finish()] as const);
    return Object.fromEntries(await Promise.all(ends));
  } finally {
    for (const file of [...mergers, ...Object.values(writers)]) await file.close();
  }
}

function planOf({ runs, frequencies, lengthCodes, impacts }: MergeInput): MergePlan {
  const [terms, passages] = [frequencies.length, lengthCodes.length];
  const [offsets, skipOffsets] = [new Uint32Array(shared((terms + 1) * 4)), new Uint32Array(shared((terms + 1) * 4))];
  let [postings, skips] = [0, 0];
  for (let term = 0; term < terms; term++) {
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
  const [peaks, lengths] = [new Float32Array(shared(terms * 4)), new Uint8Array(shared(passages))];
  return { runs, passages, offsets, skipOffsets, impacts, lengthCodes, peaks, lengths };
}

function shared(bytes: number): SharedArrayBuffer {
  return new SharedArrayBuffer(bytes);
}

function* termRanges(offsets: Uint32Array): Generator<TermRange> {
  const terms = offsets.length - 1;
  for (let from = 0; from < terms; ) {
    let to = from + 1;
    while (to < terms && offsets[to + 1]! - offsets[from]! <= postingsAtOnce) to++;
    yield { from, to };
    from = to;
  }
}

/** Ranges merged in their order; a merger begins its next while the one it gave is dealt with. */
async function* inOrder(ranges: Iterator<TermRange>, mergers: readonly RangeMerger[]): AsyncGenerator<MergedRange> {
  const begin = (merger: RangeMerger) => {
    const next = ranges.next();
    const merged = next.done ? undefined : merger.merge(next.value);
    // Whoever waits for it hears of it; a failure before that is not nobody's.
    merged?.catch(() => {});
    return merged;
  };
  const begun = mergers.map(begin);
  for (let turn = 0; ; turn = (turn + 1) % mergers.length) {
    const merged = await begun[turn];
    if (!merged) return;
    begun[turn] = begin(mergers[turn]!);
    yield merged;
  }
}
