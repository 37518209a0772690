import { createTarDecoder } from "modern-tar";
import type { ArchiveEntry } from "./zip.ts";

const magicAt = 257;

/** True when a file's first bytes are those of a tar archive. */
export function isTar(head: Uint8Array): boolean {
  return Buffer.from(head.subarray(magicAt, magicAt + 5)).toString("latin1") === "ustar";
}

/** Reads the files of a tar archive as it streams by. Links, devices and folders are passed over. */
export async function* tarEntries(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<ArchiveEntry> {
  const stream = ReadableStream.from(bytes) as ReadableStream<Uint8Array<ArrayBuffer>>;
  for await (const { header, body } of stream.pipeThrough(createTarDecoder({ strict: true }))) {
    if (header.type === "file") yield { path: header.name, bytes: body as unknown as AsyncIterable<Uint8Array> };
    if (!body.locked) await body.cancel();
  }
}
