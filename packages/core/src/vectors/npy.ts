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
    throw new RagInstructError("unknown-format", `${name} is not a plain array: ${text.trim().slice(0, 200)}`);
  }
  const sizes = shape.split(",").filter((part) => part.trim() !== "");
  return { descr, fortranOrder: order === "True", shape: sizes.map(Number), dataOffset };
}

/** The 65,536 values of IEEE 754 half precision, by their bits; made at the first use. */
let table: Float32Array | undefined;

/** Writes half-precision numbers, given as their bits, into `into` as single-precision ones. Exact. */
export function decodeFloat16(bits: Uint16Array, into: Float32Array): void {
  table ??= Float32Array.from({ length: 65_536 }, (_, half) => singleOf(half));
  for (let i = 0; i < bits.length; i++) into[i] = table[bits[i]!]!;
}

/**
 * Writes single-precision numbers into `into` as the bits of the nearest half-precision ones; ties go to the even one, as
 * IEEE 754 and NumPy round. From 65,520 on the result is infinite.
 */
export function encodeFloat16(values: Float32Array, into: Uint16Array): void {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
  for (let i = 0; i < words.length; i++) into[i] = toHalf(words[i]!);
}

function singleOf(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >>> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** Bits of a single-precision number to bits of a half-precision one. */
function toHalf(word: number): number {
  const sign = (word >>> 16) & 0x8000;
  const magnitude = word & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00; // NaN
  if (magnitude >= 0x477ff000) return sign | 0x7c00; // 65520 and above round to infinity
  if (magnitude < 0x38800000) return sign | toSubnormal(magnitude);
  // The exponents differ by 112; adding just under half of the last kept bit, and that bit, rounds ties to even.
  const rebased = magnitude - (112 << 23);
  return sign | ((rebased + 0xfff + ((rebased >>> 13) & 1)) >>> 13);
}

/** Below 2^-14 a half is a multiple of 2^-24. */
function toSubnormal(magnitude: number): number {
  const exponent = magnitude >>> 23;
  if (exponent < 102) return 0; // below 2^-25, half of the smallest
  const fraction = (magnitude & 0x7fffff) | 0x800000;
  const shift = 126 - exponent;
  const kept = fraction >>> shift;
  const rest = fraction & ((1 << shift) - 1);
  const half = 1 << (shift - 1);
  return rest > half || (rest === half && (kept & 1) === 1) ? kept + 1 : kept;
}
