import { createHash } from "node:crypto";
import { writeAtomic } from "@rag-instruct/core/node";

/** A file that is written piece by piece and is there whole or not at all. */
export interface ExportFile {
  /** Resolves when the piece has been taken over, so that a slow disk holds the producer back. */
  push(chunk: Uint8Array): Promise<void>;
  /** Puts the file in place. */
  finish(): Promise<WrittenFile>;
  /** Leaves nothing behind. */
  abort(reason: unknown): Promise<void>;
}

/** What was written. */
export interface WrittenFile {
  path: string;
  bytes: number;
  /** Hexadecimal SHA-256 of the content. */
  sha256: string;
}

/** Opens a file for {@link ExportFile} writing. Errors of the disk surface in `push` and `finish`. */
export function openExportFile(
  path: string,
  { overwrite, signal }: { overwrite: boolean; signal?: AbortSignal },
): ExportFile {
  const pipe = new TransformStream<Uint8Array, Uint8Array>();
  const producer = pipe.writable.getWriter();
  const hash = createHash("sha256");
  let bytes = 0;
  const written = writeAtomic(path, pipe.readable, { overwrite, ...(signal && { signal }) });
  written.catch((error) => producer.abort(error).catch(() => {}));
  producer.closed.catch(() => {});
  return {
    async push(chunk) {
      hash.update(chunk);
      bytes += chunk.byteLength;
      await producer.write(chunk);
    },
    async finish() {
      await producer.close();
      await written;
      return { path, bytes, sha256: hash.digest("hex") };
    },
    async abort(reason) {
      await producer.abort(reason).catch(() => {});
      await written.catch(() => {});
    },
  };
}
