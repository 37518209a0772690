import { RagInstructError } from "@rag-instruct/core";
import type { ProductSpace } from "./scan-task.ts";
import { decodedWidth, scratchBytes } from "./thread-space.ts";
import { overrun } from "./wasm/kernels.ts";

/** Bytes of one row in the shared memory. */
export interface RowSizes {
  vectors: number;
  /** Code and scale. */
  codes: number;
}

/** Where what lies in the shared memory of an index. */
export interface MemoryPlan {
  bytes: number;
  /** For each thread, an address of its own. */
  scratch: number[];
  pass: { address: number; bytes: number };
  /** Addresses of all rows, where they fit: read once and kept. */
  resident: { vectors?: number; codes?: number };
  /** Two places for blocks that are read while the one before is searched. */
  slots: number[];
  slotBytes: number;
  onRuntime: ProductSpace;
}

/** Queries of one pass over all rows. */
export const mostQueries = 1024;
/** Most numbers of the products that are looked through at once: they stay in the last cache. */
const mostProducts = 1 << 21;
/** Most rows that a thread decodes to multiply them. */
const mostDecoded = 256;
const mostPassBytes = 1 << 26;
const mostSlotRows = 32_768;
/** Addresses are 32 bits. */
const mostBytes = 2 ** 32 - (1 << 16);

/** What {@link planMemory} goes by. */
export interface MemoryNeeds {
  memory: number;
  threads: number;
  dimensions: number;
  count: number;
  sizes: RowSizes;
  codesOnDisk: boolean;
  /** Products on ONNX Runtime want float32, which the rows are not. */
  decodes: boolean;
}

/**
 * Shares out `memory` bytes: what fits is kept, codes on disk first, those made of vectors in memory last; what does not is
 * streamed. Throws `bad-option` where not even a block of each thread fits.
 */
export function planMemory(needs: MemoryNeeds): MemoryPlan {
  const { memory, threads, dimensions, count, sizes, codesOnDisk } = needs;
  const bytes = Math.min(mostBytes, Math.floor(memory / 65_536) * 65_536);
  const space = addresses();
  const scratch = Array.from({ length: threads }, () => space.take(scratchBytes(dimensions)));
  const passBytes = Math.min(mostPassBytes, Math.floor(memory / 4));
  const pass = { address: space.take(passBytes), bytes: passBytes };
  const onRuntime = productSpace(space, needs);
  // The kernels read a few rows beyond the last.
  const slack = overrun * Math.max(sizes.vectors, sizes.codes, dimensions * 4) + 256;
  const rest = () => bytes - slack - space.end();

  const resident = residentRows(space, needs, rest);
  const streams = resident.vectors === undefined || (codesOnDisk && resident.codes === undefined);
  const perSlotRow = Math.max(sizes.vectors, sizes.codes);
  const slotRows = Math.min(count, mostSlotRows, Math.floor((rest() - 1024) / (2 * perSlotRow)));
  const slotBytes = streams ? slotRows * perSlotRow : 0;
  if ((streams && slotBytes < Math.max(perSlotRow, dimensions * 4 + 4)) || rest() < 0) {
    const enough = Math.ceil((space.end() + slack) / 2 ** 20) + 8;
    throw new RagInstructError(
      "bad-option",
      `memory of ${memory} bytes does not hold one row of vectors beside the work of ${threads} threads; give ${enough} MiB or more`,
    );
  }
  const slots = streams ? [space.take(slotBytes), space.take(slotBytes)] : [];
  return { bytes: space.end() + slack, scratch, pass, resident, slots, slotBytes, onRuntime };
}

/** Addresses one behind the other. */
interface Addresses {
  take(bytes: number): number;
  end(): number;
}

function addresses(): Addresses {
  let end = 0;
  return {
    take(bytes) {
      const start = end;
      end += Math.ceil(bytes / 64) * 64;
      return start;
    },
    end: () => end,
  };
}

function productSpace({ take }: Addresses, needs: MemoryNeeds): ProductSpace {
  const { memory, threads, dimensions, count, decodes } = needs;
  const numbers = Math.max(mostQueries, Math.min(mostProducts, mostQueries * count, memory / 64)) >>> 0;
  const rows = decodes ? Math.min(mostDecoded, count, Math.ceil(memory / (dimensions * threads * 128))) : 0;
  const bytes = rows * decodedWidth(dimensions) * 4;
  return {
    products: { numbers, address: take(numbers * 4) },
    decoded: { rows, bytes, address: take(threads * bytes) },
  };
}

function residentRows({ take }: Addresses, needs: MemoryNeeds, rest: () => number): MemoryPlan["resident"] {
  const { count, sizes, codesOnDisk } = needs;
  const [allCodes, allVectors] = [sizes.codes * count, sizes.vectors * count];
  const twoSlots = 2 * Math.min(allVectors, 1 << 20);
  const resident: MemoryPlan["resident"] = {};
  if (codesOnDisk) {
    if (allCodes + twoSlots > rest()) return {};
    resident.codes = take(allCodes);
  }
  if (allVectors + 1024 > rest()) return resident;
  resident.vectors = take(allVectors);
  if (!codesOnDisk && allCodes + 1024 <= rest()) resident.codes = take(allCodes);
  return resident;
}
