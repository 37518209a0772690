import { RagInstructError } from "@rag-instruct/core";
import { importPeer } from "@rag-instruct/core/node";
import type { Engine } from "../engine/engine.ts";

/** What the drivers use of an index of faiss-node. */
export interface FaissLibraryIndex {
  ntotal(): number;
  getDimension(): number;
  isTrained(): boolean;
  add(vectors: number[]): void;
  train(vectors: number[]): void;
  search(queries: number[], k: number): { distances: number[]; labels: number[] };
  write(path: string): void;
}

/** What the drivers use of faiss-node: hand in your own build of it where its prebuilt binary does not fit. */
export interface FaissLibrary {
  Index: {
    read(path: string): FaissLibraryIndex;
    fromFactory(dimensions: number, factory: string, metric?: number): FaissLibraryIndex;
  };
}

/** Inner product, as faiss/MetricType.h numbers it. */
export const innerProduct = 0;
/** Squared Euclidean distance, as faiss/MetricType.h numbers it. */
export const squaredDistance = 1;

/** The library handed in, or the optional peer faiss-node. Throws `peer-missing`, also where its native part was not installed. */
export async function faissLibrary(lib: FaissLibrary | undefined): Promise<FaissLibrary> {
  if (lib) return lib;
  try {
    const { default: library } = await importPeer("faiss-node", () => import("faiss-node"));
    return library;
  } catch (cause) {
    if (RagInstructError.is(cause)) throw cause;
    throw new RagInstructError(
      "peer-missing",
      `faiss-node is installed, but its native part cannot be loaded: ${firstLine(cause)}; install it where its binary can be downloaded, or build it and hand it in as \`lib\`, in a config as retrieval.library`,
      { cause },
    );
  }
}

export function firstLine(error: unknown): string {
  return String((error as Error).message).split("\n", 1)[0]!;
}

const maxRow = 2 ** 31 - 1;

/** An {@link Engine} over an index of faiss-node. Distances come as scores, negated where less is better. */
export function faissEngine(
  index: FaissLibraryIndex,
  { lessIsBetter = false }: { lessIsBetter?: boolean } = {},
): Engine {
  return {
    size: () => index.ntotal(),
    add: ({ data }) => index.add(Array.from(data)),
    search({ data, count }, { hits, first }) {
      const { limit, rows, scores } = hits;
      const k = Math.min(limit, index.ntotal());
      const { labels, distances } = index.search(Array.from(data), k);
      for (let q = 0; q < count; q++) {
        for (let at = 0; at < k && labels[q * k + at]! >= 0; at++) {
          rows[(first + q) * limit + at] = rowOf(labels[q * k + at]!);
          const distance = distances[q * k + at]!;
          scores[(first + q) * limit + at] = lessIsBetter ? -distance : distance;
        }
      }
    },
    save: (path) => index.write(path),
  };
}

function rowOf(label: number): number {
  if (label <= maxRow) return label;
  throw new RagInstructError("bad-input", `the index holds the label ${label}; labels up to ${maxRow} can be read`);
}

/** Reads a file of FAISS. Throws `file-corrupt` with the message of FAISS. */
export function readFaissFile(lib: FaissLibrary, path: string): FaissLibraryIndex {
  try {
    return lib.Index.read(path);
  } catch (cause) {
    throw new RagInstructError(
      "file-corrupt",
      `FAISS cannot read ${path}: ${firstLine(cause)}; it is damaged, or written by a newer FAISS than this one`,
      { cause },
    );
  }
}
