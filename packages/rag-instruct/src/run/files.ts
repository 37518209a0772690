import { createHash } from "node:crypto";
import { glob, readdir, stat } from "node:fs/promises";
import { basename, dirname, join, relative, sep } from "node:path";
import { RagInstructError } from "@rag-instruct/core";
import { hashFile, isThere } from "@rag-instruct/core/node";

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
    described[name] = bytes > largestHashed ? { bytes } : await hashFile(path);
  }
  return described;
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

/**
 * What a stage's key says of input files: the hash of each file's content, and of those over 64 MB size and time of change,
 * so that a 13 GB corpus is not read once more to learn that it is the same. Throws `file-missing`.
 */
export async function fingerprint(paths: readonly string[]): Promise<string> {
  const hash = createHash("sha256");
  for (const path of paths) {
    const base = (await isThere(path)) ? path : dirname(path.slice(0, path.search(/[*?[{]/) + 1));
    const files = await inputFiles(path);
    if (files.length === 0) throw new RagInstructError("file-missing", `${path} is not there; check the path`);
    for (const file of files) {
      const { size, mtimeMs } = await stat(file);
      // The name within the folder: the same documents in another place, or in a folder of another name, are the same corpus.
      hash.update(`\n${relative(base, file) || basename(file)}\n${size}\n`);
      hash.update(size > largestHashed ? String(mtimeMs) : (await hashFile(file)).sha256);
    }
  }
  return hash.digest("hex").slice(0, 32);
}

/** The files behind a path or a glob, in the order of their names; none where nothing is there. */
export async function inputFiles(path: string): Promise<string[]> {
  return (await isThere(path)) ? filesBehind(path) : (await Array.fromAsync(glob(path))).sort();
}
