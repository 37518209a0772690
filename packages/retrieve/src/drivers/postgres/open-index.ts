import { type Closable, type Hits, RagInstructError, type VectorIndex, type Vectors } from "@rag-instruct/core";
import { emptyHits } from "../../dense/running-best.ts";
import type { Postgres } from "./connect.ts";
import { literalOf, readMeta } from "./index-meta.ts";
import { namesOf, type TablePlace } from "./names.ts";

/** Options of {@link openPgvectorIndex}. */
export interface OpenPgvectorOptions extends TablePlace {
  postgres: Postgres;
  /** Whether to scan all rows even where there is a graph. @default false */
  exact?: boolean;
  /** Candidates that the search of the graph keeps, up to 1,000; at least the depth asked for. @default 400 */
  efSearch?: number;
}

/**
 * Searches by inner product. Exact without a graph; with one, approximate. Ids of found rows are kept, others are not known.
 * Throws `file-missing` when the table is not there or not finished.
 */
export async function openPgvectorIndex(options: OpenPgvectorOptions): Promise<VectorIndex & Closable> {
  const { postgres, exact = false, efSearch = 400 } = options;
  const names = namesOf(options);
  const meta = await readMeta(postgres, names).catch(() => undefined);
  const [held] = meta ? await postgres.query<{ count: string }>(`SELECT count(*) AS count FROM ${names.of()}`) : [];
  if (!meta || Number(held?.count) !== Number(meta.count)) {
    throw new RagInstructError(
      "file-missing",
      `${names.of()} holds no finished index; run buildPgvectorIndex to its end`,
    );
  }
  const { embedder_id: embedderId, dimensions, type } = meta;
  const size = Number(meta.count);
  const ids = new Map<number, string>();

  const approximate = meta.hnsw && !exact;
  // Exact scores need the query as it is; the graph holds for queries of its own type alone.
  const kept = approximate ? "embedding" : `embedding::vector(${dimensions})`;
  const product = `${kept} <#> $1::${approximate ? type : "vector"}(${dimensions})`;
  const text = `SELECT row, id, -(${product}) AS score FROM ${names.of()} ORDER BY ${product}${approximate ? "" : ", row"} LIMIT $2`;

  async function searchOne(query: string, limit: number): Promise<{ row: number; id: string; score: number }[]> {
    if (!approximate) return postgres.query(text, [query, limit]);
    return postgres.transaction(async (statements) => {
      const breadth = String(Math.min(1000, Math.max(efSearch, limit)));
      await statements.query("SELECT set_config('hnsw.ef_search', $1, true)", [breadth]);
      // A depth beyond what one pass of the graph keeps is reached by further passes.
      await statements.query("SET LOCAL hnsw.iterative_scan = strict_order");
      return statements.query(text, [query, limit]);
    });
  }
  const index: VectorIndex & Closable = {
    embedderId,
    size,
    idOf(row) {
      const id = ids.get(row);
      if (id !== undefined) return id;
      throw new RagInstructError("bad-input", `row ${row} is not one that a search of this index has found`);
    },
    async search(queries, { limit, signal }): Promise<Hits> {
      checkQueries(queries, dimensions);
      const hits = emptyHits(queries.count, limit);
      const literals = Array.from({ length: queries.count }, (_, i) => literalOf(queries, i));
      let next = 0;
      const lane = async (): Promise<void> => {
        for (let query = next++; query < literals.length; query = next++) {
          signal?.throwIfAborted();
          const found = await searchOne(literals[query]!, limit);
          for (const [rank, { row, id, score }] of found.entries()) {
            ids.set(row, id);
            hits.rows[query * limit + rank] = row;
            hits.scores[query * limit + rank] = score;
          }
        }
      };
      await Promise.all(Array.from({ length: postgres.connections }, lane));
      return hits;
    },
    close: async () => {},
    [Symbol.asyncDispose]: async () => {},
  };
  return index;
}

function checkQueries({ data, count, dimensions }: Vectors, expected: number): void {
  if (dimensions !== expected) {
    throw new RagInstructError(
      "index-mismatch",
      `the queries have ${dimensions} dimensions and the index ${expected}; embed them with the model of the index`,
    );
  }
  const bad = data.subarray(0, count * dimensions).findIndex((number) => !Number.isFinite(number));
  if (bad >= 0) {
    throw new RagInstructError("bad-input", `the vector of query ${Math.floor(bad / dimensions)} holds ${data[bad]}`);
  }
}
