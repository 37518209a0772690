import { existsSync, writeSync } from "node:fs";
import { type FileHandle, mkdir, open, truncate } from "node:fs/promises";
import { dirname } from "node:path";
import { RagInstructError } from "../errors.ts";
import type { Closable } from "../plug-points.ts";
import { readRecords } from "./records.ts";

/** An append-only JSONL file. */
export interface JsonlFile extends Closable {
  /** Appends one line: handed to the system before this returns, and on disk when it resolves where `durable`. */
  append(record: unknown): Promise<void>;
  /** The same for a line that is JSON already. */
  appendLine(line: string): Promise<void>;
  /** Makes every line appended so far durable. */
  sync(): Promise<void>;
}

/**
 * Opens a JSONL file for appending; a torn last line, as a killed writer leaves it, is cut off first.
 * A line is written at once, so that a killed process has lost none that it appended. After a failed write every later one fails
 * too, so that no line follows a torn one.
 * @param options.durable wait for fsync before `append` resolves; lines appended meanwhile share one. @default false
 */
export async function openJsonl(path: string, { durable = false }: { durable?: boolean } = {}): Promise<JsonlFile> {
  const handle = await openForAppend(path);
  let failure: RagInstructError | undefined;
  let syncing: Promise<void> = Promise.resolve();
  let nextSync: Promise<void> | undefined;

  function failing<T>(error: T): RagInstructError {
    failure ??= unwritable(path, error);
    return failure;
  }
  function write(line: string): void {
    if (failure) throw failure;
    const bytes = Buffer.from(`${line}\n`);
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(handle.fd, bytes, at);
    } catch (error) {
      throw failing(error);
    }
  }
  /** Syncs what is written, together with all that is written before the sync under way has ended. */
  function onDisk(): Promise<void> {
    nextSync ??= syncing.then(() => {
      nextSync = undefined;
      syncing = handle.datasync().catch((error) => {
        failing(error);
      });
      return syncing;
    });
    return nextSync.then(() => {
      if (failure) throw failure;
    });
  }
  let closed: Promise<void> | undefined;
  async function close(): Promise<void> {
    await nextSync;
    await syncing;
    try {
      if (!failure) await handle.sync();
    } finally {
      await handle.close();
    }
  }
  const file: JsonlFile = {
    append: (record) => file.appendLine(JSON.stringify(record)),
    async appendLine(line) {
      write(line);
      if (durable) await onDisk();
    },
    sync: () => handle.datasync(),
    close: () => (closed ??= close()),
    [Symbol.asyncDispose]: () => file.close(),
  };
  return file;
}

/**
 * Reads a JSONL file record by record; blank lines are passed over. Throws `bad-record` with file and line.
 * The type is the caller's claim: check what comes from outside.
 * @param options.mayBeMissing a file that is not there counts as empty. @default false
 */
export async function* readJsonl<T = unknown>(
  path: string,
  { signal, mayBeMissing = false }: { signal?: AbortSignal; mayBeMissing?: boolean } = {},
): AsyncGenerator<T, undefined> {
  if (mayBeMissing && !existsSync(path)) return undefined;
  for await (const { value } of readRecords(path, { format: "jsonl", signal })) yield value as T;
  return undefined;
}

async function openForAppend(path: string): Promise<FileHandle> {
  try {
    await mkdir(dirname(path), { recursive: true });
    const handle = await open(path, "a+");
    const { size } = await handle.stat();
    const end = await endOfLastLine(handle, size);
    if (end < size) await truncate(path, end);
    return handle;
  } catch (error) {
    throw unwritable(path, error);
  }
}

async function endOfLastLine(handle: FileHandle, size: number): Promise<number> {
  const chunk = Buffer.alloc(65_536);
  for (let end = size; end > 0; end -= chunk.length) {
    const start = Math.max(0, end - chunk.length);
    const { bytesRead } = await handle.read(chunk, 0, end - start, start);
    const newline = chunk.subarray(0, bytesRead).lastIndexOf(0x0a);
    if (newline >= 0) return start + newline + 1;
  }
  return 0;
}

function unwritable(path: string, error: unknown): RagInstructError {
  if (RagInstructError.is(error)) return error;
  const why = (error as NodeJS.ErrnoException).code === "ENOSPC" ? "the disk is full" : (error as Error).message;
  return new RagInstructError("file-unwritable", `cannot append to ${path}: ${why}`, { cause: error });
}
