import { open, readdir, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isMarkedAsUntransferable } from "node:worker_threads";
import { amount, RagInstructError, type Source } from "@rag-instruct/core";
import {
  ByteReader,
  compressionOf,
  isTar,
  type NamedBytes,
  openBytes,
  peekBytes,
  tarEntries,
} from "@rag-instruct/core/node";
import { partOf, type VectorPart } from "./array-file.ts";
import { readPickle } from "./pickle.ts";
import { isKind, refuse } from "./pickle-values.ts";
import { type ImportReport, VectorTarget, type VectorTargetOptions } from "./vector-target.ts";

/** Options of {@link importContriever}. */
export interface ImportContrieverOptions extends VectorTargetOptions {
  /** A .tar, a folder of `passages_*` files, or one such file; each plain, or packed by gzip or zstd. */
  from: string;
}

/**
 * Turns published Contriever embeddings, pickles of (ids, ndarray), into a vector folder, one shard a pickle, in the order
 * they come. Read as a stream by a reader that runs nothing; a shard's numbers pass through a temporary file in `to`, so that
 * memory does not grow with them. Throws `file-missing`, `file-corrupt` with the byte for a file that is cut off,
 * `unknown-format` for a pickle that holds anything else, `bad-input` for numbers that are not finite, `folder-locked`, and
 * `model-mismatch` where `to` holds vectors of another embedder.
 */
export async function importContriever(options: ImportContrieverOptions): Promise<ImportReport> {
  const { from, to, signal } = options;
  await using target = await VectorTarget.open(options);
  const spillTo = join(to, "import.tmp");
  try {
    for await (const entry of pickles(from, signal)) {
      signal?.throwIfAborted();
      const { name, count, dimensions, ids, vectors } = await picklePart(entry, spillTo);
      await target.write({ count, dimensions, ids, vectors }, name);
    }
  } finally {
    await rm(spillTo, { force: true });
  }
  if (target.isEmpty) throw new RagInstructError("file-missing", `${from} holds no file named passages_…`);
  return await target.finish();
}

async function* pickles(from: string, signal: AbortSignal | undefined): AsyncGenerator<NamedBytes> {
  const place = await stat(from).catch((cause) => {
    throw new RagInstructError("file-missing", `${from} is not there`, { cause });
  });
  if (place.isDirectory()) {
    for (const name of (await readdir(from)).filter(isPassages).sort()) yield openFile(join(from, name), signal);
    return;
  }
  const file = openFile(from, signal);
  const { head, bytes } = await peekBytes(file.bytes, tarHeadBytes);
  if (isPickle(head) || !isTar(head)) return yield { name: from, bytes };
  for await (const entry of tarFiles({ name: from, bytes }, signal))
    if (isPassages(entry.path.split("/").at(-1)!)) yield entry;
}

/** A file's bytes, unpacked where it is packed. A file that is not packed may be large: its chunks are valid until the next is asked for. */
export function openFile(path: string, signal: AbortSignal | undefined): NamedBytes {
  return unpacked({ name: path, bytes: chunksOf(path) }, signal);
}

/** The files of a .tar, unpacked, with their paths in it. */
export async function* tarFiles(
  { name, bytes }: NamedBytes,
  signal: AbortSignal | undefined,
): AsyncGenerator<NamedBytes & { path: string }> {
  for await (const entry of tarEntries({ name, bytes })) {
    yield { ...unpacked({ name: `${name}: ${entry.name}`, bytes: entry.bytes }, signal), path: entry.name };
  }
}

/** What tells a .tar, and whatever else an import knows. */
export const tarHeadBytes = 512;

/** The bytes themselves, or what gzip or zstd packed. */
function unpacked({ name, bytes }: NamedBytes, signal: AbortSignal | undefined): NamedBytes {
  async function* read(): AsyncGenerator<Uint8Array> {
    const { head, bytes: whole } = await peekBytes(bytes, 4);
    if (!compressionOf(head)) return yield* whole;
    yield* freedChunks(openBytes({ name, bytes: whole }, { signal }).bytes);
  }
  return { name, bytes: read() };
}

/** By the opcode of the protocol, which every pickle from protocol 2 on begins with, and no packed file. */
export function isPickle(head: Uint8Array): boolean {
  return head[0] === 0x80;
}

/** A file by one buffer: two gigabytes of chunks that wait for the collector would be most of the memory. */
async function* chunksOf(path: string): AsyncGenerator<Uint8Array> {
  await using handle = await open(path);
  const buffer = Buffer.alloc(1 << 18);
  for (;;) {
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, null);
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
  }
}

const isPassages = (name: string) => name.startsWith("passages");

/**
 * The vectors of a pickle of (ids, ndarray), whose numbers are put into a file. Throws as {@link importContriever} says.
 * @param spillTo that file, which the next pickle may overwrite
 */
export async function picklePart(source: NamedBytes, spillTo: string): Promise<VectorPart & { ids: Source<string> }> {
  const reader = new ByteReader(source);
  const value = await readPickle(reader, { spillTo });
  const unfit = (what: string) => refuse(source.name, reader.position, what);
  const [list, array] = isKind(value, "tuple") ? value.items : [];
  if (!isKind(list, "list") || !isKind(array, "array")) throw unfit("a value that is not a pair of ids and array");
  const [rows, columns] = array.shape;
  if (array.shape.length !== 2 || rows === undefined || !columns) throw unfit(`an array of shape ${array.shape}`);
  if (list.items.length !== rows) throw unfit(`${list.items.length} ids for ${amount(rows, "row")}`);
  const descr = `${array.dtype?.order}${array.dtype?.name}`;
  if (descr !== "<f4" && descr !== "<f2") throw unfit(`numbers ${descr}, neither <f4 nor <f2`);
  const bytes = array.bytes!;
  const expected = rows * columns * (descr === "<f4" ? 4 : 2);
  if (bytes.length !== expected)
    throw unfit(`${bytes.length} bytes where the shape ${rows} x ${columns} takes ${expected}`);
  if (Buffer.isBuffer(bytes)) await writeFile(spillTo, bytes);
  await reader.close();
  const { fortranOrder } = array;
  return {
    ids: list.items,
    ...partOf({ path: spillTo, name: source.name, offset: 0, rows, columns, descr, fortranOrder }),
  };
}

/**
 * The same chunks, each valid until the next is asked for. The memory of a buffer is given back once chunks come from
 * another: left to the collector, the buffers of an unpacked stream of gigabytes pile up by tens of megabytes. For streams
 * alone that nobody else reads from.
 */
async function* freedChunks(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let last: ArrayBufferLike | undefined;
  for await (const chunk of chunks) {
    if (last !== chunk.buffer) free(last);
    last = chunk.buffer;
    yield chunk;
  }
}

function free(buffer: ArrayBufferLike | undefined): void {
  // Small buffers of Node lie together in one, which it marks.
  if (buffer instanceof ArrayBuffer && !isMarkedAsUntransferable(buffer)) buffer.transfer(0);
}
