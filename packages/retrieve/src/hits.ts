import { type Hits, RagInstructError, type VectorIndex, type Vectors } from "@rag-instruct/core";

/** Hits without any row yet. */
export function emptyHits(queries: number, limit: number): Hits {
  return {
    queries,
    limit,
    rows: new Int32Array(queries * limit).fill(-1),
    scores: new Float32Array(queries * limit).fill(Number.NEGATIVE_INFINITY),
  };
}

/** The best rows of one block for each query: `limit` a query, best first. */
interface BlockHits {
  limit: number;
  rows: Int32Array;
  scores: Float32Array;
}

/**
 * Merges the hits of a block into those of the blocks before it; of equal scores the earlier row stands first.
 * @param options.firstQuery the query of `hits` that is the first one of the block's
 */
export function mergeHits(
  hits: Hits,
  block: BlockHits,
  { firstQuery, firstRow }: { firstQuery: number; firstRow: number },
): void {
  const { limit } = hits;
  const queries = block.rows.length / block.limit;
  const rows = new Int32Array(limit);
  const scores = new Float32Array(limit);
  for (let q = 0; q < queries; q++) {
    const start = (firstQuery + q) * limit;
    let [old, fresh] = [start, q * block.limit];
    const end = fresh + block.limit;
    for (let place = 0; place < limit; place++) {
      const takesOld = fresh === end || (hits.rows[old]! >= 0 && hits.scores[old]! >= block.scores[fresh]!);
      rows[place] = takesOld ? hits.rows[old]! : block.rows[fresh]! + firstRow;
      scores[place] = takesOld ? hits.scores[old++]! : block.scores[fresh++]!;
    }
    hits.rows.set(rows, start);
    hits.scores.set(scores, start);
  }
}

/**
 * Share of the hits of an exact index that another one of the same vectors finds as well (recall at `limit`), from 0 to 1.
 * Measure with queries as you will ask them.
 */
export async function recallOf({
  index,
  exact,
  queries,
  limit,
  signal,
}: {
  index: VectorIndex;
  exact: VectorIndex;
  queries: Vectors;
  limit: number;
  signal?: AbortSignal;
}): Promise<number> {
  const options = { limit, signal };
  return sharedHits(await index.search(queries, options), await exact.search(queries, options));
}

/** Share of the expected rows that are among the found ones of the same query; 1 where nothing is expected. */
export function sharedHits(found: Hits, expected: Hits): number {
  let [common, all] = [0, 0];
  for (let q = 0; q < expected.queries; q++) {
    const rows = new Set(found.rows.subarray(q * found.limit, (q + 1) * found.limit));
    for (const row of expected.rows.subarray(q * expected.limit, (q + 1) * expected.limit)) {
      if (row < 0) continue;
      all += 1;
      if (rows.has(row)) common += 1;
    }
  }
  return all === 0 ? 1 : common / all;
}

/** Throws `bad-option` for a limit that is no whole number above 0. */
export function checkLimit(limit: number): void {
  if (!Number.isInteger(limit) || limit < 1) {
    throw new RagInstructError("bad-option", `limit is ${limit}; it must be 1 or more`);
  }
}

/** Throws `bad-option` for a bad limit, `index-mismatch` for queries of other dimensions, and `bad-input` for numbers that are none. */
export function checkQueries(queries: Vectors, { limit, dimensions }: { limit: number; dimensions: number }): void {
  checkLimit(limit);
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
