import { createHash } from "node:crypto";
import { type FileHandle, open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Closable, type OnProgress, RagInstructError } from "@rag-instruct/core";
import { type AtomicFile, hashFile, openAtomic, writeAtomic } from "@rag-instruct/core/node";
import type { VectorFolder } from "@rag-instruct/core/vectors";
import { type CodeBounds, centerOf, quantizeRows } from "./quantize.ts";
import { codeWidth } from "./wasm/kernels.ts";

/** The codes of a vector folder, open for reading. */
export interface CodesFolder extends Closable {
  bounds: CodeBounds;
  /** Fills `codes` and `scales` with those of the rows from `firstRow` on. Throws `file-corrupt` with the name. */
  read(
    into: { codes: Uint8Array; scales: Uint8Array },
    range: { firstRow: number; signal?: AbortSignal },
  ): Promise<void>;
}

/** Options of {@link openCodes}. */
interface OpenCodesOptions {
  folder: string;
  vectors: VectorFolder;
  /** Compare the checksums, which reads every byte. */
  verify: boolean;
  onProgress?: OnProgress;
  signal?: AbortSignal;
}

const rowsAtOnce = 4096;
const piece = 1 << 22;
const [codesFile, scalesFile] = ["codes.u8", "scales.f32"];

/**
 * Opens the codes of a vector folder; where there are none, or only codes of other vectors, they are written first, in one pass and
 * bounded memory. Throws `file-corrupt`, `unsupported-version` and `file-unwritable`, each with the file's name.
 */
export async function openCodes(options: OpenCodesOptions): Promise<CodesFolder> {
  const { folder, vectors, verify, signal } = options;
  const known = await readCodesManifest(folder);
  const manifest = known?.vectors === vectors.fingerprint ? known : await writeCodes(options);
  const { dimensions, count, files } = manifest;
  const width = codeWidth(dimensions);
  const handles: FileHandle[] = [];
  try {
    for (const [name, bytes] of [
      [codesFile, count * width],
      [scalesFile, count * 4],
    ] as const) {
      const path = join(folder, name);
      const handle = await open(path).catch((cause) => {
        throw new RagInstructError("file-missing", `${path} is missing; delete ${folder} to write it again`, {
          cause,
        });
      });
      handles.push(handle);
      const { size } = await handle.stat();
      if (size !== bytes) throw corrupt(path, `has ${size} bytes instead of ${bytes}`);
      if (verify && (await hashFile(path, { signal })).sha256 !== files[name])
        throw corrupt(path, "does not match its checksum");
    }
  } catch (error) {
    await Promise.all(handles.map((handle) => handle.close()));
    throw error;
  }
  const [codes, scales] = handles;
  let closed: Promise<unknown> | undefined;
  const opened: CodesFolder = {
    bounds: { ...manifest, rounding: "nearest", center: Float64Array.from(manifest.center) },
    async read(into, { firstRow, signal }) {
      await readAll(codes!, into.codes, { position: firstRow * width, path: join(folder, codesFile), signal });
      await readAll(scales!, into.scales, { position: firstRow * 4, path: join(folder, scalesFile), signal });
    },
    async close() {
      closed ??= Promise.all(handles.map((handle) => handle.close()));
      await closed;
    },
    [Symbol.asyncDispose]: () => opened.close(),
  };
  return opened;
}

async function readAll(
  handle: FileHandle,
  into: Uint8Array,
  { position, path, signal }: { position: number; path: string; signal: AbortSignal | undefined },
): Promise<void> {
  for (let done = 0; done < into.length; ) {
    signal?.throwIfAborted();
    const { bytesRead } = await handle.read(into, done, Math.min(piece, into.length - done), position + done);
    if (bytesRead === 0) throw corrupt(path, "ends too early");
    done += bytesRead;
  }
}

/** Writes codes, scales and, last, the manifest, without which they do not count. */
async function writeCodes({ folder, vectors, onProgress, signal }: OpenCodesOptions): Promise<CodesManifest> {
  const { dimensions, count } = vectors;
  const options = { rows: rowsAtOnce, signal };
  const center = await centerOf(vectors, signal);
  const errors = { error: 0, length: 0 };
  const codes = new Uint8Array(rowsAtOnce * codeWidth(dimensions));
  const scales = new Float32Array(rowsAtOnce);
  await using codesOut = await hashedFile(await openAtomic(join(folder, codesFile)));
  await using scalesOut = await hashedFile(await openAtomic(join(folder, scalesFile)));
  for await (const block of vectors.blocks(options)) {
    const rows = block.data.subarray(0, block.count * dimensions);
    checkFinite(rows, { dimensions, firstRow: block.firstRow, vectors: folder });
    quantizeRows(rows, { center, codes, scales, errors });
    await codesOut.write(codes.subarray(0, block.count * codeWidth(dimensions)));
    await scalesOut.write(new Uint8Array(scales.buffer, 0, block.count * 4));
    onProgress?.({ stage: "quantize", done: block.firstRow + block.count, total: count });
  }
  const files = { [codesFile]: await codesOut.commit(), [scalesFile]: await scalesOut.commit() };
  const manifest: CodesManifest = {
    format: codesFormat,
    version: codesVersion,
    vectors: vectors.fingerprint,
    dimensions,
    count,
    center: Array.from(center),
    largestError: errors.error,
    largestLength: errors.length,
    files,
  };
  await writeAtomic(join(folder, "manifest.json"), `${JSON.stringify(manifest)}\n`);
  return manifest;
}

function checkFinite(
  rows: Float32Array,
  { dimensions, firstRow, vectors }: { dimensions: number; firstRow: number; vectors: string },
): void {
  const bad = rows.findIndex((value) => !Number.isFinite(value));
  if (bad < 0) return;
  const row = firstRow + Math.floor(bad / dimensions);
  throw new RagInstructError(
    "file-corrupt",
    `the vector of row ${row} holds ${rows[bad]}; write the vectors of ${vectors} again`,
  );
}

function corrupt(path: string, what: string): RagInstructError {
  return new RagInstructError("file-corrupt", `${path} ${what}; delete its folder to write it again`);
}

const codesFormat = "rag-instruct/int8-vectors";
const codesVersion = 1;

/** What `manifest.json` says of the codes of a vector folder. */
interface CodesManifest {
  format: typeof codesFormat;
  version: number;
  /** Fingerprint of the vector folder that the codes were made from. */
  vectors: string;
  dimensions: number;
  count: number;
  center: number[];
  largestError: number;
  largestLength: number;
  /** SHA-256 of each file. */
  files: Record<string, string>;
}

/** Reads the manifest; undefined where there is none. Throws `file-corrupt` and `unsupported-version`, each with the file's name. */
async function readCodesManifest(folder: string): Promise<CodesManifest | undefined> {
  const path = join(folder, "manifest.json");
  const text = await readFile(path, "utf8").catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === "ENOENT") return undefined;
    throw new RagInstructError("file-corrupt", `${path} cannot be read: ${cause.message}`, { cause });
  });
  if (text === undefined) return undefined;
  const manifest = parse(text, path);
  if (manifest.format !== codesFormat) throw notCodes(path);
  if (manifest.version !== codesVersion) {
    throw new RagInstructError(
      "unsupported-version",
      `${path} has version ${manifest.version}, and this release reads version ${codesVersion}; update the package, or delete ${folder} to write it again`,
    );
  }
  const { vectors, dimensions, count, center, largestError, largestLength, files } = manifest;
  const numbers = [dimensions, count, largestError, largestLength];
  const whole = typeof vectors === "string" && numbers.every(Number.isFinite) && center?.length === dimensions && files;
  if (!whole) throw notCodes(path);
  return manifest as CodesManifest;
}

function parse(text: string, path: string): Partial<CodesManifest> {
  try {
    return JSON.parse(text) ?? {};
  } catch (cause) {
    throw notCodes(path, cause);
  }
}

function notCodes(path: string, cause?: unknown): RagInstructError {
  return new RagInstructError(
    "file-corrupt",
    `${path} is not a manifest of int8 vectors; delete its folder to write it again`,
    {
      cause,
    },
  );
}

/** A file that appears whole or not at all, and whose SHA-256 `commit` returns. Disposing of it before leaves no file. */
interface HashedFile extends AsyncDisposable {
  write(bytes: Uint8Array): Promise<void>;
  commit(): Promise<string>;
}

function hashedFile(file: AtomicFile): HashedFile {
  const hash = createHash("sha256");
  return {
    async write(bytes) {
      hash.update(bytes);
      await file.write(bytes);
    },
    async commit() {
      await file.commit();
      return hash.digest("hex");
    },
    [Symbol.asyncDispose]: () => file.discard(),
  };
}
