import { type FileHandle, open } from "node:fs/promises";
import { RagInstructError } from "@rag-instruct/core";

/**
 * Reads the header of an index file and checks that the file is exactly as long as the lengths in it demand: faiss-node does not
 * tell the metric, and many damaged files make it end the process. Vectors themselves are not read.
 * Throws `file-missing`, `unknown-format` and `file-corrupt`.
 */
export async function checkFaissFile(path: string): Promise<FaissHeader> {
  const handle = await open(path).catch((cause) => {
    throw new RagInstructError("file-missing", `${path} is not there or cannot be read`, { cause });
  });
  try {
    const { size } = await handle.stat();
    const reader = byteReader(handle, path, size);
    const header = await walkIndex(reader);
    if (reader.at() !== size) throw corruptFaiss(path, `has ${size} bytes instead of ${reader.at()}`);
    return header;
  } finally {
    await handle.close();
  }
}

/** The beginning of a FAISS index. */
interface FaissHeader {
  /** Four letters that name the kind of index. */
  kind: string;
  dimensions: number;
  /** Number of vectors. */
  count: number;
  isTrained: boolean;
  /** As faiss/MetricType.h numbers it. */
  metric: number;
}

export const headerBytes = 37;
/** What FAISS writes between the count and whether it is trained; it has no meaning. */
const filler = 1n << 20n;

/**
 * Reads the header that every float index begins with (write_index_header in faiss/impl/index_write.cpp).
 * Throws `unknown-format` for anything else, and `file-corrupt` where the file is cut short.
 */
async function readHeader(reader: ByteReader): Promise<FaissHeader> {
  const kind = (await reader.read(Math.min(4, reader.size - reader.at()))).toString("latin1");
  if (!/^I[A-Za-z0-9]{3}$/.test(kind)) {
    if (reader.at() > 4)
      throw corruptFaiss(reader.path, `holds no index at byte ${reader.at() - 4}, where one is expected`);
    throw new RagInstructError("unknown-format", `${reader.path} is not a FAISS index`);
  }
  const bytes = await reader.read(headerBytes - 4);
  const header: FaissHeader = {
    kind,
    dimensions: bytes.readInt32LE(0),
    count: Number(bytes.readBigInt64LE(4)),
    isTrained: bytes[28] === 1,
    metric: bytes.readInt32LE(29),
  };
  // Binary indexes have another header.
  if (bytes.readBigInt64LE(12) !== filler || header.dimensions < 1 || header.count < 0) {
    throw corruptFaiss(reader.path, `has no header of a float index of FAISS at byte ${reader.at() - headerBytes}`);
  }
  // Metrics beyond L2 have an argument.
  if (header.metric > 1) reader.skip(4);
  return header;
}

/** Skips what follows the header of a kind of index, in the order of write_index in faiss/impl/index_write.cpp. */
type Layout = (reader: ByteReader, header: FaissHeader) => Promise<void>;

const flat: Layout = (reader, { count, dimensions }) => exactVector(reader, 4, count * dimensions);

const scalar: Layout = async (reader, { count }) => {
  const bytesPerRow = await walkScalarQuantizer(reader);
  await exactVector(reader, 1, count * bytesPerRow);
};

const product: Layout = async (reader) => {
  await walkProductQuantizer(reader);
  await reader.skipVector(1);
  // Search type, whether signs are coded, threshold of polysemous codes.
  reader.skip(4 + 1 + 4);
};

const productFast: Layout = async (reader) => {
  await walkProductQuantizer(reader);
  // Implementation, block sizes of base and queries, then the padded counts.
  reader.skip(4 * 3 + 8 * 2);
  await reader.skipVector(1);
};

/** Bytes of an item of the arrays of a graph: probabilities of levels, neighbours a level, levels, offsets, neighbours. */
export const graphArrays: readonly number[] = [8, 4, 4, 8, 4];

const graph: Layout = async (reader, { count, dimensions }) => {
  const lengths: number[] = [];
  for (const width of graphArrays) lengths.push(await reader.skipVector(width));
  if (lengths[2] !== count || lengths[3] !== count + 1) {
    throw corruptFaiss(reader.path, `holds a graph of ${lengths[2]} vectors instead of ${count}`);
  }
  // Entry point, highest level, and the breadths of construction, search and upper levels.
  reader.skip(4 * 5);
  await inner(reader, { count, dimensions });
};

const withIds: Layout = async (reader, { count, dimensions }) => {
  await inner(reader, { count, dimensions });
  await exactVector(reader, 8, count);
};

const refined: Layout = async (reader, header) => {
  await inner(reader, header);
  await inner(reader, header);
  reader.skip(4);
};

const transformed: Layout = async (reader, { count }) => {
  for (let left = (await reader.read(4)).readInt32LE(); left > 0; left--) await walkTransform(reader);
  await inner(reader, { count });
};

const inverted: Layout = async (reader, header) => {
  await walkInvertedFile(reader);
  if (header.kind === "IwSq") {
    await walkScalarQuantizer(reader);
    reader.skip(8 + 1);
  }
  // Whether residuals are coded, bytes of a code; in the fast form also block sizes and the implementation.
  if (header.kind === "IwPQ") reader.skip(1 + 8);
  if (header.kind === "IwPf") reader.skip(1 + 8 + 4 + 8 + 4 + 8);
  if (header.kind.startsWith("IwP")) await walkProductQuantizer(reader);
  await walkInvertedLists(reader);
};

const layouts: Readonly<Record<string, Layout>> = {
  IxFI: flat,
  IxF2: flat,
  IxFl: flat,
  IxSQ: scalar,
  IxPq: product,
  IPfs: productFast,
  IHNf: graph,
  IHNp: graph,
  IHNs: graph,
  IxMp: withIds,
  IxM2: withIds,
  IxRF: refined,
  IxPT: transformed,
  IwFl: inverted,
  IwSq: inverted,
  IwPQ: inverted,
  IwPf: inverted,
  Imiq: (reader) => walkProductQuantizer(reader),
};

/** Reads the header of an index and skips all that it holds. Throws `file-corrupt`, and `unknown-format` for other kinds of index. */
async function walkIndex(reader: ByteReader): Promise<FaissHeader> {
  const header = await readHeader(reader);
  const layout = layouts[header.kind];
  if (!layout) {
    throw new RagInstructError(
      "unknown-format",
      `${reader.path} holds an index of FAISS's kind ${header.kind}, which cannot be read here; Flat, SQ, PQ, IVF and HNSW can, also inside IDMap, Refine and transforms`,
    );
  }
  await layout(reader, header);
  return header;
}

async function inner(reader: ByteReader, expected: Partial<Pick<FaissHeader, "count" | "dimensions">>): Promise<void> {
  const found = await walkIndex(reader);
  for (const part of ["count", "dimensions"] as const) {
    if (expected[part] === undefined || found[part] === expected[part]) continue;
    throw corruptFaiss(reader.path, `holds an index of ${part} ${found[part]} inside one of ${part} ${expected[part]}`);
  }
}

async function exactVector(reader: ByteReader, bytesPerItem: number, expected: number): Promise<void> {
  const count = await reader.skipVector(bytesPerItem);
  if (count !== expected) throw corruptFaiss(reader.path, `holds ${count} numbers instead of ${expected}`);
}

async function walkProductQuantizer(reader: ByteReader): Promise<void> {
  // Dimensions, segments, bits of a segment.
  reader.skip(8 * 3);
  await reader.skipVector(4);
}

/** The last type of scalar quantizer (SQ6) that FAISS 1.7 knows, which faiss-node is built on. */
const lastScalarType = 6;

async function walkScalarQuantizer(reader: ByteReader): Promise<number> {
  const type = (await reader.read(4)).readInt32LE();
  if (type < 0 || type > lastScalarType) {
    throw new RagInstructError(
      "unknown-format",
      `${reader.path} holds codes of the scalar type ${type}, which cannot be read here; SQ4, SQ6, SQ8 and SQfp16 can`,
    );
  }
  // Statistic of the range and its argument, dimensions.
  reader.skip(4 * 2 + 8);
  const bytesPerRow = Number((await reader.read(8)).readBigUInt64LE());
  await reader.skipVector(4);
  return bytesPerRow;
}

/** Bytes of fixed length, and the number of vectors that follow them, by the name of a transform (write_VectorTransform). */
const transforms: Readonly<Record<string, { bytes: number; vectors: number }>> = {
  rrot: { bytes: 1, vectors: 2 },
  LTra: { bytes: 1, vectors: 2 },
  RmDT: { bytes: 0, vectors: 1 },
  VNrm: { bytes: 4, vectors: 0 },
  VCnt: { bytes: 0, vectors: 1 },
};

async function walkTransform(reader: ByteReader): Promise<void> {
  const kind = (await reader.read(4)).toString("latin1");
  if (kind === "PcAm" || kind === "Pcam") {
    // Eigenvalue power, in the newer form an epsilon, whether rotated, bins; then mean, eigenvalues and axes.
    reader.skip(kind === "Pcam" ? 4 + 4 + 1 + 4 : 4 + 1 + 4);
    for (let i = 0; i < 3; i++) await reader.skipVector(4);
  }
  const { bytes, vectors } = transforms[/^pcam$/i.test(kind) ? "LTra" : kind] ?? { bytes: -1, vectors: 0 };
  if (bytes < 0)
    throw new RagInstructError("unknown-format", `${reader.path} holds a transform that cannot be read here`);
  reader.skip(bytes);
  for (let i = 0; i < vectors; i++) await reader.skipVector(4);
  // Dimensions before and after, whether trained.
  reader.skip(4 + 4 + 1);
}

/** Cells and probes, the quantizer that finds the cells, and the map from ids to places (write_ivf_header). */
async function walkInvertedFile(reader: ByteReader): Promise<void> {
  reader.skip(8 * 2);
  await walkIndex(reader);
  const kind = (await reader.read(1))[0]!;
  if (kind > 2) throw corruptFaiss(reader.path, `has an unknown kind of map, ${kind}, at byte ${reader.at() - 1}`);
  await reader.skipVector(8);
  // A hash table follows the empty array.
  if (kind === 2) await reader.skipVector(16);
}

/** The lists of codes and ids (write_InvertedLists). */
async function walkInvertedLists(reader: ByteReader): Promise<void> {
  const kind = (await reader.read(4)).toString("latin1");
  if (kind === "il00") return;
  if (kind === "ilod") {
    throw new RagInstructError(
      "unknown-format",
      `${reader.path} keeps its lists in another file; merge them into one index with FAISS and write it again`,
    );
  }
  if (kind === "ilbl") return walkBlocks(reader);
  if (kind !== "ilar") throw corruptFaiss(reader.path, `holds no inverted lists at byte ${reader.at() - 4}`);
  const [lists, bytesPerCode] = numbersOf(await reader.read(16));
  for (const size of await listSizes(reader, lists!)) reader.skip(size * (bytesPerCode! + 8));
}

/** The lists of the fast form, which hold their codes in blocks. */
async function walkBlocks(reader: ByteReader): Promise<void> {
  const [lists] = numbersOf(await reader.read(8 * 4));
  for (let list = 0; list < lists!; list++) {
    await reader.skipVector(8);
    await reader.skipVector(1);
  }
}

async function listSizes(reader: ByteReader, lists: number): Promise<number[]> {
  const form = (await reader.read(4)).toString("latin1");
  const [length] = numbersOf(await reader.read(8));
  if ((form !== "full" && form !== "sprs") || length! > (form === "full" ? lists : lists * 2)) {
    throw corruptFaiss(reader.path, `does not give the sizes of its ${lists} lists at byte ${reader.at() - 12}`);
  }
  const numbers = numbersOf(await reader.read(length! * 8));
  // The sparse form lists pairs of a cell and its size.
  return form === "full" ? numbers : numbers.filter((_, i) => i % 2 === 1);
}

function numbersOf(bytes: Buffer): number[] {
  return Array.from({ length: bytes.length / 8 }, (_, i) => Number(bytes.readBigUInt64LE(i * 8)));
}

/** A file that is read or skipped from start to end; a length that it states is checked against the size of the file. */
interface ByteReader {
  readonly path: string;
  readonly size: number;
  /** Bytes walked so far. */
  at(): number;
  read(bytes: number): Promise<Buffer>;
  skip(bytes: number): void;
  /** Skips a length and as many items, as FAISS writes a vector. @returns the number of items */
  skipVector(bytesPerItem: number): Promise<number>;
}

/** Every method throws `file-corrupt` where the file ends too early. */
function byteReader(handle: FileHandle, path: string, size: number): ByteReader {
  let at = 0;
  const advance = (bytes: number): number => {
    const start = at;
    if (!(bytes >= 0 && bytes <= size - at)) {
      throw corruptFaiss(
        path,
        `is cut short or damaged: it should have ${bytes} bytes from ${at} on, and ends at ${size}`,
      );
    }
    at += bytes;
    return start;
  };
  const read = async (bytes: number): Promise<Buffer> => {
    const start = advance(bytes);
    const buffer = Buffer.alloc(bytes);
    for (let done = 0; done < bytes; ) {
      const { bytesRead } = await handle.read(buffer, done, bytes - done, start + done);
      if (bytesRead === 0) throw corruptFaiss(path, `ends at ${start + done} while it is read`);
      done += bytesRead;
    }
    return buffer;
  };
  return {
    path,
    size,
    at: () => at,
    read,
    skip: (bytes) => void advance(bytes),
    async skipVector(bytesPerItem) {
      const count = Number((await read(8)).readBigUInt64LE());
      advance(count * bytesPerItem);
      return count;
    },
  };
}

export function corruptFaiss(path: string, what: string): RagInstructError {
  return new RagInstructError("file-corrupt", `${path} ${what}; write it again`);
}
