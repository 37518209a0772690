import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import { RagInstructError } from "@rag-instruct/core";
import { hashFile, maxHashedBytes } from "@rag-instruct/core/node";
import { type ListOptions, listInputFiles } from "./input-files.ts";

/**
 * A hash of 32 characters of the files behind paths, folders and globs: of each file's name within what was given and its content, and
 * of those over 64 MB size and time of change, so that a 13 GB corpus is not read once more to learn that it is the same. The same
 * documents in another place, or in a folder of another name, have the same hash. Throws `file-missing`, and `bad-input` for standard input.
 * @param options.isWhole whether large files are told by their content too, so that a copy of them is the same. @default false
 */
export async function fingerprint(
  paths: readonly string[],
  { isWhole = false, gitignore }: ListOptions & { isWhole?: boolean } = {},
): Promise<string> {
  const hash = createHash("sha256");
  for (const given of paths) {
    for (const { path, source } of await listInputFiles(given, { gitignore })) {
      if (path === "-") {
        const message = "standard input cannot be read once more to learn whether it has changed; put it into a file";
        throw new RagInstructError("bad-input", message);
      }
      const { size, mtimeMs } = await stat(path);
      hash.update(`\n${source}\n${size}\n`);
      hash.update(size > maxHashedBytes && !isWhole ? String(mtimeMs) : (await hashFile(path)).sha256);
    }
  }
  return hash.digest("hex").slice(0, 32);
}
