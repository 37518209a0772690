import { createHash } from "node:crypto";
import { glob, stat } from "node:fs/promises";
import { basename, dirname, relative } from "node:path";
import { RagInstructError } from "@rag-instruct/core";
import { filesBehind, hashFile, largestHashed } from "../outputs.ts";

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
      hash.update(size > largestHashed ? String(mtimeMs) : await hashFile(file));
    }
  }
  return hash.digest("hex").slice(0, 32);
}

/** Whether there is a file or folder of that name. */
export async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** The files behind a path or a glob, in the order of their names; none where nothing is there. */
export async function inputFiles(path: string): Promise<string[]> {
  return (await isThere(path)) ? filesBehind(path) : (await Array.fromAsync(glob(path))).sort();
}
