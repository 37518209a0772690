import { createHash } from "node:crypto";
import { type FileHandle, open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { RagInstructError } from "@rag-instruct/core";
import { impactTable } from "./formula.ts";
import type { Postings } from "./postings.ts";
import type { StringTable } from "./string-table.ts";

/** What a BM25 index folder says of itself in `manifest.json`. */
export interface Bm25Manifest {
  format: "rag-instruct-bm25";
  version: number;
  analyzer: string;
  k1: number;
  b: number;
  passages: number;
  /** Mean number of terms of a passage. */
  meanLength: number;
  terms: number;
  /** SHA-256 over the passages' ids in order, each with a newline behind it. */
  corpus: string;
  files: Record<string, { bytes: number; sha256: string }>;
}

/** The version that this release writes and reads. */
export const formatVersion = 3;

/** Throws `file-missing`, `file-corrupt` and `unsupported-version`. */
export async function readManifest(folder: string): Promise<Bm25Manifest> {
  const path = join(folder, "manifest.json");
  let manifest: Bm25Manifest;
  try {
    manifest = JSON.parse(await readFile(path, "utf8"));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") {
      throw new RagInstructError("file-missing", `${folder} holds no BM25 index; build one with buildBm25Index`, {
        cause,
      });
    }
    throw corrupt(path, "is not JSON", cause);
  }
  if (manifest?.format !== "rag-instruct-bm25") throw corrupt(path, "is not the manifest of a BM25 index");
  if (manifest.version !== formatVersion) {
    throw new RagInstructError(
      "unsupported-version",
      `${path} has version ${manifest.version}, and this release reads version ${formatVersion}; update the package or build the index again`,
    );
  }
  if (!isWhole(manifest)) throw corrupt(path, "lacks fields, or its counts do not fit its files");
  return manifest;
}

function isWhole({ analyzer, corpus, files, ...numbers }: Partial<Bm25Manifest>): boolean {
  if (typeof analyzer !== "string" || typeof corpus !== "string" || typeof files !== "object" || !files) return false;
  const { k1 = -1, b = -1, meanLength = -1, passages = 0, terms = -1 } = numbers;
  const inRange = Number.isFinite(k1) && k1 >= 0 && b >= 0 && b <= 1 && meanLength >= 0;
  const counted = Number.isInteger(passages) && passages > 0 && Number.isInteger(terms) && terms >= 0;
  // Each array of offsets has one number more than there are things.
  const sizes = { "id-offsets.bin": passages * 4 + 4, "lengths.bin": passages, "term-offsets.bin": terms * 4 + 4 };
  return inRange && counted && Object.entries(sizes).every(([name, bytes]) => files[name]?.bytes === bytes);
}

function corrupt(path: string, what: string, cause?: unknown): RagInstructError {
  return new RagInstructError("file-corrupt", `${path} ${what}; build the index again`, { cause });
}

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
  { verify, signal }: { verify: boolean; signal?: AbortSignal },
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

const bytesPerRead = 1 << 24;

/** Reads exactly the bytes asked for. @returns false where the file ends before */
async function readExactly(handle: FileHandle, into: Uint8Array, position: number): Promise<boolean> {
  for (let done = 0; done < into.length; ) {
    const length = Math.min(bytesPerRead, into.length - done);
    const { bytesRead } = await handle.read(into, done, length, position + done);
    if (bytesRead === 0) return false;
    done += bytesRead;
  }
  return true;
}
