import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import type { AtomicFile } from "@rag-instruct/core/node";

/** A file that is there whole or not at all, and tells its SHA-256. Disposing of it uncommitted leaves nothing. */
export interface HashedFile extends AsyncDisposable {
  write(bytes: Uint8Array): Promise<void>;
  commit(): Promise<string>;
}

export function hashedFile(file: AtomicFile): HashedFile {
  const hash = createHash("sha256");
  return {
    async write(bytes) {
      hash.update(bytes);
      await file.write(bytes);
    },
    async commit() {
      await file.commit();
      return hash.digest("hex");
    },
    [Symbol.asyncDispose]: () => file.discard(),
  };
}

/** SHA-256 of a file's bytes, 64 hexadecimal characters. */
export async function sha256OfFile(path: string, signal: AbortSignal | undefined): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20, signal })) {
    hash.update(chunk as Buffer);
  }
  return hash.digest("hex");
}
