import { createHash } from "node:crypto";
import { badOption, RagInstructError } from "../errors.ts";
import { hashOf } from "../hash.ts";
import type { Closable, Vectors } from "../plug-points.ts";
import { bytesOf, decodeFloat16, type VectorDtype } from "./npy.ts";
import {
  openShard,
  type RowIds,
  readFully,
  readShardIds,
  readVectorManifest,
  rowIdsOf,
  type ShardFile,
  type VectorManifest,
  verifyShard,
} from "./vector-files.ts";

/** Rows that follow one another. */
export interface VectorBlock extends Vectors {
  /** The folder's row that is the first one of this block. */
  firstRow: number;
}

/** A vector folder, open for reading. Rows count from 0 in the order of the shards and, within a shard, of its file. */
export interface VectorFolder extends Closable {
  embedderId: string;
  /** Number of rows. */
  count: number;
  dimensions: number;
  /** How the rows are stored; they are read as float32 either way, float16 without loss. */
  dtype: VectorDtype;
  /** SHA-256 over the ids in order, each with a line feed behind it: names the corpus, as BM25 indexes do. */
  corpus: string;
  /** Of the embedder, the sizes and the checksums that the manifest states: equal for equal vectors alone. */
  fingerprint: string;
  /** The passage id of a row; costs the making of one string. Throws `bad-input` when there is no such row. */
  idOf(row: number): string;
  /**
   * All rows in order, in blocks of exactly `rows` rows (the last one may be shorter), across the borders of shards.
   * While a block is used the next one is read from disk. Memory is two blocks as stored, and one more as float32 where
   * the folder holds float16; for that, `data` of a block is valid only until the next one is asked for.
   * @param options.rows rows in a block @default 16384
   */
  blocks(options?: { rows?: number; signal?: AbortSignal }): AsyncGenerator<VectorBlock>;
  /** Fills `into` with the bytes of `count` rows from `firstRow` on, as they are stored. */
  read(into: Uint8Array, range: { firstRow: number; count: number; signal?: AbortSignal }): Promise<void>;
  /** Some rows, in the order of the list; rows that lie close together are read together. Throws `bad-input` for a row that is not there. */
  rows(list: ArrayLike<number>, options?: { signal?: AbortSignal }): Promise<Vectors>;
}

/** Rows that lie at most so far apart are read in one go, and at most so many bytes. */
const gapBytes = 1 << 16;
const runBytes = 1 << 22;

/**
 * Opens a folder of vectors as `writeVectorShard` and `writeVectorManifest` leave it. Sizes and headers of all files, and
 * the checksums of the ids, are checked; those of the rows when asked for, which reads every byte.
 * Throws `file-missing`, `file-corrupt`, `unknown-format` and `unsupported-version`, each with the file's name.
 * @param options.verify compare the rows with their checksums as well @default false
 */
export async function openVectorFolder(
  folder: string,
  { verify = false, signal }: { verify?: boolean; signal?: AbortSignal } = {},
): Promise<VectorFolder> {
  signal?.throwIfAborted();
  const manifest = await readVectorManifest(folder);
  const { ids, corpus } = await readIds(folder, manifest);
  const files: ShardFile[] = [];
  try {
    let firstRow = 0;
    for (const shard of manifest.shards) {
      files.push(await openShard(folder, shard, { ...manifest, firstRow }));
      if (verify) await verifyShard(folder, shard, signal);
      firstRow += shard.count;
    }
  } catch (error) {
    await closeAll(files);
    throw error;
  }
  const place: Place = { manifest, files };
  let closed: Promise<void> | undefined;
  const opened: VectorFolder = {
    embedderId: manifest.embedderId,
    count: manifest.count,
    dimensions: manifest.dimensions,
    dtype: manifest.dtype,
    corpus,
    fingerprint: hashOf(manifest),
    idOf: (row) => ids.at(row),
    read: (into, { signal, ...range }) => readPieces(place, range, into, signal),
    blocks: (options = {}) => readBlocks(place, options),
    rows: (list, options = {}) => readRows(place, list, options.signal),
    close: () => (closed ??= closeAll(files)),
    [Symbol.asyncDispose]: () => opened.close(),
  };
  return opened;
}

interface Place {
  manifest: VectorManifest;
  files: ShardFile[];
}

async function readIds(folder: string, { shards, count }: VectorManifest): Promise<{ ids: RowIds; corpus: string }> {
  const parts: Uint8Array[] = [];
  const hash = createHash("sha256");
  for (const shard of shards) {
    const bytes = await readShardIds(folder, shard);
    rowIdsOf(bytes, { count: shard.count, name: shard.ids });
    hash.update(bytes);
    parts.push(bytes);
  }
  const ids = rowIdsOf(parts.length === 1 ? parts[0]! : Buffer.concat(parts), { count, name: folder });
  return { ids, corpus: hash.digest("hex") };
}

async function closeAll(files: readonly ShardFile[]): Promise<void> {
  await Promise.all(files.map(({ handle }) => handle.close()));
}

async function* readBlocks(
  place: Place,
  { rows = 16_384, signal }: { rows?: number; signal?: AbortSignal },
): AsyncGenerator<VectorBlock> {
  const { count, dimensions, dtype } = place.manifest;
  if (!Number.isInteger(rows) || rows < 1) throw badOption(`rows is ${rows}; give 1 or more`);
  const most = Math.min(rows, count);
  const stored = [0, 1].map(() => new Uint8Array(most * dimensions * bytesOf[dtype]));
  const data = dtype === "float16" ? new Float32Array(most * dimensions) : undefined;
  const begin = (firstRow: number) => {
    const size = Math.min(rows, count - firstRow);
    const bytes = stored[(firstRow / rows) % 2]!.subarray(0, size * dimensions * bytesOf[dtype]);
    const reading = readRange(place, { firstRow, count: size }, bytes);
    reading.catch(() => {}); // reported when the block is asked for
    return { bytes, size, reading };
  };
  let next = count > 0 ? begin(0) : undefined;
  try {
    for (let firstRow = 0; next; firstRow += rows) {
      signal?.throwIfAborted();
      const { bytes, size, reading } = next;
      await reading;
      next = firstRow + rows < count ? begin(firstRow + rows) : undefined;
      yield { firstRow, data: toFloat32(bytes, data), count: size, dimensions };
    }
  } finally {
    await next?.reading.catch(() => {});
  }
}

/** The numbers of stored bytes: in place where they are float32 already, else decoded into `into`. */
function toFloat32(bytes: Uint8Array, into: Float32Array | undefined): Float32Array {
  if (!into) return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  const halves = new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2);
  const values = into.subarray(0, halves.length);
  decodeFloat16(halves, values);
  return values;
}

/** Reads in pieces, so that a signal is heard in between. */
async function readPieces(
  place: Place,
  { firstRow, count }: { firstRow: number; count: number },
  into: Uint8Array,
  signal: AbortSignal | undefined,
): Promise<void> {
  const width = place.manifest.dimensions * bytesOf[place.manifest.dtype];
  const most = Math.max(1, Math.floor(runBytes / width));
  for (let done = 0; done < count; done += most) {
    signal?.throwIfAborted();
    const piece = { firstRow: firstRow + done, count: Math.min(most, count - done) };
    await readRange(place, piece, into.subarray(done * width, (done + piece.count) * width));
  }
}

async function readRange(
  { manifest, files }: Place,
  { firstRow, count }: { firstRow: number; count: number },
  into: Uint8Array,
): Promise<void> {
  const width = manifest.dimensions * bytesOf[manifest.dtype];
  let row = firstRow;
  while (row < firstRow + count) {
    const file = files[shardOf(files, row)]!;
    const end = Math.min(firstRow + count, file.firstRow + file.count);
    const part = into.subarray((row - firstRow) * width, (end - firstRow) * width);
    await readFully(file, part, file.dataOffset + (row - file.firstRow) * width);
    row = end;
  }
}

/** Place of the last file that begins at or before the row. */
function shardOf(files: readonly ShardFile[], row: number): number {
  let [low, high] = [0, files.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (files[middle]!.firstRow <= row) low = middle;
    else high = middle - 1;
  }
  return low;
}

async function readRows(place: Place, list: ArrayLike<number>, signal: AbortSignal | undefined): Promise<Vectors> {
  const { count, dimensions, dtype } = place.manifest;
  const order = Array.from(list, (_, i) => i).sort((a, b) => list[a]! - list[b]!);
  for (const i of order) {
    const row = list[i]!;
    if (Number.isInteger(row) && row >= 0 && row < count) continue;
    throw new RagInstructError("bad-input", `row ${row} is not one of the ${count} rows`);
  }
  const data = new Float32Array(list.length * dimensions);
  const width = dimensions * bytesOf[dtype];
  for (let from = 0; from < order.length; ) {
    signal?.throwIfAborted();
    const firstRow = list[order[from]!]!;
    let to = from + 1;
    while (to < order.length && joins(list[order[to - 1]!]!, list[order[to]!]!, { firstRow, width })) to++;
    const size = list[order[to - 1]!]! - firstRow + 1;
    const bytes = new Uint8Array(size * width);
    await readRange(place, { firstRow, count: size }, bytes);
    const values = toFloat32(bytes, dtype === "float16" ? new Float32Array(size * dimensions) : undefined);
    for (const i of order.slice(from, to)) {
      const start = (list[i]! - firstRow) * dimensions;
      data.set(values.subarray(start, start + dimensions), i * dimensions);
    }
    from = to;
  }
  return { data, count: list.length, dimensions };
}

function joins(last: number, row: number, { firstRow, width }: { firstRow: number; width: number }): boolean {
  return (row - last) * width <= gapBytes && (row - firstRow) * width <= runBytes;
}
