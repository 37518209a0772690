import { readFile } from "node:fs/promises";
import { hashOf, type OnProgress, type PassageStore, RagInstructError, type VectorIndex } from "@rag-instruct/core";
import { type RunContext, type RunFolder, type Stage, type StageTools, writeAtomic } from "@rag-instruct/core/node";
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

/** Options of {@link shareStage}. */
export interface ShareStageOptions extends Pick<ShareCorpusOptions, "schema" | "hnsw"> {
  /** Address of the server: host, port and database say which place it is, another password is no other place. */
  url?: string;
  /** Table of the passages. @default one of their own, by what the stage `ingest` read and how */
  table?: string;
  /** How documents were read, as far as it decides the passages. */
  reading: Readonly<Record<string, unknown>>;
  /** Folder of the vectors in the run folder. @default passages alone are copied */
  vectors?: string;
  /** File in the run folder that says what lies where. It holds no address. @default "postgres.json" */
  to?: string;
  connect(): Promise<Postgres>;
  openPassages(folder: RunFolder): Promise<PassageStore & AsyncDisposable>;
}

/** The stage of a run that copies passages and vectors to PostgreSQL, as {@link shareCorpus} does. */
export function shareStage(options: ShareStageOptions): Stage<RunContext & StageTools> {
  const { schema = "public", hnsw = false, vectors: vectorFolder, to = "postgres.json" } = options;
  const isDense = vectorFolder !== undefined;
  return {
    name: "share",
    needs: isDense ? ["ingest", "embed"] : ["ingest"],
    inputs: { place: placeOf(options.url), schema, table: options.table, hnsw, isDense },
    keeps: ["place", "schema", "table", "hnsw", "isDense"],
    outputs: [to],
    async run({ folder, signal, onProgress, replacing }) {
      const made = hashOf([folder.last("ingest")?.inputs.files, options.reading]);
      const table = options.table ?? `corpus_${made.slice(0, 12)}`;
      await using postgres = await options.connect();
      await using passages = await options.openPassages(folder);
      const vectors = vectorFolder && folder.path(vectorFolder);
      const sharing = { postgres, schema, table, passages, vectors, hnsw, signal, onProgress };
      const { shared, ...copies } = await shareCorpus(sharing);
      await replacing();
      await writeAtomic(folder.path(to), `${JSON.stringify(shared, null, 2)}\n`);
      return { counts: { passages: passages.size, ...copies } };
    },
  };
}

function placeOf(url = ""): string {
  if (!URL.canParse(url)) return "";
  const { host, pathname } = new URL(url);
  return host + pathname;
}

/**
 * The passages of a shared corpus, on a connection of their own that is closed with them. Throws `file-missing` where the table does not
 * hold all of them any more.
 * @param file where a run keeps what it shares
 */
export async function openSharedPassages(
  connect: () => Promise<Postgres>,
  file: string,
): Promise<PassageStore & AsyncDisposable> {
  const { schema, passages } = await readShared(file);
  const { table, count } = passages;
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
  file: string,
): Promise<VectorIndex & AsyncDisposable> {
  const { schema, vectors } = await readShared(file);
  if (!vectors) throw new RagInstructError("file-missing", "the run's vectors are not in PostgreSQL; run it once more");
  return onConnection(connect, (postgres) => openPgvectorIndex({ postgres, schema, table: vectors.table }));
}

async function readShared(file: string): Promise<SharedCorpus> {
  return JSON.parse(await readFile(file, "utf8"));
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
