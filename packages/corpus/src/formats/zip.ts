import { RagInstructError } from "@rag-instruct/core";
import { expansionGuard, type NamedBytes } from "@rag-instruct/core/node";
import { fromBufferPromise, openPromise, type ZipFile } from "yauzl";

/** The files of a ZIP archive by their paths in it, in the order of its directory. Throws `file-corrupt`, and `limit-exceeded` at a bomb. */
export function zipEntries(path: string): AsyncIterable<NamedBytes> {
  return namingCorrupt(
    path,
    openEntries(path, () => openPromise(path, { autoClose: false, lazyEntries: true })),
  );
}

/** The files of a ZIP file that are wanted, by their paths. Throws `limit-exceeded` when it holds more than allowed in all. */
export async function unzip(
  buffer: Buffer,
  { name, maxUnpackedBytes, wanted }: { name: string; maxUnpackedBytes: number; wanted: RegExp },
): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>();
  let unpacked = 0;
  for await (const entry of openEntries(name, () => fromBufferPromise(buffer, { lazyEntries: true }))) {
    const chunks: Uint8Array[] = [];
    const isWanted = wanted.test(entry.name);
    for await (const chunk of entry.bytes) {
      unpacked += chunk.length;
      if (unpacked > maxUnpackedBytes)
        throw new RagInstructError("limit-exceeded", `${name} unpacks to more than ${maxUnpackedBytes} bytes`);
      if (isWanted) chunks.push(chunk);
    }
    if (isWanted) files.set(entry.name, Buffer.concat(chunks));
  }
  return files;
}

/** The library holds every entry to the size that the directory states, so that the guard may go by it. */
async function* openEntries(archive: string, open: () => Promise<ZipFile>): AsyncGenerator<NamedBytes> {
  const file = await open();
  try {
    for await (const entry of file.eachEntry()) {
      if (entry.fileName.endsWith("/")) continue;
      expansionGuard(`${archive}/${entry.fileName}`)(entry.compressedSize, entry.uncompressedSize);
      yield { name: entry.fileName, bytes: namingCorrupt(archive, await file.openReadStreamPromise(entry)) };
    }
  } finally {
    file.close();
  }
}

/** Reads an archive or a file in it; what the reader throws comes as `file-corrupt` with the archive's name. */
async function* namingCorrupt<T>(archive: string, items: AsyncIterable<T>): AsyncGenerator<T> {
  try {
    yield* items;
  } catch (cause) {
    if (RagInstructError.is(cause) || (cause as Error).name === "AbortError") throw cause;
    throw new RagInstructError("file-corrupt", `${archive}: the archive is damaged (${(cause as Error).message})`, {
      cause,
    });
  }
}
