import { createReadStream, statSync } from "node:fs";
import type { Transform } from "node:stream";
import { createGunzip, createZstdDecompress } from "node:zlib";
import { RagInstructError } from "../errors.ts";

/** What a reader takes: the path of a file, `-` for standard input, or bytes that are open already. */
export type BytesSource = string | NamedBytes;

const maxReadBytes = 1 << 17;

/**
 * Opens a file, or `-` for standard input, and unpacks gzip and zstd, which are recognised by their first bytes and not by
 * the name. Throws `file-missing` and `file-corrupt` while it is read, and `limit-exceeded` on a decompression bomb.
 */
export function openBytes(source: BytesSource, { signal }: { signal?: AbortSignal } = {}): NamedBytes {
  const { name, bytes } = typeof source === "string" ? openRaw(source, signal) : source;
  return { name, bytes: decompress(bytes, { name, signal }) };
}

function openRaw(path: string, signal: AbortSignal | undefined): NamedBytes {
  if (path === "-") return { name: "standard input", bytes: process.stdin };
  const stream = createReadStream(path, { highWaterMark: bytesAtOnce(path), signal });
  stream.on("error", () => {}); // reported to whoever reads; a stream that nobody reads must not end the process
  return { name: path, bytes: naming(path, stream, signal) };
}

/** A stream takes so much memory for each read, also for that which sees the end: for a small file no more than it fills. */
function bytesAtOnce(path: string): number {
  try {
    const { size } = statSync(path);
    return size > 0 ? Math.min(maxReadBytes, size + 1) : maxReadBytes;
  } catch {
    // Whoever reads is told why.
    return maxReadBytes;
  }
}

async function* naming(
  path: string,
  stream: AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  try {
    yield* stream;
  } catch (error) {
    signal?.throwIfAborted();
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") throw new RagInstructError("file-missing", `${path} is not there`, { cause: error });
    if (code === "EISDIR") throw new RagInstructError("bad-input", `${path} is a folder, not a file`, { cause: error });
    throw error;
  }
}

/** Bytes to read, and the name to call them by in messages. */
export interface NamedBytes {
  name: string;
  bytes: AsyncIterable<Uint8Array>;
}

/** The first bytes of a stream, at least `count` where there are so many, and the whole stream again. */
export async function peekBytes(
  bytes: AsyncIterable<Uint8Array>,
  count: number,
): Promise<{ head: Uint8Array; bytes: AsyncGenerator<Uint8Array> }> {
  const iterator = bytes[Symbol.asyncIterator]();
  const taken: Uint8Array[] = [];
  let length = 0;
  let done = false;
  while (length < count && !done) {
    const next = await iterator.next();
    if (next.done) done = true;
    else {
      length += next.value.length;
      // The source may reuse a chunk's memory for the next one, so it is copied.
      taken.push(length < count ? new Uint8Array(next.value) : next.value);
    }
  }
  async function* again(): AsyncGenerator<Uint8Array> {
    try {
      yield* taken;
      if (!done) yield* { [Symbol.asyncIterator]: () => iterator };
    } finally {
      await iterator.return?.();
    }
  }
  const stream = again();
  // A generator that was never begun runs nothing at its end, and the source would stay open.
  const end = stream.return.bind(stream);
  stream.return = async (value) => {
    await iterator.return?.();
    return end(value);
  };
  return { head: taken.length === 1 ? taken[0]! : Buffer.concat(taken), bytes: stream };
}

/** Reads bytes to their end. Throws `limit-exceeded` beyond `maxBytes`. */
export async function readAllBytes({ name, bytes }: NamedBytes, { maxBytes }: { maxBytes: number }): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of bytes) {
    length += chunk.length;
    if (length > maxBytes) {
      throw new RagInstructError(
        "limit-exceeded",
        `${name} is larger than ${maxBytes} bytes, the most that is read whole`,
      );
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

const chunkSize = 1 << 16;
/** Text packs by 3 to 20 times; only a bomb grows this much, and small files may. */
const maxRatio = 250;
const freeBytes = 1 << 28;

/**
 * Unpacks gzip (all members) and zstd (all frames), recognised by their first bytes; anything else passes through.
 * Throws `file-corrupt`, and `limit-exceeded` when more than 256 MB come out and they are over 250 times what went in.
 */
async function* decompress(
  source: AsyncIterable<Uint8Array>,
  { name, signal }: { name: string; signal?: AbortSignal },
): AsyncGenerator<Uint8Array> {
  const { head, bytes } = await peekBytes(source, 4);
  const kind = compressionOf(head);
  if (!kind) return yield* bytes;
  try {
    yield* unpackGuarded(bytes, { name, unpack: kind === "gzip" ? gunzip : unzstd, signal });
  } catch (error) {
    if (isPackingError(error)) throw corrupt(name, kind, error as Error);
    throw error;
  }
}

/** Unpacks bytes by a function for their packing, and stops at a bomb. Throws `limit-exceeded`, and what the function throws. */
export async function* unpackGuarded(
  bytes: AsyncIterable<Uint8Array>,
  {
    name,
    unpack,
    signal,
  }: {
    name: string;
    unpack(packed: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> | Promise<AsyncIterable<Uint8Array>>;
    signal?: AbortSignal;
  },
): AsyncGenerator<Uint8Array> {
  const guard = expansionGuard(name);
  let taken = 0;
  let given = 0;
  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const chunk of bytes) {
      taken += chunk.length;
      yield chunk;
    }
  }
  for await (const chunk of await unpack(counted())) {
    signal?.throwIfAborted();
    given += chunk.length;
    guard(taken, given);
    yield chunk;
  }
}

/** Which of the known packings a file's first bytes announce. */
export function compressionOf(head: Uint8Array): "gzip" | "zstd" | undefined {
  if (head[0] === 0x1f && head[1] === 0x8b) return "gzip";
  const zstd = head[0] === 0x28 && head[1] === 0xb5 && head[2] === 0x2f && head[3] === 0xfd;
  return zstd ? "zstd" : undefined;
}

async function* gunzip(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  const unpacked = createGunzip({ chunkSize });
  // An error of the input must end the unpacked stream as well.
  void feedAll(unpacked, bytes).catch((error: Error) => unpacked.destroy(error));
  try {
    yield* unpacked;
  } finally {
    unpacked.destroy();
  }
}

/** Gives a stream each chunk once the one before is used up, whose memory may serve the next one. */
async function feedAll(stream: Transform, bytes: AsyncIterable<Uint8Array>): Promise<void> {
  const ended = new Promise<void>((resolve) => stream.once("close", resolve));
  for await (const chunk of bytes) {
    const written = new Promise<void>((resolve) => stream.write(chunk, () => resolve()));
    await Promise.race([written, ended]);
    if (stream.destroyed) return;
  }
  stream.end();
}

/** Node's decoder stops after the first frame without a word; parallel compressors write many. */
async function* unzstd(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  const iterator = bytes[Symbol.asyncIterator]();
  let rest: Uint8Array | undefined;
  async function next(): Promise<Uint8Array | undefined> {
    if (rest?.length) return rest;
    const { done, value } = await iterator.next();
    return done ? undefined : value;
  }
  try {
    for (let chunk = await next(); chunk; chunk = await next()) {
      rest = undefined;
      const frame = createZstdDecompress({ chunkSize });
      const feeding = feed(frame, chunk, iterator);
      yield* frame;
      rest = await feeding;
    }
  } finally {
    await iterator.return?.();
  }
}

/** Feeds one frame to its end; resolves with the bytes that follow it. */
async function feed(frame: Transform, first: Uint8Array, more: AsyncIterator<Uint8Array>): Promise<Uint8Array> {
  const ended = new Promise<void>((resolve) => frame.once("end", resolve).once("close", resolve));
  let fed = 0;
  for (let chunk: Uint8Array = first; ; ) {
    const written = new Promise<void>((resolve) => frame.write(chunk, () => resolve()));
    fed += chunk.length;
    await Promise.race([written, ended]);
    const consumed = (frame as Transform & { bytesWritten: number }).bytesWritten;
    if (consumed < fed || frame.destroyed) return chunk.subarray(Math.max(0, chunk.length - (fed - consumed)));
    const next = await more.next().catch((error: Error) => void frame.destroy(error));
    if (!next || next.done) {
      frame.end();
      await ended;
      return new Uint8Array(0);
    }
    chunk = next.value;
  }
}

function isPackingError(error: unknown): boolean {
  return /^(Z_|ZSTD_)/.test((error as NodeJS.ErrnoException).code ?? "");
}

function corrupt(name: string, kind: string, cause: Error): RagInstructError {
  const what = cause.message === "unexpected end of file" ? "is cut off" : `is damaged (${cause.message})`;
  return new RagInstructError("file-corrupt", `${name}: the ${kind} data ${what}; fetch or pack the file again`, {
    cause,
  });
}

/** A check of the bytes that went in and came out so far. Throws `limit-exceeded` over 256 MB that are 250 times what went in. */
export function expansionGuard(name: string): (taken: number, given: number) => void {
  return (taken, given) => {
    if (given <= freeBytes || given <= taken * maxRatio) return;
    throw new RagInstructError(
      "limit-exceeded",
      `${name} unpacks to more than ${maxRatio} times its size, as a decompression bomb does; unpack it yourself if you trust it`,
    );
  };
}

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
