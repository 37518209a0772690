import { hashOf, type OnProgress, type PassageStore, RagInstructError, type VectorIndex } from "@rag-instruct/core";
import { readVectorManifest } from "@rag-instruct/core/vectors";
import type { Postgres } from "./connect.ts";
import { openPostgresPassages } from "./passages.ts";
import { buildPgvectorIndex, openPgvectorIndex } from "./vectors.ts";

/** Where the passages of a run, and perhaps its vectors, lie in PostgreSQL. It holds no address. */
export interface SharedCorpus {
  schema: string;
  passages: { table: string; count: number };
  vectors?: { table: string; embedderId: string };
}

/** Options of {@link shareCorpus}. */
export interface ShareCorpusOptions {
  postgres: Postgres;
  /** @default "public" */
  schema?: string;
  /** Table of the passages, whose name begins that of the vectors. */
  table: string;
  passages: PassageStore;
  /** A vector folder of the same passages. @default passages alone are copied */
  vectors?: string;
  /** Whether vectors are searched by an HNSW graph, approximately. @default false */
  hnsw?: boolean;
  signal?: AbortSignal;
  /** Its `note` says whether passages or vectors are copied. */
  onProgress?: OnProgress;
}

/**
 * Copies passages, and their vectors, into tables over all connections at once; what is there from an earlier copy, of this machine or
 * another, is not copied again. Gives where they lie, how many passages were copied, and how many vectors there are. Throws
 * `index-mismatch` where the table holds another number of passages, and what `openPostgresPassages` and `buildPgvectorIndex` throw.
 */
export async function shareCorpus(
  options: ShareCorpusOptions,
): Promise<{ shared: SharedCorpus; copied: number; vectors: number }> {
  const { postgres, schema = "public", table, passages, hnsw = false, signal, onProgress = () => {} } = options;
  const count = passages.size;
  const there = await openPostgresPassages({ postgres, schema, table });
  const { written } = await there.add(passages.all(), {
    signal,
    onProgress: ({ done }) => onProgress({ stage: "share", done, total: count, note: "passages" }),
  });
  if (there.size !== count) {
    const message = `${schema}.${table} has ${there.size} passages and this corpus has ${count}; choose another table`;
    throw new RagInstructError("index-mismatch", message);
  }
  const shared: SharedCorpus = { schema, passages: { table, count } };
  if (options.vectors === undefined) return { shared, copied: written, vectors: 0 };
  const { embedderId } = await readVectorManifest(options.vectors);
  shared.vectors = { table: `${table}_${hashOf(embedderId).slice(0, 12)}`, embedderId };
  const { rows } = await buildPgvectorIndex({
    postgres,
    schema,
    table: shared.vectors.table,
    vectors: options.vectors,
    hnsw: hnsw ? {} : undefined,
    signal,
    onProgress: (progress) => onProgress({ ...progress, stage: "share", note: "vectors" }),
  });
  return { shared, copied: written, vectors: rows };
}

/**
 * The passages of a shared corpus, on a connection of their own that is closed with them. Throws `file-missing` where the table does not
 * hold all of them any more.
 */
export async function openSharedPassages(
  connect: () => Promise<Postgres>,
  { schema, passages: { table, count } }: SharedCorpus,
): Promise<PassageStore & AsyncDisposable> {
  return onConnection(connect, async (postgres) => {
    const { size, get, all } = await openPostgresPassages({ postgres, schema, table });
    if (size === count) return { size, get, all };
    const message = `${schema}.${table} holds ${size} of ${count} passages; copy them once more`;
    throw new RagInstructError("file-missing", message);
  });
}

/** The vectors of a shared corpus, on a connection of their own that is closed with them. Throws `file-missing` where it has none. */
export async function openSharedVectors(
  connect: () => Promise<Postgres>,
  { schema, vectors }: SharedCorpus,
): Promise<VectorIndex & AsyncDisposable> {
  if (!vectors) throw new RagInstructError("file-missing", "the run's vectors are not in PostgreSQL; run it once more");
  return onConnection(connect, (postgres) => openPgvectorIndex({ postgres, schema, table: vectors.table }));
}

async function onConnection<T extends object>(
  connect: () => Promise<Postgres>,
  open: (postgres: Postgres) => Promise<T>,
): Promise<T & AsyncDisposable> {
  const postgres = await connect();
  try {
    return { ...(await open(postgres)), [Symbol.asyncDispose]: () => postgres.close() };
  } catch (error) {
    await postgres.close();
    throw error;
  }
}
