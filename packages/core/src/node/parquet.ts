import { open } from "node:fs/promises";
import type { AsyncBuffer } from "hyparquet";
import { RagInstructError } from "../errors.ts";
import { type NamedBytes, readAllBytes } from "./open-bytes.ts";
import { maxTextBytes } from "./open-text.ts";

/** Options of {@link readParquet}. */
export interface ReadParquetOptions {
  /** Top-level columns to read, or which leaf columns by their names from the top. @default all */
  columns?: readonly string[] | ((path: readonly string[]) => boolean);
  signal?: AbortSignal;
}

/**
 * Reads the rows of a Parquet file as objects, a thousand at a time and page by page, so that memory does not grow with the
 * file or its row groups. Integers of 64 bits come as numbers where they are exact.
 * Throws `file-missing`, and `file-corrupt` where the file is no Parquet.
 */
export async function* readParquet(
  source: string | NamedBytes,
  { columns, signal }: ReadParquetOptions = {},
): AsyncGenerator<Record<string, unknown>> {
  const name = typeof source === "string" ? source : source.name;
  const wants =
    typeof columns === "function" ? columns : (path: readonly string[]) => columns?.includes(path[0]!) ?? true;
  // Loaded where a file is read: the decoders take 15 MB and a tenth of a second.
  const [{ parquetMetadataAsync }, { parquetRows }] = await Promise.all([
    import("hyparquet"),
    import("./parquet-pages.ts"),
  ]);
  await using file = await openBuffer(source);
  const metadata = await naming(name, () => parquetMetadataAsync(file));
  const batches = parquetRows(file, metadata, wants);
  for (;;) {
    signal?.throwIfAborted();
    const { done, value: rows } = await naming(name, () => batches.next());
    if (done) return;
    for (const row of rows) yield plain(row) as Record<string, unknown>;
  }
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
