import { mkdir, open, readdir, rm, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { RagInstructError } from "@rag-instruct/core";
import { isTar, isThere, type NamedBytes, peekBytes, writeAtomic } from "@rag-instruct/core/node";
import { openVectorFolder, readVectorManifest } from "@rag-instruct/core/vectors";
import { partOf, readNpyFile, type VectorPart } from "./array-file.ts";
import { isPickle, openFile, picklePart, tarFiles, tarHeadBytes } from "./contriever.ts";
import { readIds, recordFile, recordParts } from "./import-vectors.ts";

/** What {@link vectorParts} reads with. */
interface PartsOptions {
  /** A folder for what must lie in a file to be read; whoever gives it removes it. */
  scratch: string;
  signal?: AbortSignal | undefined;
}

/** What is told of a place that has no vectors. */
const kinds =
  "pickles such as passages_00, .npy, JSON lines or Parquet with an id and a vector each, or a .tar of them";

/**
 * The vectors behind paths: files of vectors, recognised by their content (pickles of ids and array, NumPy's .npy, records of JSON lines and
 * Parquet; plain or packed; a .tar of such), and folders of such files, in the order of the names, numbers by their size. A folder with a
 * manifest of vectors is read as it says. Throws `file-missing` for a place that holds none, and what reading them throws.
 */
export async function* vectorParts(from: readonly string[], options: PartsOptions): AsyncGenerator<VectorPart> {
  for (const path of from) {
    const place = await stat(path).catch((cause) => {
      throw new RagInstructError("file-missing", `${path} is not there`, { cause });
    });
    let isEmpty = true;
    for await (const part of place.isDirectory() ? folderParts(path, options) : fileParts(path, options)) {
      isEmpty = false;
      yield part;
    }
    if (isEmpty) throw new RagInstructError("file-missing", `${path} holds no vectors; give ${kinds}`);
  }
}

async function* folderParts(path: string, options: PartsOptions): AsyncGenerator<VectorPart> {
  if (await isVectorFolder(path)) return yield* vectorFolderParts(path, options.signal);
  for (const name of await vectorFilesIn(path)) yield* fileParts(join(path, name), options);
}

/** Whether a folder says itself what vectors it holds. Throws `file-corrupt` and `unsupported-version`. */
async function isVectorFolder(path: string): Promise<boolean> {
  try {
    await readVectorManifest(path);
    return true;
  } catch (error) {
    // None, or that of something else.
    if (RagInstructError.is(error, "file-missing") || RagInstructError.is(error, "unknown-format")) return false;
    throw error;
  }
}

async function* vectorFolderParts(path: string, signal: AbortSignal | undefined): AsyncGenerator<VectorPart> {
  await using folder = await openVectorFolder(path, { signal });
  const { count, dimensions, dtype, embedderId } = folder;
  function* ids(): Generator<string> {
    for (let row = 0; row < count; row++) yield folder.idOf(row);
  }
  yield { name: path, count, dimensions, dtype, embedderId, ids: ids(), vectors: folder.blocks({ signal }) };
}

const vectorFile = /(?:^|\/)passages[^/]*$|\.(?:pkl|pickle|npy|tar|tgz)(?:\.gz|\.zst)?$/i;
const byNumber = new Intl.Collator("en", { numeric: true });

/** Files that may hold vectors, also in folders within, without those that hold the ids of others. */
async function vectorFilesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const names = entries
    .filter((entry) => entry.isFile() || entry.isSymbolicLink())
    .map((entry) => join(entry.parentPath, entry.name).slice(join(folder, "/").length))
    .filter((name) => !/(?:^|\/)\./.test(name));
  const idFiles = new Set(names.flatMap((name) => (/\.npy$/i.test(name) ? idFilesOf(name) : [])));
  return names
    .filter((name) => !idFiles.has(name) && (vectorFile.test(name) || recordFile.test(name)))
    .sort(byNumber.compare);
}

/** Where the ids of a .npy file may stand, beside it. */
function idFilesOf(path: string): string[] {
  const stem = path.replace(/\.npy$/i, "");
  return [".ids.txt", ".ids.json", ".ids", ".txt", ".json"].map((ending) => stem + ending);
}

async function* fileParts(path: string, options: PartsOptions): AsyncGenerator<VectorPart> {
  const { scratch, signal } = options;
  if (isNpy(await headOf(path))) return yield await npyPart(path);
  const { name, bytes } = openFile(path, signal);
  const { head, bytes: whole } = await peekBytes(bytes, tarHeadBytes);
  if (isPickle(head)) return yield await picklePart({ name, bytes: whole }, join(scratch, "array.tmp"));
  if (isTar(head)) return yield* tarParts({ name, bytes: whole }, options);
  if (isNpy(head)) {
    const copy = join(scratch, basename(path).replace(/(\.npy)?(\.gz|\.zst)?$/i, ".npy"));
    await writeAtomic(copy, whole, { signal });
    yield { ...(await npyPart(copy, path)), name };
    return rm(copy);
  }
  await whole.return(undefined);
  yield* recordParts(path, { signal });
}

/** Pickles as they stream by; other files lie in `scratch` while they are read. */
async function* tarParts(tar: NamedBytes, options: PartsOptions): AsyncGenerator<VectorPart> {
  const { scratch, signal } = options;
  const copies = join(scratch, "tar");
  await mkdir(copies);
  for await (const { path, name, bytes } of tarFiles(tar, signal)) {
    const { head, bytes: whole } = await peekBytes(bytes, tarHeadBytes);
    if (isPickle(head)) yield await picklePart({ name, bytes: whole }, join(scratch, "array.tmp"));
    // A name, never a path: an archive must not lead out of its folder.
    else if (isNpy(head) || /\.(?:parquet|jsonl|ndjson|json|ids|txt)(?:\.gz|\.zst)?$/i.test(path))
      await writeAtomic(join(copies, path.replace(/\.(?:gz|zst)$/i, "").replaceAll(/[\\/]/g, "_")), whole, { signal });
    else await whole.return(undefined);
  }
  yield* folderParts(copies, options);
  await rm(copies, { recursive: true });
}

async function headOf(path: string): Promise<Uint8Array> {
  await using handle = await open(path);
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(8), 0, 8, 0);
  return buffer.subarray(0, bytesRead);
}

function isNpy(head: Uint8Array): boolean {
  return Buffer.from(head.buffer, head.byteOffset, head.length).toString("latin1", 0, 6) === "\x93NUMPY";
}

/** @param named where the ids would stand beside it, for a copy @default path */
async function npyPart(path: string, named = path): Promise<VectorPart> {
  for (const ids of idFilesOf(named.replace(/\.(?:gz|zst)$/i, ""))) {
    if (await isThere(ids)) return { ...partOf(await readNpyFile(path)), ids: readIds(ids) };
  }
  return partOf(await readNpyFile(path));
}
