import { RagInstructError } from "../errors.ts";

/** Number formats that a vector folder holds. */
export type VectorDtype = "float16" | "float32";

/** What stands before the numbers of a .npy file. */
export interface NpyHeader {
  /** NumPy's own name of the number format, such as `<f4`. */
  descr: string;
  /** Columns first in memory. */
  fortranOrder: boolean;
  shape: number[];
  /** Where the numbers begin. */
  dataOffset: number;
}

/** NumPy's names of our formats. */
export const npyDescr: Readonly<Record<VectorDtype, string>> = { float16: "<f2", float32: "<f4" };
export const bytesOf: Readonly<Record<VectorDtype, number>> = { float16: 2, float32: 4 };

const magic = "\x93NUMPY";
/** NumPy aligns the numbers to this many bytes. */
const alignment = 64;
/** Bytes enough for the header of any plain array. */
export const maxNpyHeader = 4096;

/** The bytes that stand before `rows` × `columns` numbers in a .npy file of format version 1.0. */
export function npyHeader({ dtype, rows, columns }: { dtype: VectorDtype; rows: number; columns: number }): Buffer {
  const text = `{'descr': '${npyDescr[dtype]}', 'fortran_order': False, 'shape': (${rows}, ${columns}), }`;
  const before = magic.length + 4;
  const total = Math.ceil((before + text.length + 1) / alignment) * alignment;
  const header = Buffer.alloc(total, " ");
  header.write(magic, 0, "latin1");
  header.writeUInt8(1, 6);
  header.writeUInt8(0, 7);
  header.writeUInt16LE(total - before, 8);
  header.write(text, before, "latin1");
  header.write("\n", total - 1, "latin1");
  return header;
}

/** Reads the header of a .npy file, format versions 1 to 3, from its first bytes. Throws `unknown-format` and `file-corrupt` with the name. */
export function parseNpyHeader(head: Buffer, name: string): NpyHeader {
  if (head.toString("latin1", 0, 6) !== magic) {
    throw new RagInstructError("unknown-format", `${name} is not a .npy file: it does not begin with \\x93NUMPY`);
  }
  const major = head[6]!;
  if (major < 1 || major > 3) {
    throw new RagInstructError("unsupported-version", `${name} is of .npy format version ${major}; 1 to 3 are known`);
  }
  const before = major === 1 ? 10 : 12;
  if (head.length < before) throw new RagInstructError("file-corrupt", `${name} is cut off in its header`);
  const dataOffset = before + (major === 1 ? head.readUInt16LE(8) : head.readUInt32LE(8));
  if (head.length < dataOffset) throw new RagInstructError("file-corrupt", `${name} is cut off in its header`);
  const text = head.toString("utf8", before, dataOffset);
  const descr = /'descr':\s*'([^']+)'/.exec(text)?.[1];
  const order = /'fortran_order':\s*(True|False)/.exec(text)?.[1];
  const shape = /'shape':\s*\(([\d\s,]*)\)/.exec(text)?.[1];
  if (descr === undefined || order === undefined || shape === undefined) {
    throw new RagInstructError("unknown-format", `${name} is no plain array: ${text.trim().slice(0, 200)}`);
  }
  const sizes = shape.split(",").filter((part) => part.trim() !== "");
  return { descr, fortranOrder: order === "True", shape: sizes.map(Number), dataOffset };
}
