import { RagInstructError } from "@rag-instruct/core";
import { decodedWidth, scratchBytes } from "./thread-space.ts";
import { overrun } from "./wasm/kernels.ts";

/** Bytes of one row in the shared memory. */
interface RowSizes {
  vectors: number;
  /** Code and scale. */
  codes: number;
}

/** Memory for products on ONNX Runtime. */
export interface ProductSpace {
  /** How many products are held at once at most, `paddedQueries` for each row, and their address. */
  products: { numbers: number; address: number };
  /** Rows that each thread decodes at once before they are multiplied, and the bytes they take; 0 where rows are not decoded. */
  decoded: { rows: number; bytes: number; address: number };
}

/** How the shared memory of an index is divided. */
export interface MemoryPlan {
  bytes: number;
  /** For each thread, an address of its own. */
  scratch: number[];
  pass: { address: number; bytes: number };
  /** Addresses of all rows, where they fit: read once and kept. */
  resident: { vectors?: number; codes?: number };
  /** Addresses of two blocks: one is read while the other is searched. */
  slots: number[];
  slotBytes: number;
  onRuntime: ProductSpace;
}

/** Most queries of one pass over all rows. */
export const maxQueries = 1024;
/** Most products held at once: they stay in the last-level cache. */
const maxProducts = 1 << 21;
/** Most rows that a thread decodes at once. */
const maxDecodedRows = 256;
const maxPassBytes = 1 << 26;
const maxSlotRows = 32_768;
/** Addresses are 32 bits. */
const maxBytes = 2 ** 32 - (1 << 16);

/** What {@link planMemory} needs to know. */
interface MemoryNeeds {
  memory: number;
  threads: number;
  dimensions: number;
  count: number;
  sizes: RowSizes;
  codesOnDisk: boolean;
  /** Whether rows have to be decoded to float32 before ONNX Runtime can multiply them. */
  decodes: boolean;
}

/**
 * Divides `memory` bytes. What fits is kept in memory: codes from disk first, then vectors, then codes made in memory; the rest is
 * read block by block. Throws `bad-option` where not even one row fits.
 */
export function planMemory(needs: MemoryNeeds): MemoryPlan {
  const { memory, threads, dimensions, count, sizes, codesOnDisk } = needs;
  const bytes = Math.min(maxBytes, Math.floor(memory / 65_536) * 65_536);
  const space = addresses();
  const scratch = Array.from({ length: threads }, () => space.take(scratchBytes(dimensions)));
  const passBytes = Math.min(maxPassBytes, Math.floor(memory / 4));
  const pass = { address: space.take(passBytes), bytes: passBytes };
  const onRuntime = productSpace(space, needs);
  // The kernels read a few rows beyond the last.
  const slack = overrun * Math.max(sizes.vectors, sizes.codes, dimensions * 4) + 256;
  const rest = () => bytes - slack - space.end();

  const resident = residentRows(space, needs, rest);
  const streams = resident.vectors === undefined || (codesOnDisk && resident.codes === undefined);
  const perSlotRow = Math.max(sizes.vectors, sizes.codes);
  const slotRows = Math.min(count, maxSlotRows, Math.floor((rest() - 1024) / (2 * perSlotRow)));
  const slotBytes = streams ? slotRows * perSlotRow : 0;
  if ((streams && slotBytes < Math.max(perSlotRow, dimensions * 4 + 4)) || rest() < 0) {
    const enough = Math.ceil((space.end() + slack) / 2 ** 20) + 8;
    throw new RagInstructError(
      "bad-option",
      `memory of ${memory} bytes does not hold one row of vectors besides what ${threads} threads need; give ${enough} MiB or more`,
    );
  }
  const slots = streams ? [space.take(slotBytes), space.take(slotBytes)] : [];
  return { bytes: space.end() + slack, scratch, pass, resident, slots, slotBytes, onRuntime };
}

/** Gives out addresses, one after the other. */
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
  const numbers = Math.max(maxQueries, Math.min(maxProducts, maxQueries * count, memory / 64)) >>> 0;
  const rows = decodes ? Math.min(maxDecodedRows, count, Math.ceil(memory / (dimensions * threads * 128))) : 0;
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
