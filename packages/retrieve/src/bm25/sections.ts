import { createHash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import { unwritable } from "./unwritable.ts";

/** What a section holds. */
export type Numbers = Uint8Array | Uint16Array | Uint32Array | Float32Array;

/** A binary file being written from start to end. */
export interface SectionWriter {
  write(numbers: Numbers): Promise<void>;
  /** Makes the file durable. @returns its size in bytes and SHA-256 */
  finish(): Promise<{ bytes: number; sha256: string }>;
  /** Closes the file, finished or not. */
  close(): Promise<void>;
}

// What is on disk already need not be waited for in the end.
const bytesPerSync = 1 << 23;

export async function sectionWriter(path: string): Promise<SectionWriter> {
  const handle = await open(path, "wx").catch((cause) => {
    throw unwritable(path, cause);
  });
  const hash = createHash("sha256");
  let bytes = 0;
  let begun = 0;
  // Remembered, because the system tells of a failure once: a later sync may succeed.
  let durable = Promise.resolve();
  let isOpen = true;
  const failed = (cause: unknown) => {
    throw unwritable(path, cause);
  };
  const close = async () => {
    if (isOpen) await handle.close();
    isOpen = false;
  };
  return {
    async write(numbers) {
      const chunk = new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
      hash.update(chunk);
      bytes += chunk.length;
      await handle.appendFile(chunk).catch(failed);
      if (bytes < begun + bytesPerSync) return;
      begun = bytes;
      durable = durable.then(() => handle.datasync().catch(failed));
      durable.catch(() => {});
    },
    async finish() {
      await durable;
      await handle.sync().catch(failed);
      await close();
      return { bytes, sha256: hash.digest("hex") };
    },
    close,
  };
}

const bytesPerRead = 1 << 24;

/** Reads exactly the bytes asked for. @returns false where the file ends before */
export async function readExactly(handle: FileHandle, into: Uint8Array, position: number): Promise<boolean> {
  for (let done = 0; done < into.length; ) {
    const length = Math.min(bytesPerRead, into.length - done);
    const { bytesRead } = await handle.read(into, done, length, position + done);
    if (bytesRead === 0) return false;
    done += bytesRead;
  }
  return true;
}
