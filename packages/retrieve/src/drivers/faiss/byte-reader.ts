import type { FileHandle } from "node:fs/promises";
import { RagInstructError } from "@rag-instruct/core";

/** A file walked from start to end, whose lengths are believed only where the file is as long as they say. */
export interface ByteReader {
  readonly path: string;
  readonly size: number;
  /** Bytes walked so far. */
  at(): number;
  read(bytes: number): Promise<Buffer>;
  skip(bytes: number): void;
  /** Walks over a length and as many items, as FAISS writes a vector. @returns the number of items */
  skipVector(bytesPerItem: number): Promise<number>;
}

/** Every method throws `file-corrupt` where the file ends before. */
export function byteReader(handle: FileHandle, path: string, size: number): ByteReader {
  let at = 0;
  const advance = (bytes: number): number => {
    const start = at;
    if (!(bytes >= 0 && bytes <= size - at)) {
      throw corruptFaiss(path, `is cut short or damaged: ${bytes} bytes belong at ${at}, and it ends at ${size}`);
    }
    at += bytes;
    return start;
  };
  const read = async (bytes: number): Promise<Buffer> => {
    const start = advance(bytes);
    const buffer = Buffer.alloc(bytes);
    for (let done = 0; done < bytes; ) {
      const { bytesRead } = await handle.read(buffer, done, bytes - done, start + done);
      if (bytesRead === 0) throw corruptFaiss(path, `ends at ${start + done} while it is read`);
      done += bytesRead;
    }
    return buffer;
  };
  return {
    path,
    size,
    at: () => at,
    read,
    skip: (bytes) => void advance(bytes),
    async skipVector(bytesPerItem) {
      const count = Number((await read(8)).readBigUInt64LE());
      advance(count * bytesPerItem);
      return count;
    },
  };
}

export function corruptFaiss(path: string, what: string): RagInstructError {
  return new RagInstructError("file-corrupt", `${path} ${what}; write it again`);
}
