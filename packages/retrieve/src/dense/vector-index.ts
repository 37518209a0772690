import { type Closable, type Hits, RagInstructError, type VectorIndex, type Vectors } from "@rag-instruct/core";
import { openVectorFolder } from "@rag-instruct/core/vectors";
import { emptyHits, mergeHits } from "./running-best.ts";
import { type SearchSession, searchSession } from "./search-session.ts";

/** Options of {@link openVectorIndex}. */
export interface OpenVectorIndexOptions {
  /** A vector folder, as `embedPassages` writes it. */
  vectors: string;
  /** Bytes that blocks of vectors and their products may take; larger blocks are somewhat faster. @default 256 MiB */
  memory?: number;
  /** Threads of the matrix product. @default ONNX Runtime's own choice */
  threads?: number;
  signal?: AbortSignal;
}

// Queries multiplied at once: one such product with one block ends within a tenth of a second, so that it can be left.
const queriesPerProduct = 128;
// Two blocks as stored and one as float32.
const bytesPerNumber = 8;
const mostRows = 65_536;

/**
 * Opens a vector folder for exact search by inner product in float32 on ONNX Runtime (optional peer onnxruntime-node).
 * Blocks are read from disk while the one before is searched; all queries of a search share one pass over the folder.
 * A zero vector scores 0. Throws what `openVectorFolder` throws, `peer-missing`, and `bad-option` for too little memory.
 */
export async function openVectorIndex(options: OpenVectorIndexOptions): Promise<VectorIndex & Closable> {
  const { vectors, memory = 2 ** 28, threads, signal } = options;
  const folder = await openVectorFolder(vectors, signal ? { signal } : {});
  const { dimensions, count, embedderId } = folder;
  const rows = Math.min(mostRows, Math.floor(memory / (dimensions * bytesPerNumber + queriesPerProduct * 4)));
  let session: SearchSession;
  try {
    if (rows < 1)
      throw new RagInstructError("bad-option", `memory of ${memory} bytes does not hold one row of ${vectors}`);
    session = await searchSession({ threads });
  } catch (error) {
    await folder.close();
    throw error;
  }
  let closed: Promise<void> | undefined;
  const searches = new Set<Promise<Hits>>();

  async function searchBlocks(queries: Vectors, limit: number, stop: AbortSignal | undefined): Promise<Hits> {
    const hits = emptyHits(queries.count, limit);
    for await (const block of folder.blocks({ rows, ...(stop ? { signal: stop } : {}) })) {
      for (let firstQuery = 0; firstQuery < queries.count; firstQuery += queriesPerProduct) {
        stop?.throwIfAborted();
        const found = await session.search(slice(queries, firstQuery), block, limit);
        mergeHits(hits, found, { firstQuery, firstRow: block.firstRow });
      }
    }
    stop?.throwIfAborted();
    return hits;
  }
  async function close(): Promise<void> {
    await Promise.allSettled(searches);
    await session.release();
    await folder.close();
  }
  const index: VectorIndex & Closable = {
    embedderId,
    size: count,
    idOf: (row) => folder.idOf(row),
    async search(queries, { limit, signal }) {
      signal?.throwIfAborted();
      if (closed) throw new RagInstructError("bad-option", "the index is closed; open it again to search it");
      checkQueries(queries, { limit, dimensions });
      const search = searchBlocks(queries, limit, signal);
      searches.add(search);
      try {
        return await search;
      } finally {
        searches.delete(search);
      }
    },
    close: () => (closed ??= close()),
    [Symbol.asyncDispose]: () => index.close(),
  };
  return index;
}

function slice({ data, count, dimensions }: Vectors, first: number): Vectors {
  const end = Math.min(count, first + queriesPerProduct);
  return { data: data.subarray(first * dimensions, end * dimensions), count: end - first, dimensions };
}

function checkQueries(queries: Vectors, { limit, dimensions }: { limit: number; dimensions: number }): void {
  if (!Number.isInteger(limit) || limit < 1) {
    throw new RagInstructError("bad-option", `limit is ${limit}; it must be 1 or more`);
  }
  if (queries.dimensions !== dimensions) {
    throw new RagInstructError(
      "index-mismatch",
      `the queries have ${queries.dimensions} dimensions and the index ${dimensions}; embed them with the model of the index`,
    );
  }
  const bad = queries.data.subarray(0, queries.count * dimensions).findIndex((number) => !Number.isFinite(number));
  if (bad >= 0) {
    const query = Math.floor(bad / dimensions);
    throw new RagInstructError("bad-input", `the vector of query ${query} holds ${queries.data[bad]}`);
  }
}
