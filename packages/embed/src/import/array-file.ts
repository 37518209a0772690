import { type FileHandle, open } from "node:fs/promises";
import { RagInstructError, type Source, type Vectors } from "@rag-instruct/core";
import { decodeFloat16, maxNpyHeader, parseNpyHeader, type VectorDtype } from "@rag-instruct/core/vectors";

/** A matrix of numbers that lies in a file. */
export interface ArrayFile {
  path: string;
  /** Name to call it by in messages. */
  name: string;
  /** Where the numbers begin. */
  offset: number;
  rows: number;
  columns: number;
  /** NumPy's name of the number format: `<f2`, `<f4` or `<f8`. */
  descr: string;
  fortranOrder: boolean;
}

/** Vectors that lie together, as a file of them is read. */
export interface VectorPart {
  /** Name to call the file by in messages. */
  name: string;
  count: number;
  dimensions: number;
  /** In which numbers nothing of them is lost. */
  dtype: VectorDtype;
  /** Who made them, where the file says so. */
  embedderId?: string;
  /** An id a row; undefined where the file has none. */
  ids?: Source<string>;
  /** In blocks, each valid until the next is asked for. */
  vectors: Source<Vectors>;
}

/** The vectors of a matrix, without ids. */
export function partOf(array: ArrayFile): VectorPart {
  const { name, rows, columns, descr } = array;
  const dtype = descr === "<f2" ? "float16" : "float32";
  return { name, count: rows, dimensions: columns, dtype, vectors: arrayBlocks(array) };
}

const sizes: Readonly<Record<string, number>> = { "<f2": 2, "<f4": 4, "<f8": 8 };
/** Bytes of a block: the memory that a file of any size takes, a few times over. */
const blockBytes = 1 << 20;

/** Reads the matrix in blocks of rows, each valid until the next is asked for. Throws `unknown-format` for other numbers, `file-corrupt` when the file ends too early. */
export async function* arrayBlocks(array: ArrayFile): AsyncGenerator<Vectors> {
  const size = sizes[array.descr];
  if (size === undefined) {
    const known = Object.keys(sizes).join(", ");
    throw new RagInstructError("unknown-format", `${array.name} holds ${array.descr}; known are ${known}`);
  }
  await using handle = await open(array.path);
  const rowsAtOnce = Math.max(1, Math.floor(blockBytes / (array.columns * size)));
  const values = Math.min(rowsAtOnce, array.rows) * array.columns;
  const buffer = new Uint8Array(values * size);
  const floats = new Float32Array(size === 4 ? 0 : values);
  for (let first = 0; first < array.rows; first += rowsAtOnce) {
    const count = Math.min(rowsAtOnce, array.rows - first);
    const read = array.fortranOrder ? readColumns : readRows;
    const data = toFloats(await read(handle, array, { first, count, size, buffer }), size, floats);
    yield { data: array.fortranOrder ? transpose(data, array.columns, count) : data, count, dimensions: array.columns };
  }
}

interface Range {
  first: number;
  count: number;
  size: number;
  buffer: Uint8Array;
}

async function readRows(
  handle: FileHandle,
  array: ArrayFile,
  { first, count, size, buffer }: Range,
): Promise<Uint8Array> {
  const bytes = buffer.subarray(0, count * array.columns * size);
  await readAt(handle, array, bytes, first * array.columns * size);
  return bytes;
}

/** The same rows column by column, as they lie. */
async function readColumns(
  handle: FileHandle,
  array: ArrayFile,
  { first, count, size, buffer }: Range,
): Promise<Uint8Array> {
  const bytes = buffer.subarray(0, count * array.columns * size);
  for (let column = 0; column < array.columns; column++) {
    const part = bytes.subarray(column * count * size, (column + 1) * count * size);
    await readAt(handle, array, part, (column * array.rows + first) * size);
  }
  return bytes;
}

async function readAt(handle: FileHandle, array: ArrayFile, into: Uint8Array, position: number): Promise<void> {
  for (let filled = 0; filled < into.length; ) {
    const { bytesRead } = await handle.read(into, filled, into.length - filled, array.offset + position + filled);
    if (bytesRead === 0)
      throw new RagInstructError("file-corrupt", `${array.name} is cut off: rows are missing at its end`);
    filled += bytesRead;
  }
}

/** The numbers as float32, in `floats` where they are not that already. */
function toFloats(bytes: Uint8Array, size: number, floats: Float32Array): Float32Array {
  const count = bytes.length / size;
  if (size === 4) return new Float32Array(bytes.buffer, 0, count);
  const values = floats.subarray(0, count);
  if (size === 8) values.set(new Float64Array(bytes.buffer, 0, count));
  else decodeFloat16(new Uint16Array(bytes.buffer, 0, count), values);
  return values;
}

function transpose(columns: Float32Array, width: number, count: number): Float32Array {
  const rows = new Float32Array(columns.length);
  for (let column = 0; column < width; column++) {
    for (let row = 0; row < count; row++) rows[row * width + column] = columns[column * count + row]!;
  }
  return rows;
}

/** The matrix in a .npy file. Throws `file-missing`, `file-corrupt`, `unknown-format`. */
export async function readNpyFile(path: string): Promise<ArrayFile> {
  await using handle = await open(path).catch((cause) => {
    throw new RagInstructError("file-missing", `${path} is not there`, { cause });
  });
  const { bytesRead, buffer } = await handle.read(Buffer.alloc(maxNpyHeader), 0, maxNpyHeader, 0);
  const { descr, fortranOrder, shape, dataOffset } = parseNpyHeader(buffer.subarray(0, bytesRead), path);
  const [rows, columns] = shape;
  if (shape.length !== 2 || rows === undefined || !columns) {
    throw new RagInstructError("unknown-format", `${path} holds an array of shape ${shape}, not rows of vectors`);
  }
  return { path, name: path, offset: dataOffset, rows, columns, descr, fortranOrder };
}
