import { open, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { type Closable, type OnProgress, RagInstructError, type VectorIndex } from "@rag-instruct/core";
import { hashFile, lockFolder, syncFolder, writeAtomic } from "@rag-instruct/core/node";

import { openVectorFolder, rowIdsOf, type VectorFolder } from "@rag-instruct/core/vectors";
import { type Engine, inPacedSteps, rowsOf, searchable } from "./engine.ts";

/** What an index is made of and how; two that are equal hold the same. */
interface IndexIdentity {
  embedderId: string;
  dimensions: number;
  count: number;
  /** SHA-256 over the passages' ids in order, each followed by a newline. */
  corpus: string;
  /** The engine's own settings; undefined is as good as left out. */
  settings: Readonly<Record<string, string | number | undefined>>;
}

/** Share of the exact hits that an index finds, and how that was measured. */
export interface MeasuredRecall {
  /** From 0 to 1. */
  value: number;
  /** Hits compared for each query. */
  limit: number;
  queries: number;
}

/** `manifest.json` of an index folder. */
export interface IndexManifest extends IndexIdentity {
  format: string;
  version: number;
  recall?: MeasuredRecall;
  files: Record<string, FileSummary>;
}

/** Size and checksum of a file. */
interface FileSummary {
  bytes: number;
  sha256: string;
}

const formatVersion = 1;

/** Whether two indexes hold the same; undefined stands for none. */
function sameIndex(a: IndexIdentity | undefined, b: IndexIdentity): boolean {
  const parts = ({ embedderId, dimensions, count, corpus, settings }: IndexIdentity) => {
    const given = Object.entries(settings).filter(([, value]) => value !== undefined);
    return JSON.stringify([embedderId, dimensions, count, corpus, given.sort()]);
  };
  return a !== undefined && parts(a) === parts(b);
}

/** Reads a manifest; undefined where there is none. Throws `file-corrupt`, `unknown-format` and `unsupported-version`. */
async function readIndexManifest(folder: string, format: string): Promise<IndexManifest | undefined> {
  const path = join(folder, "manifest.json");
  const manifest = await readJson<IndexManifest>(path);
  if (manifest === undefined) return undefined;
  if (manifest.format !== format) {
    throw new RagInstructError("unknown-format", `${path} has the format ${manifest.format}, not ${format}`);
  }
  if (manifest.version !== formatVersion) {
    throw new RagInstructError(
      "unsupported-version",
      `${path} has version ${manifest.version}, and this release reads version ${formatVersion}; update the package or build the index again`,
    );
  }
  const { embedderId, dimensions, count, corpus, settings, files } = manifest;
  const named = [embedderId, corpus].every((text) => typeof text === "string");
  const counted = Number.isInteger(dimensions) && dimensions > 0 && Number.isInteger(count) && count >= 0;
  if (!named || !counted || typeof settings !== "object" || !areSummaries(files)) {
    throw new RagInstructError("file-corrupt", `${path} lacks fields; build the index again`);
  }
  return manifest;
}

function areSummaries(files: unknown): boolean {
  if (typeof files !== "object" || files === null) return false;
  // Names, never paths: a manifest must not lead out of its folder.
  return Object.entries(files).every(([name, file]) => typeof file?.bytes === "number" && !/[\\/]/.test(name));
}

/** Reads a JSON object; undefined where there is no such file. Throws `file-corrupt`. */
async function readJson<T>(path: string): Promise<T | undefined> {
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null) return value as T;
  } catch {
    // Thrown below.
  }
  throw new RagInstructError("file-corrupt", `${path} is not a JSON object; build the index again`);
}

/** Compares files with a manifest: sizes, and checksums when asked for. Throws `file-missing` and `file-corrupt` with the name. */
async function checkFiles(
  folder: string,
  files: Record<string, FileSummary>,
  { verify, signal }: { verify: boolean; signal: AbortSignal | undefined },
): Promise<void> {
  for (const [name, { bytes, sha256 }] of Object.entries(files)) {
    const path = join(folder, name);
    const there = await stat(path).catch(() => undefined);
    if (!there) throw new RagInstructError("file-missing", `${path} is missing; build the index again`);
    if (there.size !== bytes) {
      throw new RagInstructError(
        "file-corrupt",
        `${path} has ${there.size} bytes instead of ${bytes}; build the index again`,
      );
    }
    if (!verify || (await hashFile(path, { signal })).sha256 === sha256) continue;
    throw new RagInstructError(
      "file-corrupt",
      `${path} does not match the checksum in the manifest; build the index again`,
    );
  }
}

/** Options that the builders of native indexes share. */
export interface BuildIndexOptions {
  /** A vector folder, as `embedPassages` writes it. */
  vectors: string;
  /** The index folder, made when it is not there. */
  to: string;
  onProgress?: OnProgress;
  signal?: AbortSignal;
}

/** What a native library does for a build. */
interface EngineMaker {
  /** Of the manifest. */
  format: string;
  /** Name of the library's own file in the index folder. */
  file: string;
  settings: IndexIdentity["settings"];
  create(folder: VectorFolder): Promise<Engine>;
  /** Goes on with a file that `save` wrote. */
  restore(path: string): Engine;
  /** Completes the saved file. */
  seal?(path: string): Promise<void>;
  /** Measures what the finished index finds. */
  measure?(engine: Engine, folder: VectorFolder): Promise<MeasuredRecall | undefined>;
}

/** What a build did. */
export interface BuiltIndex {
  /** Vectors of the index. */
  rows: number;
  /** Those that this call added; the others were there already. */
  written: number;
  recall?: MeasuredRecall;
}

const buildingName = "building.json";
const idsName = "ids.txt";
const rowsAtOnce = 4096;
// Saves become rarer as the index grows, so that all of them together write about ten times its size.
const minRowsBetweenSaves = 50_000;
const idsAtOnce = 4096;

/**
 * Builds a native index of a vector folder in a folder of its own, with ids and checksums. A build that was interrupted continues from
 * what it last saved; a finished one is left as it is. Throws `file-exists` when the folder holds
 * another index, `index-mismatch` when it holds the beginning of another one, and `folder-locked`.
 */
export async function buildIndexFolder(options: BuildIndexOptions, maker: EngineMaker): Promise<BuiltIndex> {
  const { vectors, to, signal, onProgress } = options;
  await using folder = await openVectorFolder(vectors, { signal });
  await using _lock = await lockFolder(to);
  const { embedderId, dimensions, count, corpus } = folder;
  const identity: IndexIdentity = { embedderId, dimensions, count, corpus, settings: maker.settings };
  const finished = await readIndexManifest(to, maker.format);
  if (finished) {
    if (!sameIndex(finished, identity)) {
      throw new RagInstructError(
        "file-exists",
        `${to} holds an index of other vectors or settings; choose another folder`,
      );
    }
    return { rows: count, written: 0, recall: finished.recall };
  }
  const path = join(to, maker.file);
  const engine = await begin({ to, path, identity, maker, folder });
  const before = engine.size();
  await addRows(engine, { folder, path, signal, onProgress });
  await save(engine, path);
  await maker.seal?.(path);
  const recall = await maker.measure?.(engine, folder);
  signal?.throwIfAborted();
  await finish({ to, identity, maker, folder, recall });
  return { rows: count, written: count - before, recall };
}

interface Begun {
  to: string;
  path: string;
  identity: IndexIdentity;
  maker: EngineMaker;
  folder: VectorFolder;
}

async function begin({ to, path, identity, maker, folder }: Begun): Promise<Engine> {
  const begun = await readJson<IndexIdentity>(join(to, buildingName));
  if (begun === undefined) {
    await writeAtomic(join(to, buildingName), `${JSON.stringify(identity, null, 2)}\n`);
    await rm(path, { force: true });
  } else if (!sameIndex(begun, identity)) {
    throw new RagInstructError(
      "index-mismatch",
      `${to} holds the beginning of an index of other vectors or settings; remove it or choose another folder`,
    );
  }
  const saved = await open(path).catch(() => undefined);
  await saved?.close();
  return saved ? maker.restore(path) : maker.create(folder);
}

async function addRows(
  engine: Engine,
  {
    folder,
    path,
    signal,
    onProgress,
  }: { folder: VectorFolder; path: string; signal: AbortSignal | undefined; onProgress: OnProgress | undefined },
): Promise<void> {
  let saved = engine.size();
  for await (const block of folder.blocks({ rows: rowsAtOnce, signal })) {
    const skip = Math.max(0, engine.size() - block.firstRow);
    if (skip >= block.count) continue;
    const add = (from: number, to: number) =>
      engine.add(rowsOf(block, skip + from, skip + to), block.firstRow + skip + from);
    await inPacedSteps(block.count - skip, add, { signal });
    onProgress?.({ stage: "index", done: engine.size(), total: folder.count });
    if (engine.size() - saved < Math.max(minRowsBetweenSaves, saved / 10)) continue;
    await save(engine, path);
    saved = engine.size();
  }
}

/** The file appears whole or not at all. */
async function save(engine: Engine, path: string): Promise<void> {
  const draft = `${path}.tmp`;
  engine.save(draft);
  const handle = await open(draft, "r+");
  await handle.sync().finally(() => handle.close());
  await rename(draft, path);
  await syncFolder(join(path, ".."));
}

async function finish({
  to,
  identity,
  maker,
  folder,
  recall,
}: Omit<Begun, "path"> & { recall: MeasuredRecall | undefined }): Promise<void> {
  await writeAtomic(join(to, idsName), idLines(folder));
  const files = {
    [maker.file]: await hashFile(join(to, maker.file)),
    [idsName]: await hashFile(join(to, idsName)),
  };
  const manifest = { format: maker.format, version: formatVersion, ...identity, recall, files };
  await writeAtomic(join(to, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  await rm(join(to, buildingName), { force: true });
}

function* idLines(folder: VectorFolder): Generator<string> {
  for (let from = 0; from < folder.count; from += idsAtOnce) {
    const size = Math.min(idsAtOnce, folder.count - from);
    yield Array.from({ length: size }, (_, i) => `${folder.idOf(from + i)}\n`).join("");
  }
}

/** Options that opening an index folder of any native library takes. */
export interface OpenIndexFolderOptions {
  /** Compare the checksum of every file. @default true */
  verify?: boolean;
  /** Queries handed to the library at once: more are faster, and block the thread for longer. @default as many as take about 40 ms */
  batch?: number;
  signal?: AbortSignal;
}

/**
 * Opens a folder that a build has finished. Throws `file-missing`, `file-corrupt`, `unknown-format` and `unsupported-version`.
 */
export async function openIndexFolder(
  folder: string,
  options: OpenIndexFolderOptions & {
    format: string;
    /** Reads or maps the library's own file. */
    load(path: string, manifest: IndexManifest): Engine | Promise<Engine>;
    file: string;
  },
): Promise<{ index: VectorIndex & Closable; manifest: IndexManifest }> {
  const { verify = true, batch, signal, format, load, file } = options;
  const manifest = await readIndexManifest(folder, format);
  if (!manifest) {
    throw new RagInstructError("file-missing", `${folder} holds no finished index; run the build to its end`);
  }
  for (const name of [file, idsName]) {
    if (manifest.files[name]) continue;
    throw new RagInstructError("file-corrupt", `${join(folder, "manifest.json")} lacks ${name}; build the index again`);
  }
  await checkFiles(folder, manifest.files, { verify, signal });
  const ids = rowIdsOf(await readFile(join(folder, idsName)), { count: manifest.count, name: join(folder, idsName) });
  signal?.throwIfAborted();
  const engine = await load(join(folder, file), manifest);
  if (engine.size() !== manifest.count) {
    throw new RagInstructError(
      "file-corrupt",
      `${join(folder, file)} holds ${engine.size()} vectors, not ${manifest.count}; build the index again`,
    );
  }
  const { embedderId, corpus, dimensions } = manifest;
  const bytes = manifest.files[file]?.bytes ?? 0;
  const index = searchable({ embedderId, corpus, dimensions, engine, idOf: (row) => ids.at(row), bytes, batch });
  return { index, manifest };
}
