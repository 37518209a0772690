import { Worker } from "node:worker_threads";
import { RagInstructError } from "@rag-instruct/core";
import type { MergedRange, MergePlan, RangeMerger, TermRange } from "./merge-ranges.ts";
import { maxTexts, type WrittenRun } from "./runs.ts";
import { internAll, newStringTable, type StringTable } from "./string-table.ts";

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

/** A chunk to read, then the index's numbers of the terms it brought; in the end a plan, then ranges to merge. */
export type ToBuildThread =
  | { chunk: TextChunk }
  | { numbers: Uint32Array; terms: number }
  | { plan: MergePlan }
  | { range: TermRange };

/** An answer to each but the plan. */
export type FromBuildThread =
  | { brought: Pick<StringTable, "bytes" | "offsets"> }
  | { written: WrittenRun }
  | { merged: MergedRange }
  | { failed: { code: RagInstructError["code"]; message: string } };

/** Threads that turn chunks into runs, and merge these. */
export interface BuildThreads {
  size: number;
  /** The terms of all chunks, numbered in the order of the chunks. */
  terms: StringTable;
  /** Chunks are begun in the order of their numbers. Rejects as soon as the signal aborts. */
  count(chunk: TextChunk, signal: AbortSignal): Promise<WrittenRun>;
  /** Ends the counting. @returns a merger a thread, which is closed with it */
  mergers(plan: MergePlan): RangeMerger[];
  close(): Promise<void>;
}

// Threads make few objects: what is not set aside for these is not held.
const resourceLimits = { maxYoungGenerationSizeMb: 2 };

/**
 * Starts threads that share `terms`: a thread numbers its terms for itself, and the terms that a chunk brought are numbered
 * here in the order of the chunks, so that the index is the same on any number of threads.
 */
export function buildThreads(size: number, workerData: { analyzer: string; folder: string }): BuildThreads {
  const terms = newStringTable();
  const workers = Array.from({ length: size }, () => new Worker(workerFile(), { workerData, resourceLimits }));
  const idle = [...workers];
  const waiting: ((worker: Worker) => void)[] = [];
  let numbered: Promise<unknown> = Promise.resolve();

  const release = (worker: Worker) => (waiting.length > 0 ? waiting.shift()!(worker) : idle.push(worker));
  async function runOn(worker: Worker, chunk: TextChunk, before: Promise<unknown>, numberedHere: () => void) {
    const { brought } = await ask(worker, "brought", { chunk });
    await before;
    const numbers = internAll(terms, brought);
    numberedHere();
    return (await ask(worker, "written", { numbers, terms: terms.size })).written;
  }
  return {
    size,
    terms,
    async count(chunk, signal) {
      const before = numbered;
      const { promise: mine, resolve } = Promise.withResolvers<void>();
      numbered = mine;
      const aborted = Promise.withResolvers<never>();
      const abort = () => aborted.reject(signal.reason);
      signal.addEventListener("abort", abort, { once: true });
      const work = async () => {
        const worker = idle.pop() ?? (await new Promise<Worker>((take) => waiting.push(take)));
        const written = await runOn(worker, chunk, before, resolve);
        release(worker);
        return written;
      };
      try {
        signal.throwIfAborted();
        return await Promise.race([work(), aborted.promise]);
      } finally {
        signal.removeEventListener("abort", abort);
      }
    },
    mergers: (plan) =>
      workers.map((worker) => {
        worker.postMessage({ plan } satisfies ToBuildThread);
        return { merge: async (range) => (await ask(worker, "merged", { range })).merged, close() {} };
      }),
    async close() {
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}

type Answer<Kind extends string> = Extract<FromBuildThread, Record<Kind, unknown>>;

/** Hands a thread something to do. @returns the answer, which must be of the kind */
function ask<Kind extends "brought" | "written" | "merged">(
  worker: Worker,
  kind: Kind,
  message: ToBuildThread,
): Promise<Answer<Kind>> {
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown) => {
      worker.off("message", take);
      reject(new RagInstructError("call-failed", `an indexing thread failed: ${(cause as Error).message}`, { cause }));
    };
    const take = (answer: FromBuildThread) => {
      worker.off("error", fail);
      if ("failed" in answer) reject(new RagInstructError(answer.failed.code, answer.failed.message));
      else if (kind in answer) resolve(answer as Answer<Kind>);
      else reject(new TypeError(`a thread gave ${Object.keys(answer)} in place of ${kind}`));
    };
    worker.once("message", take);
    worker.once("error", fail);
    worker.postMessage(message);
  });
}

// The file beside this one, whether sources run as they are or built.
function workerFile(): URL {
  return new URL(import.meta.url.endsWith(".ts") ? "./build-worker.ts" : "./build-worker.js", import.meta.url);
}
