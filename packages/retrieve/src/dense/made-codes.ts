import type { VectorFolder } from "@rag-instruct/core/vectors";
import { type CodeBounds, centerOf } from "./quantize.ts";
import type { RowStore } from "./row-store.ts";
import type { SharedRows } from "./scan-task.ts";
import type { ScanThreads } from "./scan-threads.ts";
import { control, type Pass } from "./shared-pass.ts";
import { codeWidth, type SharedMemory } from "./wasm/kernels.ts";

/** Codes of all rows, made in memory. */
export interface MadeCodes {
  bounds: CodeBounds;
  rows: Pick<RowStore, "blocks">;
  /** Address of the scales of all rows. */
  scales: number;
  /** Sum of squares of the longest row. */
  largestSquare: number;
}

/**
 * Writes the codes of vectors that lie in memory to `address`, and behind them all scales. `pass` lends the place of its
 * query. Throws `file-corrupt` for a row that holds NaN or infinity.
 */
export async function makeCodes(
  { memory, threads, folder }: { memory: SharedMemory; threads: ScanThreads; folder: VectorFolder },
  { vectors, address, pass, signal }: { vectors: SharedRows; address: number; pass: Pass; signal?: AbortSignal },
): Promise<MadeCodes> {
  const { dimensions } = folder;
  const center = Float32Array.from(await centerOf(folder, signal));
  const scales = address + vectors.count * codeWidth(dimensions);
  const seen = new Float32Array(memory.buffer, pass.control, 16).fill(0);
  new Float32Array(memory.buffer, pass.queryRows, dimensions).set(center);
  await threads.run({ kind: "quantize", pass, rows: vectors, to: { address, scales } });
  signal?.throwIfAborted();
  const codes: SharedRows = { ...vectors, address, scales, dtype: "codes" };
  async function* blocks() {
    yield codes;
  }
  const ofRows = new Float32Array(memory.buffer, scales, vectors.count);
  return {
    bounds: {
      rounding: "random",
      center: Float64Array.from(center),
      largestLength: seen[control.longestCode]!,
      meanScale: ofRows.reduce((sum, scale) => sum + scale, 0) / vectors.count,
    },
    rows: { blocks },
    scales,
    largestSquare: seen[control.largestSquare]!,
  };
}
