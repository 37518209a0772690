import { crc32, deflateRawSync } from "node:zlib";
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

/** A ZIP archive, deflated but for a file `mimetype`, which says what the archive is. */
export function zipOf(contents: Record<string, string | Uint8Array>): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, content] of Object.entries(contents)) {
    const bytes = Buffer.from(content as string);
    const isStored = name === "mimetype";
    const packed = isStored ? bytes : deflateRawSync(bytes);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(isStored ? 0 : 8, 4);
    common.writeUInt32LE(crc32(bytes), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(bytes.length, 18);
    common.writeUInt16LE(Buffer.byteLength(name), 22);
    const local = Buffer.concat([Buffer.from("PK\x03\x04", "latin1"), common, Buffer.from(name)]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(offset, 10);
    directory.push(Buffer.concat([Buffer.from("PK\x01\x02\x14\x00", "latin1"), common, tail, Buffer.from(name)]));
    parts.push(local, packed);
    offset += local.length + packed.length;
  }
  const listed = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", "latin1");
  end.writeUInt16LE(directory.length, 8);
  end.writeUInt16LE(directory.length, 10);
  end.writeUInt32LE(listed.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, listed, end]);
}
