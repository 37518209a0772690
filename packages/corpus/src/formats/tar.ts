import { createTarDecoder } from "modern-tar";
import { type ArchiveEntry, namingCorrupt } from "./archive.ts";

/** Reads the files of a tar archive as it streams by. Links, devices and folders are passed over. Throws `file-corrupt`. */
export function tarEntries(bytes: AsyncIterable<Uint8Array>, { name }: { name: string }): AsyncIterable<ArchiveEntry> {
  return namingCorrupt(name, decodeEntries(bytes, name));
}

async function* decodeEntries(bytes: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<ArchiveEntry> {
  const stream = ReadableStream.from(bytes) as ReadableStream<Uint8Array<ArrayBuffer>>;
  for await (const { header, body } of stream.pipeThrough(createTarDecoder({ strict: true }))) {
    if (header.type === "file") {
      yield { path: header.name, bytes: namingCorrupt(name, body as unknown as AsyncIterable<Uint8Array>) };
    }
    if (!body.locked) await body.cancel();
  }
}
