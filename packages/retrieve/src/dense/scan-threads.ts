import { Worker } from "node:worker_threads";
import { RagInstructError } from "@rag-instruct/core";
import type { ScanTask } from "./scan-task.ts";
import { control } from "./shared-pass.ts";
import type { ThreadSetup } from "./thread-space.ts";

/** Threads over one shared memory. */
export interface ScanThreads {
  /** Runs a task on all threads, one task after another, and resolves when all are through. Rejects with what a thread throws. */
  run(task: ScanTask): Promise<void>;
  close(): Promise<void>;
}

type Failure = { code: RagInstructError["code"]; message: string } | undefined;
type Setup = Omit<ThreadSetup, "thread" | "scratch">;

/** Starts threads that do not keep the process alive; `scratch` gives each an address of its own. */
export function scanThreads(scratch: readonly number[], setup: Setup): ScanThreads {
  const ints = new Int32Array(setup.memory.buffer);
  const workers = scratch.map((address, thread) => {
    const worker = new Worker(workerFile(), { workerData: { ...setup, thread, scratch: address } });
    worker.unref();
    return worker;
  });
  let before: Promise<unknown> = Promise.resolve();

  async function runNow(task: ScanTask): Promise<void> {
    Atomics.store(ints, task.pass.control / 4 + control.next, 0);
    const results = await Promise.allSettled(workers.map((worker) => runOn(worker, task)));
    for (const result of results) if (result.status === "rejected") throw result.reason;
  }
  return {
    run(task) {
      const running = before.then(() => runNow(task));
      before = running.catch(() => {});
      return running;
    },
    async close() {
      await before;
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}

function runOn(worker: Worker, task: ScanTask): Promise<void> {
  worker.ref();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const finished = (failure: Failure) =>
    failure ? reject(new RagInstructError(failure.code, failure.message)) : resolve();
  const failed = (cause: Error) =>
    reject(new RagInstructError("call-failed", `a search thread failed: ${cause.message}`, { cause }));
  worker.once("message", finished);
  worker.once("error", failed);
  worker.postMessage(task);
  return promise.finally(() => {
    worker.off("message", finished);
    worker.off("error", failed);
    worker.unref();
  });
}

// The file beside this one, whether sources run as they are or built.
function workerFile(): URL {
  return new URL(import.meta.url.endsWith(".ts") ? "./scan-worker.ts" : "./scan-worker.js", import.meta.url);
}
