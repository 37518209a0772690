import { RagInstructError } from "@rag-instruct/core";
import { type ByteReader, corruptFaiss } from "./byte-reader.ts";
import { type FaissHeader, readHeader } from "./header.ts";
import { walkInvertedFile, walkInvertedLists } from "./inverted-layout.ts";

/** What stands behind the header of a kind of index, in the order of write_index in faiss/impl/index_write.cpp. */
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
    throw corruptFaiss(reader.path, `holds a graph of ${lengths[2]} vectors where ${count} belong`);
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
  await walkInvertedFile(reader, (r) => walkIndex(r));
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

/** Walks over an index with all that it holds. Throws `file-corrupt`, and `unknown-format` for kinds that are not known here. */
export async function walkIndex(reader: ByteReader): Promise<FaissHeader> {
  const header = await readHeader(reader);
  const layout = layouts[header.kind];
  if (!layout) {
    throw new RagInstructError(
      "unknown-format",
      `${reader.path} holds FAISS's ${header.kind}, which is not read here; Flat, SQ, PQ, IVF and HNSW are, with IDMap, Refine and transforms around them`,
    );
  }
  await layout(reader, header);
  return header;
}

async function inner(reader: ByteReader, expected: Partial<Pick<FaissHeader, "count" | "dimensions">>): Promise<void> {
  const found = await walkIndex(reader);
  for (const part of ["count", "dimensions"] as const) {
    if (expected[part] === undefined || found[part] === expected[part]) continue;
    throw corruptFaiss(reader.path, `says ${part} ${expected[part]} outside and ${found[part]} inside`);
  }
}

async function exactVector(reader: ByteReader, bytesPerItem: number, expected: number): Promise<void> {
  const count = await reader.skipVector(bytesPerItem);
  if (count !== expected) throw corruptFaiss(reader.path, `holds ${count} numbers where ${expected} belong`);
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
      `${reader.path} holds codes of the scalar type ${type}, which is not read here; SQ4, SQ6, SQ8 and SQfp16 are`,
    );
  }
  // Statistic of the range and its argument, dimensions.
  reader.skip(4 * 2 + 8);
  const bytesPerRow = Number((await reader.read(8)).readBigUInt64LE());
  await reader.skipVector(4);
  return bytesPerRow;
}

/** The vectors behind what is of one length, by the name of a transform (write_VectorTransform). */
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
  if (bytes < 0) throw new RagInstructError("unknown-format", `${reader.path} holds a transform that is not read here`);
  reader.skip(bytes);
  for (let i = 0; i < vectors; i++) await reader.skipVector(4);
  // Dimensions before and after, whether trained.
  reader.skip(4 + 4 + 1);
}
