import type { Hits, Vectors } from "@rag-instruct/core";

/** An index of a native library, as its binding gives it: every call blocks the thread. */
export interface Engine {
  /** Number of vectors it holds. */
  size(): number;
  /** Appends vectors; the first one becomes row `firstRow`. */
  add(vectors: Vectors, firstRow: number): void;
  /** Searches for some queries and writes what it finds into `hits`, from the query `first` on; places it cannot fill are left as they are. */
  search(queries: Vectors, into: { hits: Hits; first: number }): void;
  save(path: string): void;
}

/** The rows `from` to `to` of vectors, without copying. */
export function rowsOf({ data, dimensions }: Vectors, from: number, to: number): Vectors {
  return { data: data.subarray(from * dimensions, to * dimensions), count: to - from, dimensions };
}
