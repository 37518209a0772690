import type { SharedRows } from "./scan-task.ts";
import { control, type Pass } from "./shared-pass.ts";
import {
  instantiateKernels,
  type KernelModule,
  type Kernels,
  overrun,
  productStride,
  queriesPerTile,
  rowsPerCall,
  type SharedMemory,
} from "./wasm/kernels.ts";

/** What a thread is given. */
export interface ThreadSetup {
  memory: SharedMemory;
  module: KernelModule;
  /** Its number. */
  thread: number;
  /** Address of {@link scratchBytes} bytes of its own. */
  scratch: number;
}

/** What a thread works with. */
export interface ThreadSpace {
  thread: number;
  kernels: Kernels;
  shared: SharedArrayBuffer;
  ints: Int32Array;
  floats: Float32Array;
  /** Addresses of its own: seeds of random numbers, sums of the kernels, products of a tile, thresholds, rows of float32. */
  own: { seeds: number; sums: number; products: number; thresholds: number; floats: number };
  /** Pieces of `size` of `total` that no other thread has taken; none once the pass is to stop. */
  pieces(pass: Pass, total: number, size: number): Generator<Piece>;
  /** Address of some of the rows as float32. */
  asFloats(rows: SharedRows, dimensions: number, piece: Piece): number;
}

export interface Piece {
  first: number;
  count: number;
}

/** Bytes that stay in the second-level cache: of rows that all queries are multiplied with, or that some turn to. */
const [floatTileBytes, windowBytes] = [1 << 17, 1 << 18];

/** Rows decoded one by one lie so many numbers apart: eight are written at once. */
export const decodedWidth = (dimensions: number) => Math.ceil(dimensions / 8) * 8;

/** Rows of float32 that are scored together. */
export function windowRows(dimensions: number): number {
  return Math.max(8, Math.min(rowsPerCall, Math.floor(windowBytes / (dimensions * 4))));
}

/** A multiple of what the kernels take at once. */
export function floatTileRows(dimensions: number): number {
  return Math.max(12, Math.min(rowsPerCall, Math.floor(floatTileBytes / (dimensions * 48)) * 12));
}

/** Most queries whose products a thread looks through together: what lies side by side is fetched faster. */
export const mostColumns = 256;

/** Bytes of a thread's own. */
export function scratchBytes(dimensions: number): number {
  const rows = Math.max(floatTileRows(dimensions) + overrun, windowRows(dimensions));
  return ownPlaces(0).floats + rows * decodedWidth(dimensions) * 4 + 64;
}

function ownPlaces(start: number): ThreadSpace["own"] {
  const sums = start + 16;
  const products = sums + 16 * 16;
  const thresholds = products + queriesPerTile * productStride * 4;
  return { seeds: start, sums, products, thresholds, floats: thresholds + mostColumns * 4 };
}

export function threadSpace({ memory, module, thread, scratch }: ThreadSetup): ThreadSpace {
  const kernels = instantiateKernels(module, memory);
  const shared = memory.buffer;
  const [ints, floats] = [new Int32Array(shared), new Float32Array(shared)];
  const own = ownPlaces(scratch);
  return {
    thread,
    kernels,
    shared,
    ints,
    floats,
    own,
    *pieces(pass, total, size) {
      const [next, stop] = [pass.control / 4 + control.next, pass.control / 4 + control.stop];
      for (;;) {
        const first = Atomics.add(ints, next, size);
        if (first >= total || Atomics.load(ints, stop) !== 0) return;
        yield { first, count: Math.min(size, total - first) };
      }
    },
    asFloats({ address, dtype }, dimensions, { first, count }) {
      if (dtype === "float32") return address + first * dimensions * 4;
      kernels.decodeHalves(address + first * dimensions * 2, own.floats, own.floats + count * dimensions * 4);
      return own.floats;
    },
  };
}
