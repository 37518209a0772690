import { type FileHandle, open } from "node:fs/promises";
import { RagInstructError } from "@rag-instruct/core";
import { headerBytes } from "./header.ts";
import { graphArrays } from "./layout.ts";

/**
 * How far a search goes, which faiss-node cannot set: it stands in the file, and FAISS reads it from there
 * (write_ivf_header and write_HNSW in faiss/impl/index_write.cpp).
 */
export interface SearchSettings {
  /** Cells that a search of an `IVFn` visits. */
  nprobe?: number;
  /** Candidates that a search of an `HNSWm` keeps. */
  efSearch?: number;
}

/** Writes search settings into the file of an inverted file or a graph. Throws `unknown-format` where they do not stand as they should. */
export async function writeSearchSettings(path: string, { nprobe, efSearch }: SearchSettings): Promise<void> {
  const handle = await open(path, "r+");
  try {
    if (nprobe !== undefined) {
      const value = Buffer.alloc(8);
      value.writeBigUInt64LE(BigInt(nprobe));
      // Behind the number of cells.
      await handle.write(value, 0, 8, headerBytes + 8);
    }
    if (efSearch !== undefined) await writeEfSearch(handle, efSearch, path);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function writeEfSearch(handle: FileHandle, efSearch: number, path: string): Promise<void> {
  let at = headerBytes;
  for (const width of graphArrays) {
    const length = await readAt(handle, at, 8);
    at += 8 + Number(length.readBigUInt64LE()) * width;
  }
  // Entry point, highest level, efConstruction, efSearch.
  const numbers = await readAt(handle, at, 16);
  const [construction, before] = [numbers.readInt32LE(8), numbers.readInt32LE(12)];
  if (!(construction > 0 && construction < 1e6 && before > 0 && before < 1e6)) {
    throw new RagInstructError("unknown-format", `${path} is not laid out as FAISS 1.7 to 1.15 lay out a graph`);
  }
  const value = Buffer.alloc(4);
  value.writeInt32LE(efSearch);
  await handle.write(value, 0, 4, at + 12);
}

async function readAt(handle: FileHandle, position: number, bytes: number): Promise<Buffer> {
  const { buffer } = await handle.read(Buffer.alloc(bytes), 0, bytes, position);
  return buffer;
}
