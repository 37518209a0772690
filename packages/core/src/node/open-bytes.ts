import { createReadStream } from "node:fs";
import { RagInstructError } from "../errors.ts";
import type { NamedBytes } from "./bytes.ts";
import { decompress } from "./decompress.ts";

/** What a reader takes: the path of a file, `-` for standard input, or bytes that are open already. */
export type BytesSource = string | NamedBytes;

const chunkSize = 1 << 17;

/**
 * Opens a file, or `-` for standard input, and unpacks gzip and zstd, which are told by their first bytes and not by
 * the name. Throws `file-missing` and `file-corrupt` while it is read, and `limit-exceeded` on a decompression bomb.
 */
export function openBytes(source: BytesSource, { signal }: { signal?: AbortSignal } = {}): NamedBytes {
  const { name, bytes } = typeof source === "string" ? openRaw(source, signal) : source;
  return { name, bytes: decompress(bytes, { name, signal }) };
}

function openRaw(path: string, signal: AbortSignal | undefined): NamedBytes {
  if (path === "-") return { name: "standard input", bytes: process.stdin };
  const stream = createReadStream(path, { highWaterMark: chunkSize, signal });
  stream.on("error", () => {}); // reported to whoever reads; a stream that nobody reads must not end the process
  return { name: path, bytes: naming(path, stream, signal) };
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
