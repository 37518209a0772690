import { createHash } from "node:crypto";
import { type FileHandle, open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { RagInstructError } from "../errors.ts";
import { openAtomic, writeAtomic } from "../node/atomic.ts";
import { hashFile } from "../node/files.ts";
import type { Vectors } from "../plug-points.ts";
import type { Source } from "../types.ts";
import { bytesOf, encodeFloat16, maxNpyHeader, npyDescr, npyHeader, parseNpyHeader, type VectorDtype } from "./npy.ts";

const format = "rag-instruct/vectors";
const version = 1;

/** Two files of a vector folder: rows, and their ids. */
export interface VectorShard {
  /** Name of the .npy file. */
  file: string;
  /** Name of the file of the ids: UTF-8, one a line, each ending in a line feed. */
  ids: string;
  /** Number of rows. */
  count: number;
  sha256: string;
  idsSha256: string;
}

/** What `manifest.json` says of a vector folder. */
export interface VectorManifest {
  /** Of the embedder that made the vectors. */
  embedderId: string;
  dimensions: number;
  dtype: VectorDtype;
  /** Number of rows of all shards. */
  count: number;
  /** In the order of the rows. */
  shards: VectorShard[];
}

/** Writes `manifest.json`, which is what makes the shards of a folder one whole. Atomic. */
export async function writeVectorManifest(folder: string, manifest: Omit<VectorManifest, "count">): Promise<void> {
  const { embedderId, dimensions, dtype, shards } = manifest;
  const count = shards.reduce((sum, shard) => sum + shard.count, 0);
  const content = { format, version, embedderId, dimensions, dtype, count, shards };
  await writeAtomic(join(folder, "manifest.json"), `${JSON.stringify(content, undefined, 2)}\n`);
}

/** Reads `manifest.json`. Throws `file-missing`, `file-corrupt`, `unknown-format`, and `unsupported-version` for a newer one. */
export async function readVectorManifest(folder: string): Promise<VectorManifest> {
  const path = join(folder, "manifest.json");
  const text = await readFile(path, "utf8").catch((cause) => {
    throw new RagInstructError("file-missing", `${path} is not there; the folder holds no finished vectors`, { cause });
  });
  const manifest = parse(path, text);
  if (manifest.format !== format) throw new RagInstructError("unknown-format", `${path} is not a manifest of vectors`);
  if (typeof manifest.version !== "number" || manifest.version > version) {
    throw new RagInstructError(
      "unsupported-version",
      `${path} is of version ${manifest.version}, this package reads up to ${version}; update @rag-instruct/core`,
    );
  }
  if (!isWhole(manifest))
    throw new RagInstructError("file-corrupt", `${path} lacks fields or its counts do not add up`);
  const { embedderId, dimensions, dtype, count, shards } = manifest;
  return { embedderId, dimensions, dtype, count, shards };
}

type Claimed = Partial<VectorManifest> & { format?: string; version?: number };

function parse(path: string, text: string): Claimed {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : {};
  } catch (cause) {
    throw new RagInstructError("file-corrupt", `${path} is not JSON`, { cause });
  }
}

function isWhole(manifest: Claimed): manifest is VectorManifest {
  const { embedderId, dimensions, dtype, count, shards } = manifest;
  if (typeof embedderId !== "string" || !isCount(dimensions) || dimensions < 1) return false;
  if (typeof dtype !== "string" || !Object.hasOwn(bytesOf, dtype)) return false;
  if (!Array.isArray(shards) || !shards.every(isShard)) return false;
  return shards.reduce((sum, shard) => sum + shard.count, 0) === count;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isShard(shard: Partial<VectorShard> | null): boolean {
  const { file, ids, count, sha256, idsSha256 } = shard ?? {};
  const texts = [file, ids, sha256, idsSha256];
  // A name, never a path: a manifest must not lead out of its folder.
  return texts.every((text) => typeof text === "string") && isCount(count) && !/[\\/]|^\.\.?$/m.test(`${file}\n${ids}`);
}

const maxFloat16 = 65_504;
const idsAtOnce = 4096;

/** Options of {@link writeVectorShard}. */
export interface VectorShardOptions {
  /** The folder, made when it is not there. */
  to: string;
  /** Place of the shard among the others, from 0; names its files. */
  index: number;
  /** Rows that `vectors` and `ids` will have. */
  count: number;
  dimensions: number;
  dtype: VectorDtype;
  /** The rows, in blocks of any size. */
  vectors: Source<Vectors>;
  /** An id a row, in the order of the rows. */
  ids: Source<string>;
  signal?: AbortSignal;
}

/**
 * Writes one shard of a vector folder, `00000.npy` and `00000.ids.txt`, each there whole or not at all, in the memory of one
 * block. The shard counts once a manifest names it. Equal input gives equal bytes. Throws `bad-input` for a value that is
 * not finite or too large for float16, for an id with a line feed and for a count or width that is not as announced.
 */
export async function writeVectorShard(options: VectorShardOptions): Promise<VectorShard> {
  const name = String(options.index).padStart(5, "0");
  const file = `${name}.npy`;
  const ids = `${name}.ids.txt`;
  const { to, count } = options;
  const idsSha256 = await writeHashed(join(to, ids), idChunks(options), options.signal);
  const sha256 = await writeHashed(join(to, file), rowChunks(options, join(to, file)), options.signal);
  return { file, ids, count, sha256, idsSha256 };
}

async function writeHashed(
  path: string,
  chunks: AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
): Promise<string> {
  const hash = createHash("sha256");
  const file = await openAtomic(path);
  try {
    for await (const chunk of chunks) {
      signal?.throwIfAborted();
      hash.update(chunk);
      await file.write(chunk);
    }
    await file.commit();
  } finally {
    await file.discard();
  }
  return hash.digest("hex");
}

async function* idChunks({ ids, count, to }: VectorShardOptions): AsyncGenerator<Uint8Array> {
  let lines: string[] = [];
  let seen = 0;
  for await (const id of ids) {
    seen++;
    if (lines.push(idLine(id)) < idsAtOnce) continue;
    yield Buffer.from(lines.join(""));
    lines = [];
  }
  yield Buffer.from(lines.join(""));
  if (seen !== count) throw new RagInstructError("bad-input", `${seen} ids for the ${count} rows of a shard in ${to}`);
}

async function* rowChunks(options: VectorShardOptions, path: string): AsyncGenerator<Uint8Array> {
  const { vectors, count, dimensions, dtype } = options;
  yield npyHeader({ dtype, rows: count, columns: dimensions });
  let seen = 0;
  let halves = new Uint16Array(0);
  for await (const block of vectors) {
    if (block.dimensions !== dimensions) {
      throw new RagInstructError("bad-input", `${path}: rows of ${block.dimensions} dimensions, not ${dimensions}`);
    }
    const values = block.data.subarray(0, block.count * dimensions);
    checkValues(values, { path, firstRow: seen, dimensions, largest: dtype === "float16" ? maxFloat16 : Infinity });
    seen += block.count;
    // Written before the next block is asked for, so one buffer serves all of them.
    if (dtype === "float16" && halves.length < values.length) halves = new Uint16Array(values.length);
    yield dtype === "float32" ? bytesIn(values) : bytesIn(toHalves(values, halves));
  }
  if (seen !== count) throw new RagInstructError("bad-input", `${path}: ${seen} rows, not ${count}`);
}

function checkValues(
  values: Float32Array,
  { path, firstRow, dimensions, largest }: { path: string; firstRow: number; dimensions: number; largest: number },
): void {
  for (let i = 0; i < values.length; i++) {
    const size = Math.abs(values[i]!);
    // Written so that NaN fails as well.
    if (size <= largest && size !== Infinity) continue;
    const row = firstRow + Math.floor(i / dimensions);
    const why = size > largest && size !== Infinity ? "is too large for float16; write float32" : "is not finite";
    throw new RagInstructError("bad-input", `${path}: the value ${values[i]} in row ${row} ${why}`);
  }
}

function toHalves(values: Float32Array, into: Uint16Array): Uint16Array {
  const halves = into.subarray(0, values.length);
  encodeFloat16(values, halves);
  return halves;
}

function bytesIn({ buffer, byteOffset, byteLength }: Float32Array | Uint16Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** Most bytes of one read: the system takes no 2 GiB at once. */
const maxReadBytes = 1 << 30;

/** The .npy file of a shard, open for reading. */
export interface ShardFile {
  path: string;
  handle: FileHandle;
  /** First row of the folder that stands in it. */
  firstRow: number;
  count: number;
  /** Where its numbers begin. */
  dataOffset: number;
}

/** Opens a shard and checks its header and size. Throws `file-missing` and `file-corrupt` with the name. */
export async function openShard(
  folder: string,
  shard: VectorShard,
  { dimensions, dtype, firstRow }: Pick<VectorManifest, "dimensions" | "dtype"> & { firstRow: number },
): Promise<ShardFile> {
  const path = join(folder, shard.file);
  const handle = await open(path).catch((cause) => {
    throw new RagInstructError("file-missing", `${path} is not there; write the folder again`, { cause });
  });
  try {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(maxNpyHeader), 0, maxNpyHeader, 0);
    const { descr, fortranOrder, shape, dataOffset } = parseNpyHeader(buffer.subarray(0, bytesRead), path);
    const expected = [shard.count, dimensions];
    if (descr !== npyDescr[dtype] || fortranOrder || `${shape}` !== `${expected}`) {
      throw corrupt(path, `holds ${descr} of shape ${shape} where the manifest says ${npyDescr[dtype]} of ${expected}`);
    }
    const { size } = await handle.stat();
    const whole = dataOffset + shard.count * dimensions * bytesOf[dtype];
    if (size !== whole) throw corrupt(path, `has ${size} bytes where ${whole} belong`);
    return { path, handle, firstRow, count: shard.count, dataOffset };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** Reads the bytes of a shard's ids and checks them. Throws `file-missing` and `file-corrupt` with the name. */
export async function readShardIds(folder: string, shard: VectorShard): Promise<Uint8Array> {
  const path = join(folder, shard.ids);
  const bytes = await readFile(path).catch((cause) => {
    throw new RagInstructError("file-missing", `${path} is not there; write the folder again`, { cause });
  });
  if (createHash("sha256").update(bytes).digest("hex") !== shard.idsSha256) throw corrupt(path, mismatch);
  return bytes;
}

/** Compares a shard's rows with the checksum of the manifest. Throws `file-corrupt` with the name. */
export async function verifyShard(folder: string, shard: VectorShard, signal: AbortSignal | undefined): Promise<void> {
  const path = join(folder, shard.file);
  const { sha256 } = await hashFile(path, { signal });
  if (sha256 !== shard.sha256) throw corrupt(path, mismatch);
}

/** Fills `into` from a place of the file. Throws `file-corrupt` where the file ends too early. */
export async function readFully({ handle, path }: ShardFile, into: Uint8Array, position: number): Promise<void> {
  for (let filled = 0; filled < into.length; ) {
    const wanted = Math.min(maxReadBytes, into.length - filled);
    const { bytesRead } = await handle.read(into, filled, wanted, position + filled);
    if (bytesRead === 0) throw corrupt(path, "ends too early");
    filled += bytesRead;
  }
}

const mismatch = "does not have the checksum of the manifest";

function corrupt(path: string, what: string): RagInstructError {
  return new RagInstructError("file-corrupt", `${path} ${what}; write the folder again`);
}

const newline = 0x0a;
const maxUint32 = 2 ** 32 - 1;
const decoder = new TextDecoder();

/** The ids of rows: one byte buffer and where each id begins, because 21 million strings would not fit. */
export interface RowIds {
  count: number;
  /** The id of a row. Throws `bad-input` when there is no such row. */
  at(row: number): string;
}

/** Ids from UTF-8 bytes in which each id ends with a line feed. Throws `file-corrupt` with the name when there are not `count`. */
export function rowIdsOf(bytes: Uint8Array, { count, name }: { count: number; name: string }): RowIds {
  const ends = bytes.length > maxUint32 ? new Float64Array(count) : new Uint32Array(count);
  let found = 0;
  for (let end = bytes.indexOf(newline); end >= 0; end = bytes.indexOf(newline, end + 1)) {
    if (found < count) ends[found] = end;
    found++;
  }
  if (found !== count || (bytes.length > 0 && bytes.at(-1) !== newline)) {
    throw new RagInstructError("file-corrupt", `${name} holds ${found} ids, not ${count}; write the folder again`);
  }
  return {
    count,
    at(row) {
      const end = ends[row];
      if (end === undefined) throw new RagInstructError("bad-input", `row ${row} is not one of the ${count} rows`);
      return decoder.decode(bytes.subarray(row === 0 ? 0 : ends[row - 1]! + 1, end));
    },
  };
}

/** The line of an id in an ids file. Throws `bad-input` for an id that holds a line feed or cannot be UTF-8. */
function idLine(id: string): string {
  if (id.includes("\n") || !id.isWellFormed()) {
    throw new RagInstructError("bad-input", `the id ${JSON.stringify(id)} holds a line feed or half a character`);
  }
  return `${id}\n`;
}
