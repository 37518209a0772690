import { existsSync } from "node:fs";
import { type FileHandle, mkdir, open, truncate } from "node:fs/promises";
import { dirname } from "node:path";
import { RagInstructError } from "../errors.ts";
import type { Closable } from "../plug-points.ts";
import { readRecords } from "./records.ts";

/** An append-only JSONL file. */
export interface JsonlFile extends Closable {
  /** Appends one line. Resolves when it is handed to the system, and on disk when `durable`. */
  append(record: unknown): Promise<void>;
  /** The same for a line that is JSON already. */
  appendLine(line: string): Promise<void>;
  /** Makes every line appended so far durable. */
  sync(): Promise<void>;
}

/**
 * Opens a JSONL file for appending; a torn last line, as a killed writer leaves it, is cut off first.
 * Lines appended at the same time are written together, in the order of the calls. After a failed write every later one fails
 * too, so that no line follows a torn one.
 * @param options.durable wait for fsync before `append` resolves; lines appended meanwhile share one. @default false
 */
export async function openJsonl(path: string, { durable = false }: { durable?: boolean } = {}): Promise<JsonlFile> {
  const handle = await openForAppend(path);
  let waiting: { line: string; done: PromiseWithResolvers<void> }[] = [];
  let writing: Promise<void> | undefined;
  let failure: RagInstructError | undefined;

  async function drain(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      try {
        if (failure) throw failure;
        await handle.appendFile(batch.map(({ line }) => line).join(""));
        if (durable) await handle.datasync();
        for (const { done } of batch) done.resolve();
      } catch (error) {
        failure = unwritable(path, error);
        for (const { done } of batch) done.reject(failure);
      }
    }
    writing = undefined;
  }
  let closed: Promise<void> | undefined;
  async function close(): Promise<void> {
    await writing;
    try {
      if (!failure) await handle.sync();
    } finally {
      await handle.close();
    }
  }
  const file: JsonlFile = {
    append: (record) => file.appendLine(JSON.stringify(record)),
    appendLine(line) {
      const done = Promise.withResolvers<void>();
      waiting.push({ line: `${line}\n`, done });
      writing ??= Promise.resolve().then(drain);
      return done.promise;
    },
    async sync() {
      await writing;
      await handle.datasync();
    },
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
