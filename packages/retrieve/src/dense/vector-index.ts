import { availableParallelism } from "node:os";
import { join } from "node:path";
import {
  type Closable,
  type Hits,
  type OnProgress,
  onAbort,
  RagInstructError,
  type VectorIndex,
} from "@rag-instruct/core";
import { openVectorFolder, type VectorFolder } from "@rag-instruct/core/vectors";
import { checkQueries } from "../hits.ts";
import { type CodesFolder, openCodes } from "./codes-folder.ts";
import { planMemory } from "./memory-plan.ts";
import {
  codeRows,
  type RowSource,
  type RowStore,
  residentRowStore,
  rowBytes,
  streamedRowStore,
  vectorRows,
} from "./row-store.ts";
import { scanThreads } from "./scan-threads.ts";
import { type Scanner, searchWith } from "./scanner.ts";
import { compileKernels, returnMemory, sharedMemory } from "./wasm/kernels.ts";

/** Options of {@link openVectorIndex}. */
export interface OpenVectorIndexOptions {
  /** A vector folder, as `embedPassages` writes it. */
  vectors: string;
  /**
   * `"int8"` goes through 7-bit codes of the vectors first and scores what may be a hit by the vectors themselves; the codes
   * are written beside the vectors when the index is first opened so.
   * @default "float32"
   */
  precision?: "float32" | "int8";
  /** Folder of the codes. @default `int8` in the vector folder */
  codes?: string;
  /**
   * Bytes that vectors, codes, queries and candidates may take; what fits is kept between searches, the rest is read in
   * blocks. For all vectors and codes in memory give a number's bytes and one more, for each number, and 100 MiB.
   * @default 256 MiB
   */
  memory?: number;
  /** @default one a core, and fewer for few vectors */
  threads?: number;
  /** Compare the checksums of vectors and codes, which reads every byte. @default false */
  verify?: boolean;
  /** What the vectors must have been made with, by `Embedder.id`: model, pooling and normalisation. */
  embedderId?: string;
  /** SHA-256 over the passages' ids in order, each with a line feed behind it, as `Bm25Index.corpus` is. */
  corpus?: string;
  /** Of the codes being written. */
  onProgress?: OnProgress;
  signal?: AbortSignal;
}

/** A vector folder, open for search. */
export interface DenseIndex extends VectorIndex, Closable {
  dimensions: number;
  /** SHA-256 over the passages' ids in order, each with a line feed behind it. */
  corpus: string;
}

/**
 * Opens a vector folder for exact search by inner product. With `onnxruntime-node` installed, products of 32 and more queries
 * at once, or 64 in int8, are made by it. All queries of a search, up to 1,024, share one pass; searches at the same time take turns.
 *
 * The hits are those of scores in float64, ties to the earlier row: a first pass keeps every row that its error bound does
 * not rule out, and these are scored in float64. With `"float32"` the pass is in float32, and its bound proved (Higham 2002,
 * 3.1). Where `memory` holds all vectors and their codes, it goes through codes instead from the eighth query on: they are
 * made in memory, rounded up or down at random, so that a hit is ruled out once in 10^18 (Hoeffding 1963). With `"int8"` the
 * bound is three standard deviations of the rounding of both sides. A query whose scores lie further off than a bound
 * allows, or with too many rows within it, is searched in float32 and then in float64. A vector of zeros scores 0.
 *
 * Throws what `openVectorFolder` throws, `index-mismatch`, `file-unwritable` where codes cannot be written, and `bad-option`
 * for too little memory.
 */
export async function openVectorIndex(options: OpenVectorIndexOptions): Promise<DenseIndex> {
  const { precision = "float32", verify = false, signal } = options;
  checkOptions(options);
  const opened: Closable[] = [];
  const keep = <T extends Closable>(closable: T): T => {
    opened.push(closable);
    return closable;
  };
  try {
    const folder = keep(await openVectorFolder(options.vectors, { verify, signal }));
    checkOrigin(folder, options);
    let codes: CodesFolder | undefined;
    if (precision === "int8") {
      const at = options.codes ?? join(options.vectors, "int8");
      codes = keep(await openCodes({ folder: at, vectors: folder, verify, onProgress: options.onProgress, signal }));
    }
    const scanner = await openScanner(folder, codes, options);
    opened.push(scanner);
    return indexOver(folder, scanner, opened);
  } catch (error) {
    await closeAll(opened);
    throw error;
  }
}

async function closeAll(opened: readonly Closable[]): Promise<void> {
  for (const closable of opened.toReversed()) await closable.close();
}

// A thread goes through so many vectors in less time than another takes to start.
const vectorsPerThread = 4096;

function threadsFor(vectors: number): number {
  return Math.max(1, Math.min(availableParallelism(), Math.ceil(vectors / vectorsPerThread)));
}

async function openScanner(
  folder: VectorFolder,
  codes: CodesFolder | undefined,
  { memory: budget = 2 ** 28, threads = threadsFor(folder.count) }: OpenVectorIndexOptions,
): Promise<Scanner & Closable> {
  const { count, dimensions, dtype } = folder;
  const sizes = {
    vectors: rowBytes(dtype, dimensions),
    codes: rowBytes("codes", dimensions) + 4,
  };
  const codesOnDisk = codes !== undefined;
  const decodes = !codesOnDisk && dtype === "float16";
  const plan = planMemory({ memory: budget, threads, dimensions, count, sizes, codesOnDisk, decodes });
  const memory = sharedMemory(plan.bytes);
  const pool = scanThreads(plan.scratch, { memory, module: compileKernels(dimensions) });
  const store = (source: RowSource, resident: number | undefined): RowStore => {
    if (resident !== undefined) return residentRowStore(source, resident);
    return streamedRowStore(source, plan.slots, Math.min(count, Math.floor(plan.slotBytes / source.bytesPerRow)));
  };
  let isOpen = true;
  const close = async () => {
    await pool.close();
    if (isOpen) returnMemory(memory);
    isOpen = false;
  };
  return {
    memory,
    plan,
    threads: pool,
    folder,
    close,
    vectors: store(vectorRows(folder, memory), plan.resident.vectors),
    codes: codes
      ? { bounds: codes.bounds, rows: store(codeRows(codes, folder, memory), plan.resident.codes) }
      : undefined,
    [Symbol.asyncDispose]: close,
  };
}

function indexOver(folder: VectorFolder, scanner: Scanner, opened: readonly Closable[]): DenseIndex {
  const { dimensions, count, embedderId, corpus } = folder;
  const scan = searchWith(scanner);
  let closed: Promise<void> | undefined;
  // Searches share one memory: each begins when the one before has ended.
  let before: Promise<unknown> = Promise.resolve();
  const index: DenseIndex = {
    embedderId,
    size: count,
    dimensions,
    corpus,
    idOf: (row) => folder.idOf(row),
    async search(queries, { limit, signal }) {
      signal?.throwIfAborted();
      if (closed) throw new RagInstructError("bad-option", "the index is closed; open it again to search it");
      checkQueries(queries, { limit, dimensions });
      const search = before.then(() => {
        signal?.throwIfAborted();
        return scan(queries, limit, signal);
      });
      before = search.catch(() => {});
      return unlessAborted(search, signal);
    },
    close: () => (closed ??= before.then(() => closeAll(opened))),
    [Symbol.asyncDispose]: () => index.close(),
  };
  return index;
}

/** Rejects as soon as the signal aborts, even while earlier searches still run. */
async function unlessAborted(search: Promise<Hits>, signal: AbortSignal | undefined): Promise<Hits> {
  if (!signal) return search;
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const stopListening = onAbort(signal, reject);
  try {
    return await Promise.race([search, aborted]);
  } finally {
    stopListening();
  }
}

function checkOptions({ threads = 1, memory = 1, precision = "float32" }: OpenVectorIndexOptions): void {
  if (!Number.isInteger(threads) || threads < 1) {
    throw new RagInstructError("bad-option", `threads is ${threads}; it must be 1 or more`);
  }
  if (!(memory > 0)) throw new RagInstructError("bad-option", `memory is ${memory}; give a number of bytes`);
  if (precision !== "float32" && precision !== "int8") {
    throw new RagInstructError("bad-option", `precision is ${precision}; it must be "float32" or "int8"`);
  }
}

function checkOrigin(folder: VectorFolder, { vectors, embedderId, corpus }: OpenVectorIndexOptions): void {
  if (embedderId !== undefined && embedderId !== folder.embedderId) {
    throw new RagInstructError(
      "index-mismatch",
      `${vectors} was made with the embedder ${folder.embedderId}, not ${embedderId}; embed the passages again`,
    );
  }
  if (corpus !== undefined && corpus !== folder.corpus) {
    throw new RagInstructError(
      "index-mismatch",
      `${vectors} holds the passages of another corpus (${folder.corpus}, not ${corpus}); embed the passages again`,
    );
  }
}
