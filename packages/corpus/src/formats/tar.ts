import { createTarDecoder } from "modern-tar";
import type { ArchiveEntry } from "./zip.ts";

/** Reads the files of a tar archive as it streams by. Links, devices and folders are passed over. */
export async function* tarEntries(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<ArchiveEntry> {
  const stream = ReadableStream.from(bytes) as ReadableStream<Uint8Array<ArrayBuffer>>;
  for await (const { header, body } of stream.pipeThrough(createTarDecoder({ strict: true }))) {
    if (header.type === "file") yield { path: header.name, bytes: body as unknown as AsyncIterable<Uint8Array> };
    if (!body.locked) await body.cancel();
  }
}
