import { stat, statfs } from "node:fs/promises";
import { type Closable, type OnProgress, RagInstructError, type VectorIndex } from "@rag-instruct/core";
import { readVectorManifest, type VectorFolder } from "@rag-instruct/core/vectors";
import { searchable } from "./engine/engine.ts";
import {
  type BuildIndexOptions,
  type BuiltIndex,
  buildIndexFolder,
  type OpenIndexFolderOptions,
  openIndexFolder,
} from "./engine/index-folder.ts";
import { checkFaissFile, corruptFaiss } from "./faiss/index-file.ts";
import {
  type FaissLibrary,
  type FaissLibraryIndex,
  faissEngine,
  faissLibrary,
  firstLine,
  innerProduct,
  readFaissFile,
  squaredDistance,
} from "./faiss/library.ts";
import { type FaissFactory, readFactory, writeSearchSettings } from "./faiss/settings.ts";

export type { BuildIndexOptions, BuiltIndex, OpenIndexFolderOptions } from "./engine/index-folder.ts";
export type { FaissLibrary, FaissLibraryIndex } from "./faiss/library.ts";

/** Options of {@link buildFaissIndex}. */
export interface BuildFaissOptions extends BuildIndexOptions {
  /**
   * FAISS's name of the index: Flat, SQ4, SQ6, SQ8, SQfp16 or PQm, alone or after `IVFn` or `HNSWm`.
   * @default "Flat"
   */
  factory?: string;
  /** Cells of an `IVFn` that a search visits: more find more and take longer. @default an eighth of them */
  nprobe?: number;
  /** Candidates that a search of an `HNSWm` keeps; give at least the depth you will ask for. @default 512 */
  efSearch?: number;
  /** Vectors, evenly drawn, that an index which needs training is trained on. @default 40 a cell, and 20000 at the least */
  trainOn?: number;
  /** A build of faiss-node. @default the optional peer faiss-node */
  lib?: FaissLibrary;
}

const faissFormat = "rag-instruct/faiss";
const faissFile = "index.faiss";

/**
 * Builds a FAISS index of a vector folder, by inner product, in a folder that `openFaissIndex` opens and whose `index.faiss` any
 * FAISS reads. A build that was cut short goes on. Adding can be left at any time; training blocks the thread to its end.
 * Throws `peer-missing`, `bad-option`, `file-exists`, `index-mismatch`, `folder-locked` and `file-unwritable`.
 */
export async function buildFaissIndex(options: BuildFaissOptions): Promise<BuiltIndex> {
  const { factory = "Flat", signal, onProgress } = options;
  const lib = await faissLibrary(options.lib);
  const { dimensions } = await readVectorManifest(options.vectors);
  const read = readFactory(factory, dimensions);
  const { cells, isGraph } = read;
  const nprobe = options.nprobe ?? Math.ceil(cells / 8);
  const efSearch = options.efSearch ?? 512;
  checkSearchSettings({ nprobe, efSearch, cells, factory });
  const { trainOn = Math.max(20_000, 40 * cells) } = options;
  const searchSettings = { nprobe: cells ? nprobe : undefined, efSearch: isGraph ? efSearch : undefined };
  return buildIndexFolder(options, {
    format: faissFormat,
    file: faissFile,
    settings: { factory, ...searchSettings },
    async create(folder) {
      const index = makeIndex(lib, factory, dimensions);
      await checkRoom(options.to, read.bytesPerRow * folder.count);
      if (!index.isTrained()) await train(index, { folder, read, factory, trainOn, signal, onProgress });
      return faissEngine(index);
    },
    restore: (path) => faissEngine(readFaissFile(lib, path)),
    seal: (path) => writeSearchSettings(path, searchSettings),
  });
}

function checkSearchSettings(given: { nprobe: number; efSearch: number; cells: number; factory: string }): void {
  const { nprobe, efSearch, cells, factory } = given;
  const fits = Number.isInteger(nprobe) && (cells ? nprobe >= 1 && nprobe <= cells : nprobe === 0);
  if (!fits) throw new RagInstructError("bad-option", `nprobe is ${nprobe}, and ${factory} has ${cells} cells`);
  if (!Number.isInteger(efSearch) || efSearch < 1 || efSearch > 100_000) {
    throw new RagInstructError("bad-option", `efSearch is ${efSearch}; it must be from 1 to 100000`);
  }
}

function makeIndex(lib: FaissLibrary, factory: string, dimensions: number): FaissLibraryIndex {
  try {
    return lib.Index.fromFactory(dimensions, factory, innerProduct);
  } catch (cause) {
    throw new RagInstructError("bad-option", `FAISS cannot build ${factory}: ${firstLine(cause)}`, { cause });
  }
}

/** faiss-node ends the process when a file cannot be written to its end. */
async function checkRoom(to: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(to);
  if (bavail * bsize > bytes) return;
  throw new RagInstructError(
    "file-unwritable",
    `${to} has room for ${bavail * bsize} bytes, and the index takes up to ${bytes}; make room, or choose a factory with smaller codes`,
  );
}

async function train(
  index: FaissLibraryIndex,
  {
    folder,
    read,
    factory,
    trainOn,
    signal,
    onProgress,
  }: {
    folder: VectorFolder;
    read: FaissFactory;
    factory: string;
    trainOn: number;
    signal: AbortSignal | undefined;
    onProgress: OnProgress | undefined;
  },
): Promise<void> {
  const drawn = Math.min(folder.count, trainOn);
  if (drawn < read.minForTraining || drawn === 0) {
    throw new RagInstructError(
      "bad-option",
      `${factory} is trained on ${read.minForTraining} vectors or more, and there are ${drawn}; choose fewer cells, or Flat`,
    );
  }
  onProgress?.({ stage: "train", done: 0, total: drawn });
  const rows = Array.from({ length: drawn }, (_, i) => Math.floor((i * folder.count) / drawn));
  const { data } = await folder.rows(rows, { signal });
  signal?.throwIfAborted();
  index.train(Array.from(data));
  onProgress?.({ stage: "train", done: drawn, total: drawn });
}

/** Options of {@link openFaissIndex}. */
export interface OpenFaissOptions extends OpenIndexFolderOptions {
  /** A build of faiss-node. @default the optional peer faiss-node */
  lib?: FaissLibrary;
}

/** Options of {@link openFaissFile}. */
export interface OpenFaissFileOptions extends Pick<OpenFaissOptions, "lib" | "batch"> {
  /** The `id` of the embedder that made the vectors: FAISS does not keep it, and queries must be embedded alike. */
  embedderId: string;
  /** The passage id of each label, which is the place of a vector unless FAISS was given others. @default the labels themselves */
  ids?: readonly string[];
}

/**
 * Opens a folder that `buildFaissIndex` made. The whole index is read into memory.
 * Throws `peer-missing`, `file-missing`, `file-corrupt`, `unknown-format` and `unsupported-version`.
 */
export async function openFaissIndex(folder: string, options: OpenFaissOptions = {}): Promise<VectorIndex & Closable> {
  const lib = await faissLibrary(options.lib);
  const { index } = await openIndexFolder(folder, {
    ...options,
    format: faissFormat,
    file: faissFile,
    async load(path, manifest) {
      const { dimensions } = await checkFaissFile(path);
      if (dimensions === manifest.dimensions) return faissEngine(readFaissFile(lib, path));
      throw corruptFaiss(path, `has ${dimensions} dimensions, but its manifest says ${manifest.dimensions}`);
    },
  });
  return index;
}

/**
 * Opens an index file that FAISS wrote, in Python or elsewhere. By inner product, scores are products; by Euclidean
 * distance, they are squared distances below zero, which rank vectors of length 1 as products do.
 * Throws `peer-missing`, `file-missing`, `file-corrupt` where the file is cut short or too long, `unknown-format` for kinds and metrics that are not read, and `bad-option` when there are fewer ids than vectors.
 */
export async function openFaissFile(path: string, options: OpenFaissFileOptions): Promise<VectorIndex & Closable> {
  const { embedderId, ids, batch } = options;
  const lib = await faissLibrary(options.lib);
  const { dimensions, count, metric, isTrained } = await checkFaissFile(path);
  if (metric !== innerProduct && metric !== squaredDistance) {
    throw new RagInstructError(
      "unknown-format",
      `${path} ranks by FAISS's metric ${metric}; only inner product and L2 can be read`,
    );
  }
  if (!isTrained) throw new RagInstructError("file-corrupt", `${path} holds an index that was never trained`);
  if (ids && ids.length < count) {
    throw new RagInstructError("bad-option", `${path} holds ${count} vectors, and there are only ${ids.length} ids`);
  }
  const engine = faissEngine(readFaissFile(lib, path), { lessIsBetter: metric === squaredDistance });
  const idOf = (row: number): string => {
    // Labels that FAISS was given need not be the places of the vectors.
    const id = ids ? ids[row] : Number.isInteger(row) && row >= 0 ? String(row) : undefined;
    if (id !== undefined) return id;
    throw new RagInstructError("bad-input", `there is no row ${row} in ${path}`);
  };
  return searchable({ embedderId, dimensions, engine, idOf, bytes: (await stat(path)).size, batch });
}
