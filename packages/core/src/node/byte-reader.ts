import { RagInstructError } from "../errors.ts";
import type { NamedBytes } from "./open-bytes.ts";

const maxLineBytes = 4096;

/** Reads a stream in pieces of a wanted size, and knows where it stands. */
export class ByteReader {
  readonly name: string;
  readonly #iterator: AsyncIterator<Uint8Array>;
  /** What came and is not read yet. */
  #chunk: Buffer = Buffer.alloc(0);
  #position = 0;

  constructor({ name, bytes }: NamedBytes) {
    this.name = name;
    this.#iterator = bytes[Symbol.asyncIterator]();
  }

  /** Bytes read so far. */
  get position(): number {
    return this.#position;
  }

  /** Bytes that are held. */
  get held(): number {
    return this.#chunk.length;
  }

  /** Holds so many bytes, or all that is left where that is less. Nothing to wait for where they are there already. */
  fill(count: number): Promise<void> | undefined {
    return this.#chunk.length < count ? this.#hold(count) : undefined;
  }

  /** Exactly so many bytes of those that are held, valid until the next `fill`. Throws as `take` does. */
  takeHeld(count: number): Buffer {
    if (count > this.#chunk.length) throw this.#cutOff();
    const part = this.#chunk.subarray(0, count);
    this.#chunk = this.#chunk.subarray(count);
    this.#position += count;
    return part;
  }

  /** Exactly so many bytes. Throws `file-corrupt` with the place where the stream ends too early. */
  async take(count: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    for await (const part of this.stream(count)) parts.push(Buffer.from(part));
    return Buffer.concat(parts);
  }

  /** The bytes up to a line feed, which is read and left out. */
  async takeLine(): Promise<Buffer> {
    const line: number[] = [];
    for (let byte = (await this.take(1))[0]!; byte !== 0x0a; byte = (await this.take(1))[0]!) {
      line.push(byte);
      if (line.length > maxLineBytes) {
        throw new RagInstructError("file-corrupt", `${this.name}: no line ends before byte ${this.#position}`);
      }
    }
    return Buffer.from(line);
  }

  /** So many bytes in chunks as they come, each valid until the next is asked for. */
  async *stream(count: number): AsyncGenerator<Buffer> {
    for (let left = count; left > 0; ) {
      const part = await this.#some(left);
      left -= part.length;
      yield part;
    }
  }

  async close(): Promise<void> {
    await this.#iterator.return?.();
  }

  async #next(): Promise<Buffer | undefined> {
    const { value, done } = await this.#iterator.next();
    return done ? undefined : Buffer.from(value.buffer, value.byteOffset, value.length);
  }

  async #hold(count: number): Promise<void> {
    // The source may reuse the chunk's memory for the next one, so the rest is copied.
    const parts = [Buffer.from(this.#chunk)];
    for (let held = this.#chunk.length; held < count; ) {
      const more = await this.#next();
      if (more === undefined) break;
      parts.push(Buffer.from(more));
      held += more.length;
    }
    this.#chunk = Buffer.concat(parts);
  }

  /** Up to `max` bytes, at least one. */
  async #some(max: number): Promise<Buffer> {
    while (this.#chunk.length === 0) {
      const more = await this.#next();
      if (more === undefined) throw this.#cutOff();
      this.#chunk = more;
    }
    return this.takeHeld(Math.min(max, this.#chunk.length));
  }

  #cutOff(): RagInstructError {
    const end = this.#position + this.#chunk.length;
    return new RagInstructError("file-corrupt", `${this.name} is cut off: it ends at byte ${end}`);
  }
}
