import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { pipeline } from "node:stream/promises";

/** What is recorded of a file, to notice that it is gone or another. */
export interface OutputFile {
  bytes: number;
  /** Of files up to 64 MB. */
  sha256?: string;
}

/** Larger files are told by their size alone, so that a 13 GB corpus is not read once more to learn that it is the same. */
export const largestHashed = 64 * 2 ** 20;

/** Every file behind names within a folder, folders gone through. Rejects when a name is not there. */
export async function describeOutputs(folder: string, names: readonly string[]): Promise<Record<string, OutputFile>> {
  const described: Record<string, OutputFile> = {};
  for (const path of (await Promise.all(names.map((name) => filesBehind(join(folder, name))))).flat()) {
    const { size: bytes } = await stat(path);
    const name = relative(folder, path).split(sep).join("/");
    described[name] = bytes > largestHashed ? { bytes } : { bytes, sha256: await hashFile(path) };
  }
  return described;
}

/** SHA-256 of a file's content, in hex. */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}

/** A file itself, or every file in a folder, in the order of their names. */
export async function filesBehind(path: string): Promise<string[]> {
  if (!(await stat(path)).isDirectory()) return [path];
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}
