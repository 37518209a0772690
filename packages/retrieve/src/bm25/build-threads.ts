import { Worker } from "node:worker_threads";
import { RagInstructError } from "@rag-instruct/core";
import type { MergedRange, MergePlan, RangeMerger, TermRange } from "./merge-range.ts";
import type { WrittenRun } from "./run-buffer.ts";
import { internAll, newStringTable, type StringTable } from "./string-table.ts";
import type { TextChunk } from "./text-chunk.ts";

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
