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

/**
 * Shares out `memory` bytes: what fits is kept, codes on disk first, those made of vectors in memory last; what does not is
 * streamed. Throws `bad-option` where not even a block of each thread fits.
 */
export function planMemory({
  memory,
  threads,
  dimensions,
  count,
  sizes,
  codesOnDisk,
  decodes,
}: {
  memory: number;
  threads: number;
  dimensions: number;
  count: number;
  sizes: RowSizes;
  codesOnDisk: boolean;
  /** Products on ONNX Runtime want float32, which the rows are not. */
  decodes: boolean;
}): MemoryPlan {
  const bytes = Math.min(mostBytes, Math.floor(memory / 65_536) * 65_536);
  let end = 0;
  const take = (size: number) => {
    const start = end;
    end += Math.ceil(size / 64) * 64;
    return start;
  };
  const scratch = Array.from({ length: threads }, () => take(scratchBytes(dimensions)));
  const passBytes = Math.min(mostPassBytes, Math.floor(memory / 4));
  const pass = { address: take(passBytes), bytes: passBytes };
  // The kernels read a few rows beyond the last.
  const slack = overrun * Math.max(sizes.vectors, sizes.codes, dimensions * 4) + 256;
  const rest = () => bytes - slack - end;
  const numbers = Math.max(mostQueries, Math.min(mostProducts, mostQueries * count, memory / 64)) >>> 0;
  const products = { numbers, address: take(numbers * 4) };
  const decodedRows = decodes ? Math.min(mostDecoded, count, Math.ceil(memory / (dimensions * threads * 128))) : 0;
  const decodedBytes = decodedRows * decodedWidth(dimensions) * 4;
  const decoded = { rows: decodedRows, bytes: decodedBytes, address: take(threads * decodedBytes) };
  const resident: MemoryPlan["resident"] = {};
  const leastSlot = (size: number) => 2 * Math.min(size * count, 1 << 20);

  const [allCodes, allVectors] = [sizes.codes * count, sizes.vectors * count];
  if (codesOnDisk && allCodes + leastSlot(sizes.vectors) <= rest()) resident.codes = take(allCodes);
  if (allVectors + 1024 <= rest() && (!codesOnDisk || resident.codes !== undefined)) {
    resident.vectors = take(allVectors);
  }
  const streams = resident.vectors === undefined || (codesOnDisk && resident.codes === undefined);
  if (!codesOnDisk && !streams && allCodes + 1024 <= rest()) resident.codes = take(allCodes);
  const perSlotRow = Math.max(sizes.vectors, sizes.codes);
  const slotRows = Math.min(count, mostSlotRows, Math.floor((rest() - 1024) / (2 * perSlotRow)));
  const slotBytes = streams ? slotRows * perSlotRow : 0;
  if ((streams && slotBytes < Math.max(perSlotRow, dimensions * 4 + 4)) || rest() < 0) {
    throw new RagInstructError(
      "bad-option",
      `memory of ${memory} bytes does not hold one row of vectors beside the work of ${threads} threads; give ${Math.ceil((end + slack) / 2 ** 20) + 8} MiB or more`,
    );
  }
  const slots = streams ? [take(slotBytes), take(slotBytes)] : [];
  return {
    bytes: end + slack,
    scratch,
    pass,
    resident,
    slots,
    slotBytes,
    onRuntime: { products, decoded },
  };
}
