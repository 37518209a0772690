import { randomBytes } from "node:crypto";
import { type FileHandle, mkdir, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { RagInstructError } from "../errors.ts";
import type { Source } from "../types.ts";
import { isThere } from "./files.ts";

/** A file that is there whole or not at all. */
export interface AtomicFile {
  /** Appends to the temporary file; text is gathered until there are 64 KiB of it, or half a second is over. Throws `file-unwritable`. */
  write(chunk: string | Uint8Array): Promise<void>;
  /** Hands over what is gathered, and gives the path of the temporary file that holds all that was written. Throws `file-unwritable`. */
  soFar(): Promise<string>;
  /** Makes everything durable, without putting the file in its place: nothing can be written any more. */
  seal(): Promise<void>;
  /** Seals the file and puts it in its place. */
  commit(): Promise<void>;
  /** Leaves nothing behind. Does nothing after `commit`. */
  discard(): Promise<void>;
}

const maxGathered = 1 << 16;
// Milliseconds after which what is gathered is handed over, so that whoever watches a slow writer sees what it has.
const maxGatherTime = 500;

/**
 * Opens a file for writing that appears at `path` only when committed: a temporary file beside it, fsync, rename, fsync of
 * the folder. Missing folders are made. Throws `file-unwritable`.
 * @param options.overwrite `false` throws `file-exists` when the file is already there. @default true
 */
export async function openAtomic(
  path: string,
  { overwrite = true }: { overwrite?: boolean } = {},
): Promise<AtomicFile> {
  const temporary = `${path}.${randomBytes(6).toString("hex")}.tmp`;
  const handle = await openNew({ path, temporary, overwrite });
  let isOpen = true;
  let gathered = "";
  let flushedAt = performance.now();
  let timer: ReturnType<typeof setTimeout> | undefined;
  // What was handed over so far; once it has failed, so does all that comes after it.
  let written: Promise<void> = Promise.resolve();
  function flush(): Promise<void> {
    const text = gathered;
    gathered = "";
    flushedAt = performance.now();
    clearTimeout(timer);
    timer = undefined;
    if (text !== "") written = written.then(() => naming(path, () => handle.appendFile(text)));
    return written;
  }
  /** Writes what is gathered after a while even where nothing comes after it, so that those who follow the file see it. */
  function flushSoon(): void {
    timer ??= setTimeout(() => flush().catch(() => {}), maxGatherTime);
    timer.unref();
  }
  async function seal(): Promise<void> {
    if (!isOpen) return;
    await flush();
    await naming(path, () => handle.sync());
    isOpen = false;
    await handle.close();
  }
  return {
    async write(chunk) {
      if (typeof chunk === "string") {
        gathered += chunk;
        if (gathered.length >= maxGathered || performance.now() - flushedAt > maxGatherTime) await flush();
        else flushSoon();
      } else {
        await flush();
        await naming(path, () => handle.appendFile(chunk));
      }
    },
    async soFar() {
      await flush();
      return temporary;
    },
    seal,
    async commit() {
      await seal();
      await naming(path, () => rename(temporary, path));
      await syncFolder(dirname(path));
    },
    async discard() {
      clearTimeout(timer);
      await written.catch(() => {});
      if (isOpen) await handle.close().catch(() => {});
      isOpen = false;
      await rm(temporary, { force: true });
    },
  };
}

/**
 * Writes a file so that it is there whole or not at all, as {@link openAtomic} does. Chunks are written as they come, so
 * that a file may be larger than memory. An error of the source passes unwrapped; nothing is left behind either way.
 * @param options.overwrite `false` throws `file-exists` when the file is already there. @default true
 */
export async function writeAtomic(
  path: string,
  content: string | Uint8Array | Source<string | Uint8Array>,
  { overwrite = true, signal }: { overwrite?: boolean; signal?: AbortSignal } = {},
): Promise<void> {
  signal?.throwIfAborted();
  const file = await openAtomic(path, { overwrite });
  try {
    for await (const chunk of asChunks(content)) {
      signal?.throwIfAborted();
      await file.write(chunk);
    }
    await file.commit();
  } finally {
    await file.discard();
  }
}

/** Makes a folder's entries durable after a rename; a no-op where folders cannot be synced (Windows). */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r").catch(() => undefined);
  await handle?.sync().catch(() => {});
  await handle?.close();
}

async function openNew(target: { path: string; temporary: string; overwrite: boolean }): Promise<FileHandle> {
  return naming(target.path, async () => {
    await mkdir(dirname(target.path), { recursive: true });
    if (!target.overwrite && (await isThere(target.path))) {
      throw new RagInstructError(
        "file-exists",
        `${target.path} is already there; choose another place or allow overwriting`,
      );
    }
    return open(target.temporary, "wx").catch(async (error: NodeJS.ErrnoException) => {
      // Another process may just have removed the folder because it was empty.
      if (error.code !== "ENOENT") throw error;
      await mkdir(dirname(target.path), { recursive: true });
      return open(target.temporary, "wx");
    });
  });
}

async function naming<T>(path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (RagInstructError.is(error)) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    const why =
      code === "ENOSPC" ? "the disk is full" : code === "EACCES" || code === "EROFS" ? "no permission" : message;
    throw new RagInstructError("file-unwritable", `cannot write ${path}: ${why}`, { cause: error });
  }
}

async function* asChunks(
  content: string | Uint8Array | Source<string | Uint8Array>,
): AsyncGenerator<string | Uint8Array> {
  if (typeof content === "string" || content instanceof Uint8Array) yield content;
  else yield* content;
}
