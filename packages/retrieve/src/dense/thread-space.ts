import type { SharedRows } from "./row-store.ts";
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

/** What a thread is started with. */
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
  /** Addresses in the thread's own part: seeds of random numbers, sums of the kernels, products of a tile, thresholds, rows of float32. */
  own: { seeds: number; sums: number; products: number; thresholds: number; floats: number };
  /** Takes pieces of `size` out of `total` until the threads together have taken all, or the pass is to stop. */
  pieces(pass: Pass, total: number, size: number): Generator<Piece>;
  /** Address of a piece of the rows as float32, decoded if need be. */
  asFloats(rows: SharedRows, dimensions: number, piece: Piece): number;
}

export interface Piece {
  first: number;
  count: number;
}

/** Bytes of rows that stay in the second-level cache, while all queries are multiplied with them, or while candidates are scored. */
const [floatTileBytes, windowBytes] = [1 << 17, 1 << 18];

/** Floats from one decoded row to the next: decoding writes eight numbers at once. */
export const decodedWidth = (dimensions: number) => Math.ceil(dimensions / 8) * 8;

/** Rows of the window that candidates are scored in. */
export function windowRows(dimensions: number): number {
  return Math.max(8, Math.min(rowsPerCall, Math.floor(windowBytes / (dimensions * 4))));
}

/** Rows of a tile: a multiple of 12, because kernels take 3 or 4 at once. */
export function floatTileRows(dimensions: number): number {
  return Math.max(12, Math.min(rowsPerCall, Math.floor(floatTileBytes / (dimensions * 48)) * 12));
}

/** Most queries whose products a thread selects from together: adjacent memory is read faster. */
export const maxColumns = 256;

/** Bytes of a thread's own part of the memory. */
export function scratchBytes(dimensions: number): number {
  const rows = Math.max(floatTileRows(dimensions) + overrun, windowRows(dimensions));
  return ownPlaces(0).floats + rows * decodedWidth(dimensions) * 4 + 64;
}

function ownPlaces(start: number): ThreadSpace["own"] {
  const sums = start + 16;
  const products = sums + 16 * 16;
  const thresholds = products + queriesPerTile * productStride * 4;
  return { seeds: start, sums, products, thresholds, floats: thresholds + maxColumns * 4 };
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

/** How often a waiting thread looks whether the pass is to stop, in milliseconds. */
const stopCheckInterval = 20;

/**
 * A barrier: waits until all threads of a pass have arrived, and starts the count of pieces at 0 again. Returns false, without
 * waiting any longer, once the pass is to stop.
 */
export function waitAtBarrier(ints: Int32Array, pass: Pass): boolean {
  const at = (number: number) => pass.control / 4 + number;
  const stopped = () => Atomics.load(ints, at(control.stop)) !== 0;
  const generation = Atomics.load(ints, at(control.generation));
  if (Atomics.add(ints, at(control.arrived), 1) === pass.threads - 1) {
    Atomics.store(ints, at(control.arrived), 0);
    Atomics.store(ints, at(control.next), 0);
    Atomics.add(ints, at(control.generation), 1);
    Atomics.notify(ints, at(control.generation));
  } else {
    while (Atomics.load(ints, at(control.generation)) === generation && !stopped()) {
      Atomics.wait(ints, at(control.generation), generation, stopCheckInterval);
    }
  }
  return !stopped();
}

const float = new Float32Array(1);
const bits = new Int32Array(float.buffer);

/** Sets a float32 number that threads share to the larger of itself and another one. */
export function atomicMax(ints: Int32Array, place: number, to: number): void {
  float[0] = to;
  const [raised, number] = [bits[0]!, float[0]!];
  for (let seen = Atomics.load(ints, place); floatOf(seen) < number; ) {
    const found = Atomics.compareExchange(ints, place, seen, raised);
    if (found === seen) return;
    seen = found;
  }
}

function floatOf(of: number): number {
  bits[0] = of;
  return float[0]!;
}
