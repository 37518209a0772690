import { RagInstructError } from "@rag-instruct/core";
import { fromBufferPromise, openPromise, type ZipFile } from "yauzl";

/** An entry of an archive: a file and its bytes. */
export interface ArchiveEntry {
  /** Path inside the archive, with `/`. */
  path: string;
  bytes: AsyncIterable<Uint8Array>;
}

/** Reads the files of a ZIP archive in the order of its directory. */
export async function* zipEntries(path: string): AsyncGenerator<ArchiveEntry> {
  yield* entriesOf(await openPromise(path, { autoClose: false, lazyEntries: true }));
}

/** Unpacks a ZIP file to nowhere. Throws `limit-exceeded` when it holds more than allowed, whatever its directory says. */
export async function checkZip(
  buffer: Buffer,
  { name, maxUnpackedBytes }: { name: string; maxUnpackedBytes: number },
): Promise<void> {
  let unpacked = 0;
  for await (const { bytes } of entriesOf(await fromBufferPromise(buffer, { lazyEntries: true }))) {
    for await (const chunk of bytes) {
      unpacked += chunk.length;
      if (unpacked <= maxUnpackedBytes) continue;
      throw new RagInstructError("limit-exceeded", `${name} unpacks to more than ${maxUnpackedBytes} bytes`);
    }
  }
}

async function* entriesOf(file: ZipFile): AsyncGenerator<ArchiveEntry> {
  try {
    for await (const entry of file.eachEntry()) {
      if (entry.fileName.endsWith("/")) continue;
      yield { path: entry.fileName, bytes: await file.openReadStreamPromise(entry) };
    }
  } finally {
    file.close();
  }
}
