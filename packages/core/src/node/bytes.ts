import { RagInstructError } from "../errors.ts";

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
      // The memory of a chunk may serve the next one.
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
  return { head: taken.length === 1 ? taken[0]! : Buffer.concat(taken), bytes: again() };
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
