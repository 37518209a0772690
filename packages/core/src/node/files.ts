import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { RagInstructError } from "../errors.ts";

/** Whether there is a file or folder of that name. */
export async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** Whether there is a folder of that name. */
export async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

/** Size of a file, and SHA-256 of its content in 64 hexadecimal characters. */
export async function hashFile(
  path: string,
  { signal }: { signal?: AbortSignal } = {},
): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash("sha256");
  let bytes = 0;
  for await (const chunk of await chunksOf(path, signal)) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  return { bytes, sha256: hash.digest("hex") };
}

const chunkBytes = 1 << 20;

/**
 * A file in chunks of a megabyte; a smaller one at once. A stream takes a whole chunk of memory even for a small file, and again to see its
 * end, and the garbage collector runs for what piles up.
 */
async function chunksOf(
  path: string,
  signal: AbortSignal | undefined,
): Promise<Iterable<Buffer> | AsyncIterable<Buffer>> {
  const { size } = await stat(path);
  if (size <= chunkBytes) return [await readFile(path, { signal })];
  return createReadStream(path, { highWaterMark: chunkBytes, signal });
}

/** Bytes up to which a file is hashed. A larger one is recognised by its size alone: to read 13 GB again takes too long. */
export const maxHashedBytes = 64 * 2 ** 20;

/** What is recorded of a file, to notice that it is gone or another. */
export interface OutputFile {
  bytes: number;
  /** Of files up to 64 MB. */
  sha256?: string;
}

/** Every file behind names within a folder, folders gone through, by its path there with `/`. Rejects when a name is not there. */
export async function describeFiles(folder: string, names: readonly string[]): Promise<Record<string, OutputFile>> {
  const described: Record<string, OutputFile> = {};
  for (const name of (await Promise.all(names.map((name) => filesBehind(folder, name)))).flat()) {
    const { size: bytes } = await stat(join(folder, name));
    described[name] = bytes > maxHashedBytes ? { bytes } : await hashFile(join(folder, name));
  }
  return described;
}

/** A file itself, or every file in a folder, in the order of their paths. Paths are relative to the outer folder, with `/`. */
export async function filesBehind(folder: string, name: string): Promise<string[]> {
  const path = join(folder, name);
  if (!(await stat(path)).isDirectory()) return [name];
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return files.sort().map((file) => relative(folder, file).split(sep).join("/"));
}

/**
 * The value in a JSON file; undefined where there is no such file. Throws `file-missing` where it cannot be read and
 * `file-corrupt` where it is not JSON. The type is the caller's claim: check what comes from outside.
 */
export async function readJsonFile<T>(path: string): Promise<T | undefined> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (cause) {
    if (["ENOENT", "ENOTDIR"].includes((cause as NodeJS.ErrnoException).code ?? "")) return undefined;
    throw new RagInstructError("file-missing", `${path} cannot be read: ${(cause as Error).message}`, { cause });
  }
  try {
    return JSON.parse(text) as T;
  } catch (cause) {
    throw new RagInstructError("file-corrupt", `${path} is not JSON: ${(cause as Error).message}`, { cause });
  }
}
