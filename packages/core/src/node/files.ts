import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { RagInstructError } from "../errors.ts";

/** Whether there is a file or folder of that name. */
export async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
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
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20, signal })) {
    hash.update(chunk as Buffer);
    bytes += (chunk as Buffer).length;
  }
  return { bytes, sha256: hash.digest("hex") };
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
