import { statfs } from "node:fs/promises";
import { type OnProgress, RagInstructError } from "@rag-instruct/core";
import { readVectorManifest, type VectorFolder } from "@rag-instruct/core/vectors";
import { type BuildIndexOptions, type BuiltIndex, buildIndexFolder } from "../engine/build.ts";
import { faissEngine, readFaissFile } from "./engine.ts";
import { type FaissFactory, readFactory } from "./factory.ts";
import { type FaissLibrary, type FaissLibraryIndex, faissLibrary, firstLine, innerProduct } from "./library.ts";
import { writeSearchSettings } from "./search-settings.ts";

/** Options of {@link buildFaissIndex}. */
export interface BuildFaissOptions extends BuildIndexOptions {
  /**
   * FAISS's name of the index: Flat, SQ4, SQ6, SQ8, SQfp16 or PQm, alone or behind `IVFn` or `HNSWm`.
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

export const faissFormat = "rag-instruct/faiss";
export const faissFile = "index.faiss";

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
  return buildIndexFolder(options, {
    format: faissFormat,
    file: faissFile,
    settings: { factory, ...(cells ? { nprobe } : {}), ...(isGraph ? { efSearch } : {}) },
    async create(folder) {
      const index = makeIndex(lib, factory, dimensions);
      await checkRoom(options.to, read.bytesPerRow * folder.count);
      if (!index.isTrained()) await train(index, { folder, read, factory, trainOn, signal, onProgress });
      return faissEngine(index);
    },
    restore: (path) => faissEngine(readFaissFile(lib, path)),
    seal: (path) => writeSearchSettings(path, { ...(cells ? { nprobe } : {}), ...(isGraph ? { efSearch } : {}) }),
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
    throw new RagInstructError("bad-option", `FAISS cannot make ${factory}: ${firstLine(cause)}`, { cause });
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
  if (drawn < read.fewestForTraining || drawn === 0) {
    throw new RagInstructError(
      "bad-option",
      `${factory} is trained on ${read.fewestForTraining} vectors or more, and there are ${drawn}; choose fewer cells, or Flat`,
    );
  }
  onProgress?.({ stage: "train", done: 0, total: drawn });
  const rows = Array.from({ length: drawn }, (_, i) => Math.floor((i * folder.count) / drawn));
  const { data } = await folder.rows(rows, signal ? { signal } : {});
  signal?.throwIfAborted();
  index.train(Array.from(data));
  onProgress?.({ stage: "train", done: drawn, total: drawn });
}
