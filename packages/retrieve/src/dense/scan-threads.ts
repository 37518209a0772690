import { ThreadPool, threadFile } from "@rag-instruct/core/node";
import type { ProductSpace } from "./memory-plan.ts";
import type { SharedRows } from "./row-store.ts";
import { control, type Pass } from "./shared-pass.ts";
import type { ThreadSetup } from "./thread-space.ts";

/** One step of a pass, which all threads take part in; each takes pieces of it until none is left. */
export type ScanTask =
  /** Multiplies rows with all queries and keeps the candidates. */
  | { kind: "scan"; pass: Pass; rows: SharedRows; measured: boolean }
  /** Finds the longest row. */
  | { kind: "measure"; pass: Pass; rows: SharedRows }
  /** Writes the codes of rows and, elsewhere, their scales, relative to the query of the pass; notes the longest row and code. */
  | { kind: "quantize"; pass: Pass; rows: SharedRows; to: Pick<SharedRows, "address" | "scales"> }
  /** Multiplies rows with all queries on ONNX Runtime and keeps the candidates. */
  | ({ kind: "scanProducts"; pass: Pass; rows: SharedRows } & ProductSpace)
  /** Brings the candidates of the threads together. */
  | { kind: "merge"; pass: Pass }
  /**
   * Replaces the products of candidates by scores in float32 or float64: of all, or of those in an ascending list that `rows`
   * holds the vectors of.
   */
  | {
      kind: "rescore";
      pass: Pass;
      rows: SharedRows;
      in: "float32" | "float64";
      list?: { address: number; count: number };
    }
  /** Leaves out candidates by their scores in float32. */
  | { kind: "prune"; pass: Pass }
  /** Replaces the products of each thread's candidates in a block, while its vectors are there, by exact scores. */
  | { kind: "scoreBlock"; pass: Pass; rows: SharedRows }
  /** Writes the hits. */
  | { kind: "rank"; pass: Pass }
  /** Gives back what products on ONNX Runtime held. */
  | { kind: "release"; pass: Pass };

/** Threads over one shared memory. */
export interface ScanThreads {
  /** Runs a task on all threads, one task after another, and resolves when all are through. Rejects with what a thread throws. */
  run(task: ScanTask): Promise<void>;
  close(): Promise<void>;
}

/** Starts threads that do not keep the process alive; `scratch` gives each an address of its own. */
export function scanThreads(scratch: readonly number[], setup: Pick<ThreadSetup, "memory" | "module">): ScanThreads {
  const ints = new Int32Array(setup.memory.buffer);
  const pool = new ThreadPool<ScanTask, void>({
    file: threadFile(import.meta.url, "scan-worker"),
    threads: scratch.length,
    start: "eager",
    workerData: (thread: number): ThreadSetup => ({ ...setup, thread, scratch: scratch[thread]! }),
    name: "a search thread",
    closed: "the index is closed; open it again to search it",
  });
  return {
    async run(task) {
      await pool.broadcast(() => {
        Atomics.store(ints, task.pass.control / 4 + control.next, 0);
        return task;
      });
    },
    close: () => pool.close(),
  };
}
