import { Worker } from "node:worker_threads";
import { RagInstructError } from "@rag-instruct/core";
import type { Run } from "./runs.ts";
import { internAll, type StringTable } from "./string-table.ts";
import type { TextChunk } from "./text-chunk.ts";

/** A chunk to count, then the index's numbers of the terms it brought. */
export type ToBuildThread = TextChunk | { numbers: Uint32Array; terms: number };

/** The terms that a chunk brought and its length in terms, then how many passages each term stands in. */
export type FromBuildThread =
  | { length: number; bytes: Uint8Array; offsets: Uint32Array }
  | { counts: Uint32Array<ArrayBuffer> }
  | { failed: { code: RagInstructError["code"]; message: string } };

/** A chunk's postings, on disk. */
export interface CountedChunk {
  run: Run;
  counts: Uint32Array<ArrayBuffer>;
  length: number;
}

/** Threads that turn chunks into runs. */
export interface BuildThreads {
  /** Chunks are begun in the order of their numbers. Rejects as soon as the signal aborts. */
  count(chunk: TextChunk, signal: AbortSignal): Promise<CountedChunk>;
  close(): Promise<void>;
}

/**
 * Threads that share `terms`: a thread numbers its terms for itself, and the terms that a chunk brought are numbered here
 * in the order of the chunks, so that the index is the same on any number of threads.
 */
export function buildThreads(
  threads: number,
  { analyzer, folder, terms }: { analyzer: string; folder: string; terms: StringTable },
): BuildThreads {
  const workers = Array.from({ length: threads }, () => new Worker(workerFile(), { workerData: { analyzer, folder } }));
  const idle = [...workers];
  const waiting: ((worker: Worker) => void)[] = [];
  let numbered: Promise<unknown> = Promise.resolve();

  const release = (worker: Worker) => (waiting.length > 0 ? waiting.shift()!(worker) : idle.push(worker));
  async function runOn(worker: Worker, chunk: TextChunk, before: Promise<unknown>, numberedHere: () => void) {
    const answer = nextMessage(worker);
    worker.postMessage(chunk, [chunk.bytes.buffer]);
    const found = await answer;
    await before;
    if (!("offsets" in found)) throw new TypeError("a thread told of a run before its terms");
    const numbers = internAll(terms, found);
    numberedHere();
    const run: Run = { folder, name: String(chunk.number), terms: terms.size };
    const written = nextMessage(worker);
    worker.postMessage({ numbers, terms: terms.size } satisfies ToBuildThread);
    const end = await written;
    if (!("counts" in end)) throw new TypeError("a thread told of terms twice");
    return { run, counts: end.counts, length: found.length };
  }
  return {
    async count(chunk, signal) {
      const before = numbered;
      const { promise: mine, resolve } = Promise.withResolvers<void>();
      numbered = mine;
      const aborted = Promise.withResolvers<never>();
      const abort = () => aborted.reject(signal.reason);
      signal.addEventListener("abort", abort, { once: true });
      const work = async () => {
        const worker = idle.pop() ?? (await new Promise<Worker>((take) => waiting.push(take)));
        const counted = await runOn(worker, chunk, before, resolve);
        release(worker);
        return counted;
      };
      try {
        signal.throwIfAborted();
        return await Promise.race([work(), aborted.promise]);
      } finally {
        signal.removeEventListener("abort", abort);
      }
    },
    async close() {
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}

function nextMessage(worker: Worker): Promise<FromBuildThread> {
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown) => {
      worker.off("message", take);
      reject(new RagInstructError("call-failed", `an indexing thread failed: ${(cause as Error).message}`, { cause }));
    };
    const take = (message: FromBuildThread) => {
      worker.off("error", fail);
      if ("failed" in message) reject(new RagInstructError(message.failed.code, message.failed.message));
      else resolve(message);
    };
    worker.once("message", take);
    worker.once("error", fail);
  });
}

// The file beside this one, whether sources run as they are or built.
function workerFile(): URL {
  return new URL(import.meta.url.endsWith(".ts") ? "./build-worker.ts" : "./build-worker.js", import.meta.url);
}
