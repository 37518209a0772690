import { type Closable, type Hits, RagInstructError, type VectorIndex } from "@rag-instruct/core";
import { checkQueries } from "../../check-queries.ts";
import { emptyHits } from "../../dense/running-best.ts";
import type { Postgres } from "./connect.ts";
import { literalOf, type Meta, readMeta } from "./index-meta.ts";
import { namesOf, type TableNames, type TablePlace } from "./names.ts";

/** Options of {@link openPgvectorIndex}. */
export interface OpenPgvectorOptions extends TablePlace {
  postgres: Postgres;
  /** Whether to scan all rows even where there is a graph. @default false */
  exact?: boolean;
  /** Candidates that the search of the graph keeps, up to 1,000; at least the depth asked for. @default 400 */
  efSearch?: number;
}

interface Found {
  row: number;
  id: string;
  score: number;
}

type SearchOne = (query: string, options: { limit: number; signal: AbortSignal | undefined }) => Promise<Found[]>;

/**
 * Searches by inner product. Exact without a graph; with one, approximate. Ids of found rows are kept, others are not known.
 * Throws `file-missing` when the table is not there or not finished.
 */
export async function openPgvectorIndex(options: OpenPgvectorOptions): Promise<VectorIndex & Closable> {
  const { postgres } = options;
  const names = namesOf(options);
  const meta = await readMeta(postgres, names).catch(() => undefined);
  const [held] = meta ? await postgres.query<{ count: string }>(`SELECT count(*) AS count FROM ${names.of()}`) : [];
  if (!meta || Number(held?.count) !== Number(meta.count)) {
    throw new RagInstructError(
      "file-missing",
      `${names.of()} holds no finished index; run buildPgvectorIndex to its end`,
    );
  }
  const searchOne = statementsOf(meta, { ...options, names });
  const ids = new Map<number, string>();
  let closed = false;

  const index: VectorIndex & Closable = {
    embedderId: meta.embedder_id,
    corpus: meta.corpus,
    size: Number(meta.count),
    idOf(row) {
      const id = ids.get(row);
      if (id !== undefined) return id;
      throw new RagInstructError("bad-input", `row ${row} is not one that a search of this index has found`);
    },
    async search(queries, { limit, signal }): Promise<Hits> {
      signal?.throwIfAborted();
      if (closed) throw new RagInstructError("bad-option", "the index is closed; open it again to search it");
      checkQueries(queries, { limit, dimensions: meta.dimensions });
      const hits = emptyHits(queries.count, limit);
      let next = 0;
      const lane = async (): Promise<void> => {
        for (let query = next++; query < queries.count; query = next++) {
          signal?.throwIfAborted();
          const found = await searchOne(literalOf(queries, query), { limit, signal });
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
    async close() {
      closed = true;
      ids.clear();
    },
    [Symbol.asyncDispose]: () => index.close(),
  };
  return index;
}

function statementsOf(
  { dimensions, type, hnsw }: Meta,
  { postgres, names, exact = false, efSearch = 400 }: OpenPgvectorOptions & { names: TableNames },
): SearchOne {
  const approximate = hnsw && !exact;
  // Exact scores need the query as it is; the graph holds for queries of its own type alone.
  const kept = approximate ? "embedding" : `embedding::vector(${dimensions})`;
  const product = `${kept} <#> $1::${approximate ? type : "vector"}(${dimensions})`;
  const text = `SELECT row, id, -(${product}) AS score FROM ${names.of()} ORDER BY ${product}${approximate ? "" : ", row"} LIMIT $2`;
  return (query, { limit, signal }) =>
    postgres.transaction(
      async (statements) => {
        if (approximate) {
          const breadth = String(Math.min(1000, Math.max(efSearch, limit)));
          await statements.query("SELECT set_config('hnsw.ef_search', $1, true)", [breadth]);
          // A depth beyond what one pass of the graph keeps is reached by further passes.
          await statements.query("SET LOCAL hnsw.iterative_scan = strict_order");
        }
        return statements.query<Found>(text, [query, limit]);
      },
      signal ? { signal } : {},
    );
}
