import { type ReservedThread, ThreadPool, threadFile } from "@rag-instruct/core/node";
import type { MergedRange, MergePlan, RangeMerger, TermRange } from "./merge-ranges.ts";
import { maxTexts, type WrittenRun } from "./runs.ts";
import { internAll, newStringTable, type StringTable } from "./string-table.ts";

/** A chunk to read, then the index's numbers of the terms it brought; in the end a plan, then ranges to merge. */
export type BuildTask =
  | { chunk: TextChunk }
  | { numbers: Uint32Array; terms: number }
  | { plan: MergePlan }
  | { range: TermRange };

/** The answer to each of the tasks in turn: what is new of a chunk, its run, nothing for a plan, the postings of a range. */
export type BuildReply = NewTerms | WrittenRun | undefined | MergedRange;

/** Terms that no chunk brought before to the thread. */
export type NewTerms = Pick<StringTable, "bytes" | "offsets">;

type BuildThread = ReservedThread<BuildTask, BuildReply>;

/**
 * Threads that turn chunks into runs, and merge these. A thread numbers its terms for itself, and the terms that a chunk brought
 * are numbered here in the order of the chunks, so that the index is the same on any number of threads.
 */
export class BuildThreads {
  readonly size: number;
  /** The terms of all chunks, numbered in the order of the chunks. */
  readonly terms = newStringTable();
  /** Whether a chunk was handed in: no thread is started before. */
  isStarted = false;
  readonly #pool: ThreadPool<BuildTask, BuildReply>;
  /** Resolves when the terms of the last chunk handed in have their numbers. */
  #numbered: Promise<void> = Promise.resolve();

  constructor(size: number, workerData: { analyzer: string; folder: string }) {
    this.size = size;
    this.#pool = new ThreadPool({
      file: threadFile(import.meta.url, "build-worker"),
      threads: size,
      workerData,
      name: "an indexing thread",
      closed: "the index is no longer being built",
      // Threads make few objects: what is not set aside for these is not held.
      resourceLimits: { maxYoungGenerationSizeMb: 2 },
    });
  }

  /** Chunks are begun in the order of their numbers. Rejects as soon as the signal aborts. */
  async count(chunk: TextChunk, signal: AbortSignal): Promise<WrittenRun> {
    this.isStarted = true;
    const before = this.#numbered;
    const numbered = Promise.withResolvers<void>();
    this.#numbered = numbered.promise;
    try {
      const thread = await this.#pool.reserve({ signal });
      try {
        const brought = (await thread.run({ chunk }, { signal })) as NewTerms;
        await before;
        signal.throwIfAborted();
        const numbers = internAll(this.terms, brought);
        numbered.resolve();
        return (await thread.run({ numbers, terms: this.terms.size }, { signal })) as WrittenRun;
      } finally {
        thread.release();
      }
    } finally {
      // Also where it failed, because the next chunk waits for it.
      numbered.resolve();
    }
  }

  /** Ends the counting. @returns a merger for each thread, which is closed with it */
  mergers(plan: MergePlan): RangeMerger[] {
    return Array.from({ length: this.size }, () => {
      // Taken when there is a range for it: a thread that is still opening is not waited for without need.
      let thread: Promise<BuildThread> | undefined;
      return {
        merge: async (range) => {
          thread ??= this.#mergingThread(plan);
          return (await (await thread).run({ range })) as MergedRange;
        },
        close() {},
      };
    });
  }

  close(): Promise<void> {
    return this.#pool.close();
  }

  async #mergingThread(plan: MergePlan): Promise<BuildThread> {
    const thread = await this.#pool.reserve();
    await thread.run({ plan });
    return thread;
  }
}

/** Texts of consecutive passages, one after another, to be handed to a thread. */
export interface TextChunk {
  /** Position in the corpus of the chunk. */
  number: number;
  /** Row of the first text. */
  firstRow: number;
  /** UTF-8, with a newline behind each text; in memory that threads share. */
  bytes: Uint8Array;
  /** Where each text ends; it begins one behind the end of the one before. */
  ends: Uint32Array;
  /** 1 for a text that is all ASCII. */
  ascii: Uint8Array;
}

const encoder = new TextEncoder();
const newline = 0x0a;
const minChunkBytes = 1 << 21;
const maxChunkBytes = 1 << 25;
const chunksPerSize = 64;

/** Gathers texts into chunks of 2 MiB, larger ones in a larger corpus, so that there are not too many of them to merge. */
export class ChunkWriter {
  #number = 0;
  #firstRow = 0;
  #used = 0;
  #ends: number[] = [];
  #ascii: number[] = [];
  #bytes: Uint8Array = new Uint8Array(0);
  readonly #spent: Uint8Array[] = [];

  /** Adds a text. @returns whether the chunk is full */
  add(text: string): boolean {
    const maxUsed = this.#used + text.length * 3 + 1;
    if (maxUsed > this.#bytes.length) this.#makeRoom(maxUsed);
    const { written } = encoder.encodeInto(text, this.#bytes.subarray(this.#used));
    this.#used += written;
    this.#ends.push(this.#used);
    this.#ascii.push(written === text.length ? 1 : 0);
    this.#bytes[this.#used++] = newline;
    return this.#used >= this.#size() || this.#ends.length >= maxTexts;
  }

  /** The chunk, none where nothing was added; the next one begins behind it. */
  take(): TextChunk | undefined {
    if (this.#ends.length === 0) return undefined;
    const chunk: TextChunk = {
      number: this.#number++,
      firstRow: this.#firstRow,
      bytes: this.#bytes,
      ends: Uint32Array.from(this.#ends),
      ascii: Uint8Array.from(this.#ascii),
    };
    this.#firstRow += this.#ends.length;
    this.#used = 0;
    this.#ends = [];
    this.#ascii = [];
    this.#bytes = new Uint8Array(0);
    return chunk;
  }

  /** Hands back a chunk that was dealt with; its memory is used again, for fresh memory costs more than to fill it. */
  reuse(chunk: TextChunk): void {
    this.#spent.push(chunk.bytes);
  }

  #size(): number {
    return Math.min(minChunkBytes * 2 ** Math.floor(this.#number / chunksPerSize), maxChunkBytes);
  }

  #makeRoom(bytes: number): void {
    const wanted = Math.max(bytes, this.#size() + (this.#size() >> 3));
    const again = this.#spent.pop();
    const larger = again && again.length >= wanted ? again : new Uint8Array(new SharedArrayBuffer(wanted));
    larger.set(this.#bytes.subarray(0, this.#used));
    this.#bytes = larger;
  }
}
