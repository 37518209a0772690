import { RagInstructError } from "@rag-instruct/core";
import type { Engine } from "../engine/engine.ts";
import { type FaissLibrary, type FaissLibraryIndex, firstLine } from "./library.ts";

const largestRow = 2 ** 31 - 1;

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
  if (label <= largestRow) return label;
  throw new RagInstructError("bad-input", `the index holds the label ${label}; labels up to ${largestRow} are read`);
}

/** Reads a file of FAISS. Throws `file-corrupt` with FAISS's words. */
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
