import type { EventEmitter } from "node:events";
import { Readable } from "node:stream";
import { RagInstructError } from "@rag-instruct/core";
import { importPeer, type NamedBytes, openBytes, peekBytes, unpackGuarded } from "@rag-instruct/core/node";

const headBytes = 6;

/**
 * Opens a file as `openBytes` does, and unpacks bzip2 and XZ too (all streams of a file), by the optional peers unbzip2-stream and
 * xz-decompress. Throws what `openBytes` throws, `file-corrupt`, `limit-exceeded` at a bomb, and `peer-missing`.
 */
export async function openPacked(
  source: string | NamedBytes,
  { signal }: { signal?: AbortSignal } = {},
): Promise<NamedBytes> {
  const { name, bytes: opened } = openBytes(source, { signal });
  const { head, bytes } = await peekBytes(opened, headBytes);
  const unpack = unpackerOf(head);
  return { name, bytes: unpack ? guarded(bytes, { name, unpack, signal }) : bytes };
}

type Unpack = (bytes: AsyncIterable<Uint8Array>) => Promise<AsyncIterable<Uint8Array>>;

function unpackerOf(head: Uint8Array): Unpack | undefined {
  const magic = Buffer.from(head.subarray(0, headBytes)).toString("latin1");
  if (/^BZh[1-9]/.test(magic)) return unbzip2;
  return magic === "\xFD7zXZ\0" ? unxz : undefined;
}

const unbzip2: Unpack = async (bytes) => {
  const { default: create } = await importPeer("unbzip2-stream", () => import("unbzip2-stream"));
  // The library unpacks while it is written to.
  const stream = create() as unknown as EventEmitter & { write(chunk: Buffer): void; end(): void };
  let given: Uint8Array[] = [];
  let failure: Error | undefined;
  stream.on("data", (chunk: Uint8Array) => given.push(chunk));
  stream.on("error", (error: Error | string) => {
    failure ??= error instanceof Error ? error : new Error(error);
  });
  function take(): Uint8Array[] {
    if (failure) throw failure;
    const taken = given;
    given = [];
    return taken;
  }
  return (async function* () {
    for await (const chunk of bytes) {
      stream.write(Buffer.from(chunk));
      yield* take();
    }
    stream.end();
    yield* take();
  })();
};

const unxz: Unpack = async (bytes) => {
  const { default: library } = await importPeer("xz-decompress", () => import("xz-decompress"));
  const from = Readable.toWeb(Readable.from(bytes, { objectMode: false }));
  return new library.XzReadableStream(from as never) as unknown as AsyncIterable<Uint8Array>;
};

async function* guarded(
  bytes: AsyncIterable<Uint8Array>,
  { name, unpack, signal }: { name: string; unpack: Unpack; signal?: AbortSignal },
): AsyncGenerator<Uint8Array> {
  try {
    yield* unpackGuarded(bytes, { name, unpack, signal });
  } catch (cause) {
    signal?.throwIfAborted();
    if (RagInstructError.is(cause)) throw cause;
    const why = (cause as Error).message;
    throw new RagInstructError("file-corrupt", `${name}: its packed data is damaged (${why}); fetch or pack it again`, {
      cause,
    });
  }
}
