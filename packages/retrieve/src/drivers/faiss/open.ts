import { stat } from "node:fs/promises";
import { type Closable, RagInstructError, type VectorIndex } from "@rag-instruct/core";
import { type OpenIndexFolderOptions, openIndexFolder } from "../engine/open.ts";
import { searchable } from "../engine/searchable.ts";
import { faissFile, faissFormat } from "./build.ts";
import { corruptFaiss } from "./byte-reader.ts";
import { checkFaissFile } from "./check-file.ts";
import { faissEngine, readFaissFile } from "./engine.ts";
import { type FaissLibrary, faissLibrary, innerProduct, squaredDistance } from "./library.ts";

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
      throw corruptFaiss(path, `has ${dimensions} dimensions where its manifest says ${manifest.dimensions}`);
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
      `${path} ranks by FAISS's metric ${metric}; inner product and L2 are read`,
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
