import type { VectorDtype, VectorFolder } from "@rag-instruct/core/vectors";
import type { CodesFolder } from "./codes-folder.ts";
import { codeWidth, type SharedMemory } from "./wasm/kernels.ts";

/** Rows in the shared memory: vectors as the folder stores them, or 7-bit codes with a float32 scale for each row. */
export interface SharedRows {
  address: number;
  firstRow: number;
  count: number;
  dtype: VectorDtype | "codes";
  /** Address of the scales of codes; 0 for vectors. */
  scales: number;
}

/** Bytes of a row, without its scale. */
export function rowBytes(dtype: SharedRows["dtype"], dimensions: number): number {
  if (dtype === "codes") return codeWidth(dimensions);
  return dimensions * (dtype === "float16" ? 2 : 4);
}

/** Rows that can be read into the shared memory. */
export interface RowSource {
  count: number;
  /** Bytes that a row takes there. */
  bytesPerRow: number;
  read(address: number, range: { firstRow: number; count: number; signal?: AbortSignal }): Promise<SharedRows>;
}

/** Rows as a vector folder stores them. */
export function vectorRows(folder: VectorFolder, memory: SharedMemory): RowSource {
  const { count, dimensions, dtype } = folder;
  const bytesPerRow = rowBytes(dtype, dimensions);
  return {
    count,
    bytesPerRow,
    async read(address, range) {
      await folder.read(new Uint8Array(memory.buffer, address, range.count * bytesPerRow), range);
      return { address, firstRow: range.firstRow, count: range.count, dtype, scales: 0 };
    },
  };
}

/** Codes as a codes folder stores them, the scales of a block after its codes. */
export function codeRows(folder: CodesFolder, { count, dimensions }: VectorFolder, memory: SharedMemory): RowSource {
  const width = codeWidth(dimensions);
  return {
    count,
    bytesPerRow: width + 4,
    async read(address, range) {
      const scales = address + range.count * width;
      await folder.read(
        {
          codes: new Uint8Array(memory.buffer, address, range.count * width),
          scales: new Uint8Array(memory.buffer, scales, range.count * 4),
        },
        range,
      );
      return { address, firstRow: range.firstRow, count: range.count, dtype: "codes", scales };
    },
  };
}

/** All rows of a source, block by block: kept in memory, or read into two buffers in turn. */
export interface RowStore {
  /** All rows in memory, once they have been read. */
  whole(): SharedRows | undefined;
  blocks(options?: { signal?: AbortSignal }): AsyncGenerator<SharedRows>;
}

/** Rows of a block that is kept in memory. */
const residentRows = 65_536;

/** A store that keeps every block at its own address. */
export function residentRowStore(source: RowSource, address: number, rowsPerBlock = residentRows): RowStore {
  const kept: SharedRows[] = [];
  const blocks = Math.ceil(source.count / rowsPerBlock);
  return {
    whole() {
      const [first] = kept;
      return first && kept.length === blocks ? { ...first, count: source.count } : undefined;
    },
    async *blocks({ signal } = {}) {
      for (let block = 0; block < blocks; block++) {
        const firstRow = block * rowsPerBlock;
        const count = Math.min(rowsPerBlock, source.count - firstRow);
        const range = { firstRow, count, signal };
        const read = kept[block] ?? (await source.read(address + firstRow * source.bytesPerRow, range));
        kept[block] = read;
        yield read;
      }
    },
  };
}

/** A store that reads the next block while the current one is used. */
export function streamedRowStore(source: RowSource, slots: readonly number[], rowsPerBlock: number): RowStore {
  return {
    whole: () => undefined,
    async *blocks({ signal } = {}) {
      const read = (firstRow: number) => {
        if (firstRow >= source.count) return undefined;
        const count = Math.min(rowsPerBlock, source.count - firstRow);
        const slot = slots[(firstRow / rowsPerBlock) % slots.length]!;
        const reading = source.read(slot, { firstRow, count, signal });
        reading.catch(() => {}); // The error is thrown when the block is asked for.
        return reading;
      };
      let next = read(0);
      try {
        for (let firstRow = 0; next; firstRow += rowsPerBlock) {
          const block = await next;
          next = read(firstRow + rowsPerBlock);
          yield block;
        }
      } finally {
        await next?.catch(() => {});
      }
    },
  };
}
