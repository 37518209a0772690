import {
  type Closable,
  type Hits,
  mapOrdered,
  type OnProgress,
  RagInstructError,
  type VectorIndex,
  type Vectors,
} from "@rag-instruct/core";
import { openVectorFolder, type VectorFolder } from "@rag-instruct/core/vectors";
import { checkQueries, emptyHits } from "../../hits.ts";
import { copyLine, namesOf, type Postgres, type TableNames, type TablePlace } from "./connect.ts";

/** Options of {@link buildPgvectorIndex}. */
export interface BuildPgvectorOptions extends TablePlace {
  postgres: Postgres;
  /** A vector folder, as `embedPassages` writes it. */
  vectors: string;
  /** How numbers are kept: halfvec takes half the room. @default "halfvec" */
  type?: "halfvec" | "vector";
  /** Builds an HNSW graph for approximate search. @default none: searches are exact */
  hnsw?: { m?: number; efConstruction?: number };
  signal?: AbortSignal;
  onProgress?: OnProgress;
}

const rowsAtOnce = 2_000;

/**
 * Copies a vector folder into a table of PostgreSQL with pgvector, over all connections at once; cut short, it goes on
 * where it was. Throws `server-failed` without pgvector, and `index-mismatch` when the table holds vectors of another folder.
 */
export async function buildPgvectorIndex(options: BuildPgvectorOptions): Promise<{ rows: number; written: number }> {
  const { postgres, vectors, type = "halfvec", hnsw, signal, onProgress } = options;
  const names = namesOf(options);
  await using folder = await openVectorFolder(vectors, { signal });
  await begin(folder, { postgres, names, type, hnsw: hnsw !== undefined });
  const firsts = await postgres.query<{ first_row: number }>(`SELECT first_row FROM ${names.of("blocks")}`);
  const there = new Set(firsts.map(({ first_row }) => first_row));
  const sum = { rows: 0, written: 0 };

  async function copyBlock({ firstRow, count, lines }: BlockLines): Promise<number> {
    if (there.has(firstRow)) return count;
    await postgres.transaction(async (statements) => {
      await statements.copy(`COPY ${names.of()} (row, id, embedding) FROM STDIN`, lines);
      await statements.query(`INSERT INTO ${names.of("blocks")} VALUES ($1)`, [firstRow]);
    });
    sum.written += count;
    return count;
  }
  const copied = mapOrdered(blocksOf(folder, there, signal), copyBlock, {
    concurrency: postgres.connections,
    signal,
  });
  for await (const count of copied) {
    sum.rows += count;
    onProgress?.({ stage: "index", done: sum.rows, total: folder.count });
  }
  if (hnsw) await buildGraph(postgres, { names, type, ...hnsw });
  return sum;
}

/** Makes the tables, or checks that those that are there were begun with the same folder. */
async function begin(
  { embedderId, dimensions, count, corpus }: VectorFolder,
  { postgres, names, type, hnsw }: { postgres: Postgres; names: TableNames; type: string; hnsw: boolean },
): Promise<void> {
  await ensureExtension(postgres);
  for (const statement of [
    `CREATE SCHEMA IF NOT EXISTS ${names.schema}`,
    `CREATE TABLE IF NOT EXISTS ${names.of()} (row int PRIMARY KEY, id text NOT NULL, embedding ${type}(${dimensions}) NOT NULL)`,
    `CREATE TABLE IF NOT EXISTS ${names.of("blocks")} (first_row int PRIMARY KEY)`,
    `CREATE TABLE IF NOT EXISTS ${names.of("meta")} (embedder_id text, dimensions int, type text, count bigint, hnsw boolean, corpus text)`,
  ])
    await postgres.query(statement);
  const begun = await readMeta(postgres, names);
  if (!begun) {
    const values = [embedderId, dimensions, type, count, hnsw, corpus];
    await postgres.query(`INSERT INTO ${names.of("meta")} VALUES ($1, $2, $3, $4, $5, $6)`, values);
  } else if (begun.embedder_id !== embedderId || begun.corpus !== corpus || begun.type !== type) {
    throw new RagInstructError(
      "index-mismatch",
      `the table ${names.of()} holds ${begun.count} vectors of type ${begun.type} by ${begun.embedder_id}, and the folder ${count} of type ${type} by ${embedderId}, or of other passages; choose another table`,
    );
  } else if (hnsw) await postgres.query(`UPDATE ${names.of("meta")} SET hnsw = true`);
}

async function ensureExtension(postgres: Postgres): Promise<void> {
  try {
    await postgres.query("CREATE EXTENSION IF NOT EXISTS vector");
  } catch (cause) {
    throw new RagInstructError(
      "server-failed",
      `this PostgreSQL has no pgvector, or its user may not create it: ${(cause as Error).message}; install pgvector 0.8 and run CREATE EXTENSION vector`,
      { cause },
    );
  }
}

async function buildGraph(
  postgres: Postgres,
  {
    names,
    type,
    m = 16,
    efConstruction = 64,
  }: { names: TableNames; type: string; m?: number; efConstruction?: number },
): Promise<void> {
  for (const number of [m, efConstruction]) {
    if (!Number.isInteger(number) || number < 2 || number > 1000)
      throw new RagInstructError("bad-option", `${number} is out of range for HNSW: a whole number from 2 to 1000`);
  }
  const graph = names.of("hnsw").split(".")[1];
  await postgres.query(
    `CREATE INDEX IF NOT EXISTS ${graph} ON ${names.of()} USING hnsw (embedding ${type}_ip_ops) WITH (m = ${m}, ef_construction = ${efConstruction})`,
  );
}

interface BlockLines {
  firstRow: number;
  count: number;
  lines: string[];
}

/** The lines of each block, made at once: the folder reads the next block into the same memory. */
async function* blocksOf(
  folder: VectorFolder,
  there: ReadonlySet<number>,
  signal: AbortSignal | undefined,
): AsyncGenerator<BlockLines> {
  for await (const block of folder.blocks({ rows: rowsAtOnce, signal })) {
    const { firstRow, count } = block;
    yield { firstRow, count, lines: there.has(firstRow) ? [] : linesOf(block, firstRow, folder) };
  }
}

function linesOf(block: Vectors, firstRow: number, folder: VectorFolder): string[] {
  return Array.from({ length: block.count }, (_, i) => {
    const row = firstRow + i;
    return copyLine([row, folder.idOf(row), literalOf(block, i)], `the vector ${row}`);
  });
}

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
 * Searches by inner product. Exact without a graph, approximate with one. `idOf` knows only rows that a search has found.
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
      const worker = async (): Promise<void> => {
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
      await Promise.all(Array.from({ length: postgres.connections }, worker));
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
  // Exact scores need the query in full precision; the graph serves only queries of its own type.
  const kept = approximate ? "embedding" : `embedding::vector(${dimensions})`;
  const product = `${kept} <#> $1::${approximate ? type : "vector"}(${dimensions})`;
  const text = `SELECT row, id, -(${product}) AS score FROM ${names.of()} ORDER BY ${product}${approximate ? "" : ", row"} LIMIT $2`;
  return (query, { limit, signal }) =>
    postgres.transaction(
      async (statements) => {
        if (approximate) {
          const breadth = String(Math.min(1000, Math.max(efSearch, limit)));
          await statements.query("SELECT set_config('hnsw.ef_search', $1, true)", [breadth]);
          // More hits than `ef_search` are found by scanning the graph repeatedly.
          await statements.query("SET LOCAL hnsw.iterative_scan = strict_order");
        }
        return statements.query<Found>(text, [query, limit]);
      },
      { signal },
    );
}

/** What the table beside the vectors says of them. */
interface Meta {
  embedder_id: string;
  dimensions: number;
  type: "halfvec" | "vector";
  count: string | number;
  hnsw: boolean;
  corpus: string;
}

/** Reads what an index says of itself; undefined when it has not been begun. Rejects when there is no such table. */
async function readMeta(postgres: Postgres, names: TableNames): Promise<Meta | undefined> {
  const [meta] = await postgres.query<Meta>(`SELECT * FROM ${names.of("meta")}`);
  return meta;
}

/** A row as pgvector writes it. */
function literalOf({ data, dimensions }: Vectors, row: number): string {
  return `[${data.subarray(row * dimensions, (row + 1) * dimensions).join(",")}]`;
}
