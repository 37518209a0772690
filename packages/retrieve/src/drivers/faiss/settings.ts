import { type FileHandle, open } from "node:fs/promises";
import { RagInstructError } from "@rag-instruct/core";
import { graphArrays, headerBytes } from "./index-file.ts";

/** What the name of a FAISS index says of it. */
export interface FaissFactory {
  /** Bytes that a vector takes at most, graph and ids included. */
  bytesPerRow: number;
  /** Vectors that training needs at the least; 0 where there is none. */
  minForTraining: number;
  /** Cells of an inverted file; 0 where there is none. */
  cells: number;
  isGraph: boolean;
}

const code = "(?:Flat|SQ4|SQ6|SQ8|SQfp16|PQ(?<segments>\\d+)(?:x(?<bits>\\d+))?)";
const shape = new RegExp(`^(?:(?:IVF(?<cells>\\d+)(?:_HNSW\\d+)?|HNSW(?<links>\\d+)),)?${code}$|^HNSW(?<plain>\\d+)$`);
const bitsOf: Readonly<Record<string, number>> = { Flat: 32, SQfp16: 16, SQ8: 8, SQ6: 6, SQ4: 4 };

/**
 * Reads the names that can be built here: a code (Flat, SQ4, SQ6, SQ8, SQfp16, PQm, PQmxb), alone or after `IVFn`, `IVFn_HNSWm`
 * or `HNSWm`. What FAISS would refuse is refused here, because faiss-node ends the process when FAISS throws. Throws `bad-option`.
 */
export function readFactory(factory: string, dimensions: number): FaissFactory {
  const groups = shape.exec(factory)?.groups;
  if (!groups) {
    throw new RagInstructError(
      "bad-option",
      `${JSON.stringify(factory)} cannot be built here; use Flat, SQ4, SQ6, SQ8, SQfp16 or PQm, alone or after IVFn or HNSWm, or build it with FAISS and open its file`,
    );
  }
  const [cells, links, segments] = [groups.cells, groups.links ?? groups.plain, groups.segments].map(Number);
  const bits = Number(groups.bits ?? 8);
  if (segments && (dimensions % segments !== 0 || bits < 1 || bits > 12)) {
    throw new RagInstructError(
      "bad-option",
      `${factory}: ${dimensions} dimensions cannot be divided into ${segments} segments of at most 12 bits`,
    );
  }
  if (cells === 0 || links === 0 || links === 1)
    throw new RagInstructError("bad-option", `${factory}: too few cells or links`);
  const codeBits = segments ? segments * bits : dimensions * (bitsOf[factory.split(",").at(-1)!] ?? 32);
  const graph = links ? 4 * (4 * links + 16) : 0;
  return {
    bytesPerRow: Math.ceil(codeBits / 8) + graph + 16,
    minForTraining: Math.max(cells || 0, segments ? 2 ** bits : 0, factory.includes("SQ") ? 1 : 0),
    cells: cells || 0,
    isGraph: Boolean(links),
  };
}

/**
 * How thorough a search is. faiss-node cannot set it, but FAISS reads it from the file
 * (write_ivf_header and write_HNSW in faiss/impl/index_write.cpp).
 */
interface SearchSettings {
  /** Cells that a search of an `IVFn` visits. */
  nprobe?: number;
  /** Candidates that a search of an `HNSWm` keeps. */
  efSearch?: number;
}

/** Writes search settings into the file of an inverted file or a graph. Throws `unknown-format` where the file has another layout. */
export async function writeSearchSettings(path: string, { nprobe, efSearch }: SearchSettings): Promise<void> {
  const handle = await open(path, "r+");
  try {
    if (nprobe !== undefined) {
      const value = Buffer.alloc(8);
      value.writeBigUInt64LE(BigInt(nprobe));
      // After the number of cells.
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
    throw new RagInstructError("unknown-format", `${path} does not have the layout of a graph of FAISS 1.7 to 1.15`);
  }
  const value = Buffer.alloc(4);
  value.writeInt32LE(efSearch);
  await handle.write(value, 0, 4, at + 12);
}

async function readAt(handle: FileHandle, position: number, bytes: number): Promise<Buffer> {
  const { buffer } = await handle.read(Buffer.alloc(bytes), 0, bytes, position);
  return buffer;
}
