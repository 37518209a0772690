import { Worker } from "node:worker_threads";
import { type Closable, RagInstructError } from "@rag-instruct/core";
import type { Postings } from "./postings.ts";
import type { SearchTask } from "./scorer.ts";

/** Threads that score queries over shared memory; concurrent batches share them. */
export interface SearchThreads extends Closable {
  /** Resolves when the hits of the task are written, and rejects at once when the signal aborts. */
  run(task: SearchTask, signal: AbortSignal): Promise<void>;
}

interface Waiting {
  task: SearchTask;
  done: PromiseWithResolvers<void>;
}

/** Starts threads that do not keep the process alive. */
export function searchThreads(postings: Postings, threads: number): SearchThreads {
  const queue: Waiting[] = [];
  const idle: Worker[] = [];
  const busy = new Map<Worker, Waiting>();
  let closed = false;

  function fail(error: unknown): void {
    for (const { done } of [...queue.splice(0), ...busy.values()]) done.reject(error);
    busy.clear();
  }
  function dispatch(): void {
    while (queue.length > 0 && idle.length > 0) {
      const [worker, waiting] = [idle.pop()!, queue.shift()!];
      busy.set(worker, waiting);
      worker.ref();
      worker.postMessage(waiting.task);
    }
  }
  const workers = Array.from({ length: threads }, () => {
    const worker = new Worker(workerFile(), { workerData: postings });
    worker.unref();
    worker.on("message", () => {
      worker.unref();
      busy.get(worker)?.done.resolve();
      busy.delete(worker);
      idle.push(worker);
      dispatch();
    });
    worker.on("error", (cause) =>
      fail(new RagInstructError("call-failed", `a search thread failed: ${cause.message}`, { cause })),
    );
    idle.push(worker);
    return worker;
  });
  const pool: SearchThreads = {
    async run(task, signal) {
      if (closed) throw closedError();
      const waiting: Waiting = { task, done: Promise.withResolvers<void>() };
      // A thread that has begun goes on into memory that nobody reads; a task that waits is never begun.
      const abort = () => {
        const place = queue.indexOf(waiting);
        if (place >= 0) queue.splice(place, 1);
        waiting.done.reject(signal.reason);
      };
      signal.addEventListener("abort", abort, { once: true });
      queue.push(waiting);
      dispatch();
      try {
        await waiting.done.promise;
      } finally {
        signal.removeEventListener("abort", abort);
      }
    },
    async close() {
      closed = true;
      fail(closedError());
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
    [Symbol.asyncDispose]: () => pool.close(),
  };
  return pool;
}

// The file beside this one, whether sources run as they are or built.
function workerFile(): URL {
  return new URL(import.meta.url.endsWith(".ts") ? "./search-worker.ts" : "./search-worker.js", import.meta.url);
}

export function closedError(): RagInstructError {
  return new RagInstructError("bad-option", "the index is closed; open it again to search it");
}
