import { RagInstructError } from "@rag-instruct/core";
import type { NamedBytes } from "@rag-instruct/core/node";

/** Reads a stream in pieces of a wanted size, and knows where it stands. */
export interface ByteReader {
  name: string;
  /** Bytes read so far. */
  position(): number;
  /** Bytes that are held. */
  held(): number;
  /** Holds so many bytes, or all that is left where that is less. Nothing to wait for where they are there already. */
  fill(count: number): Promise<void> | undefined;
  /** Exactly so many bytes of those that are held, valid until the next `fill`. Throws as `take` does. */
  takeHeld(count: number): Buffer;
  /** Exactly so many bytes. Throws `file-corrupt` with the place where the stream ends too early. */
  take(count: number): Promise<Buffer>;
  /** The bytes up to a line feed, which is read and left out. */
  takeLine(): Promise<Buffer>;
  /** So many bytes in chunks as they come, each valid until the next is asked for. */
  stream(count: number): AsyncGenerator<Buffer>;
  close(): Promise<void>;
}

const longestLine = 4096;

export function byteReader({ name, bytes }: NamedBytes): ByteReader {
  const iterator = bytes[Symbol.asyncIterator]();
  let chunk: Buffer = Buffer.alloc(0);
  let position = 0;

  async function next(): Promise<Buffer | undefined> {
    const { value, done } = await iterator.next();
    return done ? undefined : Buffer.from(value.buffer, value.byteOffset, value.length);
  }
  function cutOff(): RagInstructError {
    return new RagInstructError("file-corrupt", `${name} is cut off: it ends at byte ${position + chunk.length}`);
  }
  async function hold(count: number): Promise<void> {
    // The chunk's memory may serve the next one.
    const parts = [Buffer.from(chunk)];
    for (let held = chunk.length; held < count; ) {
      const more = await next();
      if (more === undefined) break;
      parts.push(Buffer.from(more));
      held += more.length;
    }
    chunk = Buffer.concat(parts);
  }
  /** Up to `most` bytes, at least one. */
  async function some(most: number): Promise<Buffer> {
    while (chunk.length === 0) {
      const more = await next();
      if (more === undefined) throw cutOff();
      chunk = more;
    }
    return reader.takeHeld(Math.min(most, chunk.length));
  }
  const reader: ByteReader = {
    name,
    position: () => position,
    held: () => chunk.length,
    fill: (count) => (chunk.length < count ? hold(count) : undefined),
    takeHeld(count) {
      if (count > chunk.length) throw cutOff();
      const part = chunk.subarray(0, count);
      chunk = chunk.subarray(count);
      position += count;
      return part;
    },
    async take(count) {
      const parts: Buffer[] = [];
      for await (const part of reader.stream(count)) parts.push(Buffer.from(part));
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
