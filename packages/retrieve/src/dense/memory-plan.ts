import { RagInstructError } from "@rag-instruct/core";
import { type Pass, paddedQueries } from "./shared-pass.ts";
import { scratchBytes } from "./thread-space.ts";
import { overrun } from "./wasm/kernels.ts";

/** Bytes of one row in the shared memory. */
export interface RowSizes {
  vectors: number;
  /** Code and scale; 0 without codes. */
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
  /** Most numbers of a product on ONNX Runtime and their place, most rows of it, and a place for them as float32. */
  products: { numbers: number; address: number; rows: number; floats: number };
}

/** Queries of one pass over all rows. */
export const mostQueries = 1024;
/** Most numbers of one product: it ends well within a tenth of a second, and stays in the last cache. */
const mostProducts = { float32: 1 << 19, int8: 1 << 20 };
/** Rows that so many queries are multiplied with at once. */
export const productRows = ({ products }: MemoryPlan, queries: number) =>
  Math.min(products.rows, Math.floor(products.numbers / paddedQueries(queries)));
const mostPassBytes = 1 << 26;
const mostProductRows = 32_768;
const fewestProductRows = 1024;
/** Addresses are 32 bits. */
const mostBytes = 2 ** 32 - (1 << 16);

/**
 * Shares out `memory` bytes: what fits is kept, codes first; what does not is streamed. Throws `bad-option` where not even
 * a block of each thread fits.
 */
export function planMemory({
  memory,
  threads,
  dimensions,
  count,
  sizes,
  precision,
  decodes,
}: {
  memory: number;
  threads: number;
  dimensions: number;
  count: number;
  sizes: RowSizes;
  precision: Pass["precision"];
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
  const perProductRow = decodes ? dimensions * 4 : 0;
  const numbers = Math.min(mostProducts[precision], Math.max(mostQueries * count, 1), memory / 64) >>> 0;
  const address = take(numbers * 4);
  const decodedBytes = perProductRow * Math.min(count, fewestProductRows);
  const resident: MemoryPlan["resident"] = {};
  const leastSlot = (size: number) => 2 * Math.min(size * count, 1 << 20);

  const [allCodes, allVectors] = [sizes.codes * count, sizes.vectors * count];
  if (allCodes > 0 && allCodes + leastSlot(sizes.vectors) <= rest()) resident.codes = take(allCodes);
  if (allVectors + decodedBytes + 1024 <= rest() && (allCodes === 0 || resident.codes !== undefined)) {
    resident.vectors = take(allVectors);
  }
  const streams = resident.vectors === undefined || (allCodes > 0 && resident.codes === undefined);
  const perSlotRow = Math.max(sizes.vectors, sizes.codes);
  const perRow = perProductRow + (streams ? 2 * perSlotRow : 0);
  const rows = Math.min(count, mostProductRows, Math.floor((rest() - 1024) / perRow));
  const slotBytes = streams ? rows * perSlotRow : 0;
  if ((streams && slotBytes < Math.max(perSlotRow, dimensions * 4 + 4)) || rest() < 0) {
    throw new RagInstructError(
      "bad-option",
      `memory of ${memory} bytes does not hold one row of vectors beside the work of ${threads} threads; give ${Math.ceil((end + slack) / 2 ** 20) + 8} MiB or more`,
    );
  }
  const slots = streams ? [take(slotBytes), take(slotBytes)] : [];
  const floats = take(decodes ? rows * dimensions * 4 + 64 : 0);
  return {
    bytes: end + slack,
    scratch,
    pass,
    resident,
    slots,
    slotBytes,
    products: { numbers, address, rows, floats },
  };
}
