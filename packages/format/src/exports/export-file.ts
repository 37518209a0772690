import { createHash } from "node:crypto";
import { openAtomic } from "@rag-instruct/core/node";

/** A file that is written piece by piece, is there whole or not at all, and is summed up on the way. */
export interface ExportFile {
  write(chunk: Uint8Array): Promise<void>;
  /** Puts the file in place. */
  commit(): Promise<WrittenFile>;
  /** Leaves nothing behind. Does nothing after `commit`. */
  discard(): Promise<void>;
}

/** What was written. */
export interface WrittenFile {
  path: string;
  bytes: number;
  /** Hexadecimal SHA-256 of the content. */
  sha256: string;
}

/** Opens a file for an export. Throws `file-exists` and `file-unwritable`. */
export async function openExportFile(path: string, { overwrite }: { overwrite: boolean }): Promise<ExportFile> {
  const file = await openAtomic(path, { overwrite });
  const hash = createHash("sha256");
  let bytes = 0;
  return {
    async write(chunk) {
      hash.update(chunk);
      bytes += chunk.byteLength;
      await file.write(chunk);
    },
    async commit() {
      await file.commit();
      return { path, bytes, sha256: hash.digest("hex") };
    },
    discard: () => file.discard(),
  };
}
