import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { impactTable } from "./impacts.ts";
import { type Bm25Manifest, corrupt, readManifest } from "./manifest.ts";
import type { Postings } from "./postings.ts";
import { readExactly } from "./sections.ts";
import type { StringTable } from "./string-table.ts";

/** An index folder in memory. */
export interface Bm25Data {
  manifest: Bm25Manifest;
  ids: Omit<StringTable, "slots">;
  terms: StringTable;
  postings: Postings;
}

/**
 * Reads an index folder into memory that threads can share. Throws `file-missing`, `unsupported-version` and
 * `file-corrupt`, naming the file.
 * @param options.verify compare the checksum of every file; sizes are compared in any case
 */
export async function readIndex(
  folder: string,
  { verify, signal }: { verify: boolean; signal?: AbortSignal | undefined },
): Promise<Bm25Data> {
  const manifest = await readManifest(folder);
  const read = async (name: string): Promise<SharedArrayBuffer> => {
    signal?.throwIfAborted();
    const expected = manifest.files[name];
    if (!expected) throw corrupt(join(folder, "manifest.json"), `does not name ${name}`);
    return readSection(join(folder, name), expected, verify);
  };
  const [passages, terms] = [manifest.passages, manifest.terms];
  const numbers = async (name: string) => new Uint32Array(await read(name));
  return {
    manifest,
    ids: { size: passages, bytes: new Uint8Array(await read("ids.bin")), offsets: await numbers("id-offsets.bin") },
    terms: {
      size: terms,
      bytes: new Uint8Array(await read("terms.bin")),
      offsets: await numbers("term-offsets.bin"),
      slots: await numbers("term-slots.bin"),
    },
    postings: {
      passages,
      offsets: await numbers("offsets.bin"),
      rows: await numbers("rows.bin"),
      codes: new Uint16Array(await read("codes.bin")),
      peaks: new Float32Array(await read("peaks.bin")),
      skipOffsets: await numbers("skip-offsets.bin"),
      skips: await numbers("skips.bin"),
      dense: new Uint8Array(await read("dense.bin")),
      lengths: new Uint8Array(await read("lengths.bin")),
      impacts: sharedCopy(impactTable(manifest)),
    },
  };
}

async function readSection(
  path: string,
  expected: { bytes: number; sha256: string },
  verify: boolean,
): Promise<SharedArrayBuffer> {
  const handle = await open(path, "r").catch((cause) => {
    throw corrupt(path, "cannot be read", cause);
  });
  try {
    const { size } = await handle.stat();
    if (size !== expected.bytes) throw corrupt(path, `has ${size} bytes and should have ${expected.bytes}`);
    const buffer = new SharedArrayBuffer(size);
    const bytes = new Uint8Array(buffer);
    if (!(await readExactly(handle, bytes, 0))) throw corrupt(path, "is cut short");
    if (verify && createHash("sha256").update(bytes).digest("hex") !== expected.sha256) {
      throw corrupt(path, "does not match its checksum");
    }
    return buffer;
  } finally {
    await handle.close();
  }
}

function sharedCopy(numbers: Float32Array): Float32Array {
  const shared = new Float32Array(new SharedArrayBuffer(numbers.byteLength));
  shared.set(numbers);
  return shared;
}
