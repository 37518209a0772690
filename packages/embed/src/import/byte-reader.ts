import { RagInstructError } from "@rag-instruct/core";
import type { NamedBytes } from "@rag-instruct/core/node";

/** Reads a stream in pieces of a wanted size, and knows where it stands. */
export interface ByteReader {
  name: string;
  /** Bytes read so far. */
  position(): number;
  /** Exactly so many bytes. Throws `file-corrupt` with the place where the stream ends too early. */
  take(count: number): Promise<Buffer>;
  /** The bytes up to a line feed, which is read and left out. */
  takeLine(): Promise<Buffer>;
  /** So many bytes in chunks as they come. */
  stream(count: number): AsyncGenerator<Buffer>;
  close(): Promise<void>;
}

const longestLine = 4096;

export function byteReader({ name, bytes }: NamedBytes): ByteReader {
  const iterator = bytes[Symbol.asyncIterator]();
  let chunk: Buffer = Buffer.alloc(0);
  let position = 0;

  /** Up to `most` bytes, at least one. */
  async function some(most: number): Promise<Buffer> {
    while (chunk.length === 0) {
      const next = await iterator.next();
      if (next.done) throw new RagInstructError("file-corrupt", `${name} is cut off: it ends at byte ${position}`);
      chunk = Buffer.from(next.value.buffer, next.value.byteOffset, next.value.length);
    }
    const part = chunk.subarray(0, most);
    chunk = chunk.subarray(part.length);
    position += part.length;
    return part;
  }
  const reader: ByteReader = {
    name,
    position: () => position,
    async take(count) {
      if (count <= chunk.length) {
        const part = chunk.subarray(0, count);
        chunk = chunk.subarray(count);
        position += count;
        return part;
      }
      const parts: Buffer[] = [];
      for await (const part of reader.stream(count)) parts.push(part);
      return Buffer.concat(parts);
    },
    async takeLine() {
      const line: number[] = [];
      for (let byte = (await reader.take(1))[0]!; byte !== 0x0a; byte = (await reader.take(1))[0]!) {
        line.push(byte);
        if (line.length > longestLine) {
          throw new RagInstructError("file-corrupt", `${name}: no line ends before byte ${position}`);
        }
      }
      return Buffer.from(line);
    },
    async *stream(count) {
      for (let left = count; left > 0; ) {
        const part = await some(left);
        left -= part.length;
        yield part;
      }
    },
    async close() {
      await iterator.return?.();
    },
  };
  return reader;
}
