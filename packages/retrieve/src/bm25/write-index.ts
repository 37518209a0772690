import { createHash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import { RagInstructError } from "@rag-instruct/core";
import type { CountedTerms } from "./count-terms.ts";
import { impactTable } from "./formula.ts";
import { type Bm25Manifest, formatVersion } from "./index-folder.ts";
import type { MergedRange, MergePlan, RangeMerger, TermRange } from "./merge-ranges.ts";
import { skipEntries } from "./postings.ts";
import { unwritable } from "./runs.ts";

/** What {@link writeIndex} works on. */
export interface WriteIndexOptions {
  folder: string;
  analyzer: string;
  k1: number;
  b: number;
  /** @returns mergers that work at the same time */
  mergers(plan: MergePlan): readonly RangeMerger[];
  signal?: AbortSignal;
}

/** Writes the files of an index folder but for the manifest. @returns the manifest */
export async function writeIndex(counted: CountedTerms, options: WriteIndexOptions): Promise<Bm25Manifest> {
  const { ids, terms, length, corpus, runs, frequencies, lengthCodes } = counted;
  const { folder, analyzer, k1, b, mergers, signal } = options;
  const meanLength = length / ids.size || 1;
  const files = await mergeRuns({
    runs,
    frequencies,
    lengthCodes,
    impacts: impactTable({ k1, b, meanLength }),
    folder,
    mergers,
    others: {
      ids: ids.bytes.subarray(0, ids.offsets[ids.size]),
      "id-offsets": ids.offsets.subarray(0, ids.size + 1),
      terms: terms.bytes.subarray(0, terms.offsets[terms.size]),
      "term-offsets": terms.offsets.subarray(0, terms.size + 1),
      "term-slots": terms.slots,
    },
    signal,
  });
  return {
    format: "rag-instruct-bm25",
    version: formatVersion,
    analyzer,
    k1,
    b,
    passages: ids.size,
    meanLength,
    terms: terms.size,
    corpus,
    files,
  };
}

interface MergeOptions extends Pick<CountedTerms, "runs" | "frequencies" | "lengthCodes"> {
  impacts: Float32Array;
  folder: string;
  mergers(plan: MergePlan): readonly RangeMerger[];
  /** Further files of the index by name, to be written as they are. */
  others: Record<string, Uint8Array | Uint32Array>;
  signal: AbortSignal | undefined;
}

// Postings merged in one go: bounds the memory of a merge, but for a single term in more passages.
const postingsAtOnce = 1 << 18;
const maxPostings = 2 ** 32 - 1;

/**
 * Joins the runs into the postings of the index: `rows` and `codes` by term, where each term's begin, the largest impact of
 * each term, the skip tables of frequent terms, and for the most frequent ones frequencies by row.
 */
async function mergeRuns(input: MergeOptions): Promise<Bm25Manifest["files"]> {
  const plan = planOf(input);
  const mergers = input.mergers(plan);
  const writers: Record<string, SectionWriter> = {};
  const { lengths, offsets, skipOffsets, peaks } = plan;
  const whole = { lengths, offsets, "skip-offsets": skipOffsets, peaks, ...input.others };
  try {
    for (const name of ["rows", "codes", "skips", "dense", ...Object.keys(whole)]) {
      writers[name] = await SectionWriter.open(join(input.folder, `${name}.bin`));
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

function planOf({ runs, frequencies, lengthCodes, impacts }: MergeOptions): MergePlan {
  const [terms, passages] = [frequencies.length, lengthCodes.length];
  const [offsets, skipOffsets] = [new Uint32Array(shared((terms + 1) * 4)), new Uint32Array(shared((terms + 1) * 4))];
  let [postings, skips] = [0, 0];
  for (let term = 0; term < terms; term++) {
    postings += frequencies[term]!;
    skips += skipEntries(passages, frequencies[term]!);
    offsets[term + 1] = postings;
    skipOffsets[term + 1] = skips;
  }
  if (postings > maxPostings) {
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

type Numbers = Uint8Array | Uint16Array | Uint32Array | Float32Array;

// What is on disk already need not be waited for in the end.
const bytesPerSync = 1 << 23;

/** A binary file of the index, written from start to end. */
export class SectionWriter {
  readonly #path: string;
  readonly #handle: FileHandle;
  readonly #hash = createHash("sha256");
  #bytes = 0;
  /** Bytes that are on the disk or on their way there. */
  #syncedTo = 0;
  /** Remembered, because the system tells of a failure once: a later sync may succeed. */
  #synced = Promise.resolve();
  #isOpen = true;

  private constructor(path: string, handle: FileHandle) {
    this.#path = path;
    this.#handle = handle;
  }

  static async open(path: string): Promise<SectionWriter> {
    try {
      return new SectionWriter(path, await open(path, "wx"));
    } catch (cause) {
      throw unwritable(path, cause);
    }
  }

  async write(numbers: Numbers): Promise<void> {
    const chunk = new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
    this.#hash.update(chunk);
    this.#bytes += chunk.length;
    await this.#orUnwritable(this.#handle.appendFile(chunk));
    if (this.#bytes < this.#syncedTo + bytesPerSync) return;
    this.#syncedTo = this.#bytes;
    this.#synced = this.#synced.then(() => this.#orUnwritable(this.#handle.datasync()));
    this.#synced.catch(() => {});
  }

  /** Makes the file durable. @returns its size in bytes and SHA-256 */
  async finish(): Promise<{ bytes: number; sha256: string }> {
    await this.#synced;
    await this.#orUnwritable(this.#handle.sync());
    await this.close();
    return { bytes: this.#bytes, sha256: this.#hash.digest("hex") };
  }

  /** Closes the file, finished or not. */
  async close(): Promise<void> {
    if (this.#isOpen) await this.#handle.close();
    this.#isOpen = false;
  }

  async #orUnwritable(step: Promise<void>): Promise<void> {
    try {
      await step;
    } catch (cause) {
      throw unwritable(this.#path, cause);
    }
  }
}
