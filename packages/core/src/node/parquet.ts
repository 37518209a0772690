import { open } from "node:fs/promises";
import { type AsyncBuffer, type FileMetaData, parquetMetadataAsync, parquetReadObjects } from "hyparquet";
import { compressors } from "hyparquet-compressors";
import { RagInstructError } from "../errors.ts";
import { type NamedBytes, readAllBytes } from "./bytes.ts";
import { maxTextBytes } from "./open-text.ts";

/** Rows read at a time: enough to keep the decoder busy, few enough to hold beside a vector column. */
const rowsAtOnce = 4096;

/** Options of {@link readParquet}. */
export interface ReadParquetOptions {
  /** Columns to read. @default all */
  columns?: readonly string[];
  signal?: AbortSignal;
}

/**
 * Reads the rows of a Parquet file as objects, a few thousand at a time. Integers of 64 bits come as numbers where they are exact.
 * Throws `file-missing`, and `file-corrupt` where the file is no Parquet.
 */
export async function* readParquet(
  source: string | NamedBytes,
  { columns, signal }: ReadParquetOptions = {},
): AsyncGenerator<Record<string, unknown>> {
  const name = typeof source === "string" ? source : source.name;
  await using file = await openBuffer(source);
  const metadata = await naming(name, () => parquetMetadataAsync(file));
  for (let rowStart = 0; rowStart < Number(metadata.num_rows); rowStart += rowsAtOnce) {
    signal?.throwIfAborted();
    const rows = await naming(name, () => readRows(file, metadata, rowStart, columns));
    for (const row of rows) yield plain(row) as Record<string, unknown>;
  }
}

function readRows(file: AsyncBuffer, metadata: FileMetaData, rowStart: number, columns: readonly string[] | undefined) {
  const rowEnd = Math.min(rowStart + rowsAtOnce, Number(metadata.num_rows));
  const wanted = columns ? { columns: [...columns] } : {};
  return parquetReadObjects({ file, metadata, compressors, rowStart, rowEnd, useOffsetIndex: true, ...wanted });
}

async function openBuffer(source: string | NamedBytes): Promise<AsyncBuffer & AsyncDisposable> {
  if (typeof source !== "string") {
    const bytes = new Uint8Array(await readAllBytes(source, { maxBytes: maxTextBytes }));
    const slice = (start: number, end?: number) => bytes.buffer.slice(start, end);
    return { byteLength: bytes.length, slice, [Symbol.asyncDispose]: async () => {} };
  }
  const handle = await open(source).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== "ENOENT") throw cause;
    throw new RagInstructError("file-missing", `${source} is not there`, { cause });
  });
  const { size } = await handle.stat();
  return {
    byteLength: size,
    async slice(start, end = size) {
      const bytes = new Uint8Array(Math.max(0, end - start));
      await handle.read(bytes, 0, bytes.length, start);
      return bytes.buffer;
    },
    [Symbol.asyncDispose]: () => handle.close(),
  };
}

async function naming<T>(name: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    throw new RagInstructError("file-corrupt", `${name} cannot be read as Parquet: ${(cause as Error).message}`, {
      cause,
    });
  }
}

function plain(value: unknown): unknown {
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : value.toString();
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== "object" || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
}
