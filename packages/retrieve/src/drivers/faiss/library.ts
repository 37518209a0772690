import { RagInstructError } from "@rag-instruct/core";
import { importPeer } from "@rag-instruct/core/node";

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
      `faiss-node is there, but its native part is not: ${firstLine(cause)}; install it where its binary can be downloaded, or build it and hand it in as \`lib\``,
      { cause },
    );
  }
}

export function firstLine(error: unknown): string {
  return String((error as Error).message).split("\n", 1)[0]!;
}
