import type { Vectors } from "@rag-instruct/core";
import type { VectorFolder } from "@rag-instruct/core/vectors";
import { makeCodes } from "./made-codes.ts";
import type { MemoryPlan } from "./memory-plan.ts";
import { preparePass } from "./prepare-pass.ts";
import type { CodeBounds } from "./quantize.ts";
import type { RowStore } from "./row-store.ts";
import type { SharedRows } from "./scan-task.ts";
import type { ScanThreads } from "./scan-threads.ts";
import { control, layOutPass, type Pass, type PassShape } from "./shared-pass.ts";
import type { SharedMemory } from "./wasm/kernels.ts";

/** Codes and their rows. */
export interface Codes {
  bounds: CodeBounds;
  rows: Pick<RowStore, "blocks">;
  /** Address of the scales of all rows, where these are rounded at random. */
  scales?: number;
}

/** What a search works with. */
export interface Scanner {
  memory: SharedMemory;
  plan: MemoryPlan;
  threads: ScanThreads;
  folder: VectorFolder;
  vectors: RowStore;
  /** Codes of the vector folder; without them the first are those that a pass makes in memory, if any. */
  codes?: Codes;
}

/** Runs passes over all rows; what is known of the rows is kept for the next one. */
export interface Passes {
  /** Codes to go through, which may still have to be made in memory; undefined where there are none. */
  codes(signal: AbortSignal | undefined): Promise<Codes | undefined>;
  /** Leaves hits and doubts of the queries in the memory. */
  run(queries: Vectors, shape: PassShape, signal: AbortSignal | undefined): Promise<Pass>;
}

/** So many rows in a row are read in the time that one takes by itself. */
const rowsReadPerGathered = 32;

/** Passes over the rows of an index, one at a time. */
export function passesOf(scanner: Scanner): Passes {
  const { memory, plan, threads, folder, vectors } = scanner;
  const { dimensions, count } = folder;
  let { codes } = scanner;
  let passes = 0;
  // Sum of squares of the longest row; 0 until all have been seen.
  let largestSquare = 0;

  function layOut(shape: PassShape, queries: number): Pass {
    return layOutPass(plan.pass.address, { id: passes++, queries, shape });
  }
  /** Has the threads leave off when the signal is given. */
  async function stoppable(pass: Pass, signal: AbortSignal | undefined, work: () => Promise<void>): Promise<void> {
    const stop = () => Atomics.store(new Int32Array(memory.buffer, pass.control), control.stop, 1);
    signal?.addEventListener("abort", stop, { once: true });
    try {
      await work();
      signal?.throwIfAborted();
    } finally {
      signal?.removeEventListener("abort", stop);
    }
  }
  async function run(queries: Vectors, shape: PassShape, signal: AbortSignal | undefined): Promise<Pass> {
    const pass = layOut(shape, queries.count);
    preparePass(memory, pass, { queries, bounds: { largestSquare, codes: codes?.bounds } });
    await stoppable(pass, signal, async () => {
      try {
        if (pass.precision === "int8") await scanCodes(pass, signal);
        else await scanVectors(pass, signal);
      } finally {
        if (pass.onRuntime) await threads.run({ kind: "release", pass });
      }
      signal?.throwIfAborted();
      await threads.run({ kind: "rank", pass });
    });
    return pass;
  }
  async function scanCodes(pass: Pass, signal: AbortSignal | undefined): Promise<void> {
    for await (const block of codes!.rows.blocks(signal ? { signal } : {})) {
      await scan(pass, block, { measured: true });
      signal?.throwIfAborted();
    }
    await threads.run({ kind: "merge", pass });
    const whole = await wholeVectors(signal);
    if (whole && pass.rounding === "random") {
      await threads.run({ kind: "rescore", pass, rows: whole, in: "float32" });
      await threads.run({ kind: "sift", pass });
    }
    if (whole) await threads.run({ kind: "rescore", pass, rows: whole, in: "float64" });
    else await rescoreFromDisk(pass, signal);
  }
  async function wholeVectors(signal: AbortSignal | undefined): Promise<SharedRows | undefined> {
    if (plan.resident.vectors === undefined) return undefined;
    for await (const _ of vectors.blocks(signal ? { signal } : {}));
    return vectors.whole();
  }
  /** Scores the candidates block by block where most blocks hold some, and otherwise reads their vectors alone. */
  async function rescoreFromDisk(pass: Pass, signal: AbortSignal | undefined): Promise<void> {
    const rows = candidateRows(memory, pass);
    if (rows.length * rowsReadPerGathered < count) return rescoreGathered(pass, rows, signal);
    for await (const block of vectors.blocks(signal ? { signal } : {})) {
      await threads.run({ kind: "rescore", pass, rows: block, in: "float64" });
      signal?.throwIfAborted();
    }
  }
  /** Reads the vectors of some rows, each once and in the order of the file, as many at a time as a slot holds. */
  async function rescoreGathered(pass: Pass, rows: Int32Array, signal: AbortSignal | undefined): Promise<void> {
    const atOnce = Math.floor(plan.slotBytes / (dimensions * 4 + 4));
    const [slot] = plan.slots;
    for (let first = 0; first < rows.length; first += atOnce) {
      const list = rows.subarray(first, first + atOnce);
      const { data } = await folder.rows(list, signal ? { signal } : {});
      const listAt = slot! + list.length * dimensions * 4;
      new Float32Array(memory.buffer, slot!, data.length).set(data);
      new Int32Array(memory.buffer, listAt, list.length).set(list);
      const block: SharedRows = { address: slot!, firstRow: 0, count: list.length, dtype: "float32", scales: 0 };
      const at = { address: listAt, count: list.length };
      await threads.run({ kind: "rescore", pass, rows: block, in: "float64", list: at });
      signal?.throwIfAborted();
    }
  }
  async function scanVectors(pass: Pass, signal: AbortSignal | undefined): Promise<void> {
    for await (const block of vectors.blocks(signal ? { signal } : {})) {
      await scan(pass, block, { measured: largestSquare > 0 });
      signal?.throwIfAborted();
      if (plan.resident.vectors === undefined) await threads.run({ kind: "settle", pass, rows: block });
    }
    signal?.throwIfAborted();
    largestSquare = new Float32Array(memory.buffer, pass.control)[control.largestSquare]!;
    await threads.run({ kind: "merge", pass });
    const whole = vectors.whole();
    if (whole) await threads.run({ kind: "rescore", pass, rows: whole, in: "float64" });
  }
  /** Multiplies a block with all queries and keeps the candidates. */
  async function scan(pass: Pass, rows: SharedRows, { measured }: { measured: boolean }): Promise<void> {
    if (!pass.onRuntime) return threads.run({ kind: "scan", pass, rows, measured });
    if (!measured) await threads.run({ kind: "measure", pass, rows });
    await threads.run({ kind: "scanProducts", pass, rows, ...plan.onRuntime });
  }

  return {
    run,
    async codes(signal) {
      const address = plan.resident.codes;
      if (codes || address === undefined) return codes;
      const whole = await wholeVectors(signal);
      const shape = { precision: "float32", rounding: undefined, onRuntime: false, limit: 1, scales: 0 } as const;
      const pass = layOut({ ...shape, dimensions, threads: plan.scratch.length, size: count }, 1);
      await stoppable(pass, signal, async () => {
        const made = await makeCodes(scanner, { vectors: whole!, address, pass, signal });
        ({ largestSquare } = made);
        codes = made;
      });
      return codes;
    },
  };
}

/** The rows of all candidates, ascending, each once. */
function candidateRows(memory: SharedMemory, { counts, rows, queries, capacity }: Pass): Int32Array {
  const sizes = new Int32Array(memory.buffer, counts, queries);
  const all = new Int32Array(sizes.reduce((sum, size) => sum + size, 0));
  let filled = 0;
  for (let query = 0; query < queries; query++) {
    all.set(new Int32Array(memory.buffer, rows + query * capacity * 4, sizes[query]!), filled);
    filled += sizes[query]!;
  }
  return all.sort().filter((row, i) => i === 0 || row !== all[i - 1]);
}
