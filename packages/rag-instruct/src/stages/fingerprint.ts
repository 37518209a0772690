import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { glob, readdir, stat } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { pipeline } from "node:stream/promises";
import { RagInstructError } from "@rag-instruct/core";

const largestHashed = 64 * 2 ** 20;

/**
 * What a stage's key says of input files: the hash of each file's content, and of those over 64 MB size and time of change,
 * so that a 13 GB corpus is not read once more to learn that it is the same. Throws `file-missing`.
 */
export async function fingerprint(paths: readonly string[]): Promise<string> {
  const hash = createHash("sha256");
  for (const path of paths) {
    const files = await filesAt(path);
    if (files.length === 0) throw new RagInstructError("file-missing", `${path} is not there; check the path`);
    for (const file of files) {
      const { size, mtimeMs } = await stat(file);
      // The name within the folder: the same documents in another place are the same corpus.
      hash.update(`\n${relative(dirname(path), file)}\n${size}\n`);
      if (size > largestHashed) hash.update(String(mtimeMs));
      else
        await pipeline(createReadStream(file), async (chunks) => {
          for await (const chunk of chunks) hash.update(chunk);
        });
    }
  }
  return hash.digest("hex").slice(0, 32);
}

async function filesAt(path: string): Promise<string[]> {
  const found = await stat(path).catch(() => undefined);
  if (!found) return (await Array.fromAsync(glob(path))).sort();
  if (!found.isDirectory()) return [path];
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}
