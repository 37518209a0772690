import { readFile } from "node:fs/promises";
import { type PassageStore, RagInstructError, type Retriever, type VectorIndex } from "@rag-instruct/core";
import { openPassageStore } from "@rag-instruct/corpus";
import { bm25Retriever, denseRetriever, hybridRetriever, openBm25Index, openVectorIndex } from "@rag-instruct/retrieve";
import type { Postgres } from "@rag-instruct/retrieve/pgvector";
import type { PostgresChoice } from "../config/choices.ts";
import type { ResolvedConfig } from "../config/schema.ts";
import type { RunCalls, RunWorkers } from "./calls.ts";
import { indexFolder, type RunFolder, sharedFile, vectorFolder } from "./folder.ts";
import { openEmbedder } from "./models.ts";

type Choice = Pick<ResolvedConfig, "retrieval" | "embeddings" | "postgres">;

interface Context {
  folder: RunFolder;
  calls: Pick<RunCalls, "open">;
  workers?: RunWorkers;
  signal?: AbortSignal;
}

/** The retriever of a run folder that is indexed (and embedded), closed with the scope that holds it. */
export async function openRetriever(config: Choice, context: Context): Promise<Retriever & AsyncDisposable> {
  const { retrieval } = config;
  const opened: AsyncDisposable[] = [];
  const close = async () => {
    for (const each of opened.toReversed()) await each[Symbol.asyncDispose]();
  };
  try {
    const passages = await openPassages(config, context.folder);
    opened.push(passages);
    const retrievers: Retriever[] = [];
    if (retrieval !== "dense") {
      const index = await openBm25Index(context.folder.path(indexFolder));
      opened.push(index);
      retrievers.push(bm25Retriever({ index, passages }));
    }
    if (retrieval !== "bm25") retrievers.push(await openDense(config, { passages, context, opened }));
    const retriever = retrievers.length > 1 ? hybridRetriever(retrievers) : retrievers[0]!;
    return {
      id: retriever.id,
      retrieve: (queries, options) => retriever.retrieve(queries, options),
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function openDense(
  { embeddings, postgres }: Choice,
  { passages, context, opened }: { passages: PassageStore; context: Context; opened: AsyncDisposable[] },
): Promise<Retriever> {
  const { folder, signal } = context;
  const index = postgres
    ? await openSharedVectors(postgres, folder)
    : await openVectorIndex({ vectors: folder.path(vectorFolder), signal });
  opened.push(index);
  const embedder = await openEmbedder(embeddings!, context);
  opened.push(embedder);
  return denseRetriever({ index, embedder, passages });
}

/** What of a run lies in PostgreSQL. */
export interface Shared {
  schema: string;
  passages: { table: string; count: number };
  vectors?: { table: string; embedderId: string };
}

/** The address of a choice. Throws `bad-option` where none is given. */
export function postgresAddress({ url = process.env.RAG_INSTRUCT_POSTGRES_URL }: PostgresChoice): string {
  if (url !== undefined) return url;
  throw new RagInstructError("bad-option", "name the PostgreSQL of the run: --postgres, or RAG_INSTRUCT_POSTGRES_URL");
}

/** Connects to the server of a choice. Throws as `connectPostgres` and {@link postgresAddress} do. */
export async function connectChoice(choice: PostgresChoice): Promise<Postgres> {
  const { connectPostgres } = await import("@rag-instruct/retrieve/pgvector");
  return connectPostgres(postgresAddress(choice), { connections: choice.connections });
}

/** The passages of a run: from PostgreSQL where it shares them, else from its folder. Throws `file-missing`. */
export async function openPassages(
  { postgres: choice }: Pick<ResolvedConfig, "postgres">,
  folder: RunFolder,
): Promise<PassageStore & AsyncDisposable> {
  if (!choice) return openPassageStore(folder.path("corpus.sqlite"), { readOnly: true });
  const { openPostgresPassages } = await import("@rag-instruct/retrieve/pgvector");
  const { schema, passages } = await readShared(folder);
  return onConnection(choice, async (postgres) => {
    const { size, get, all } = await openPostgresPassages({ postgres, schema, table: passages.table });
    if (size === passages.count) return { size, get, all };
    throw new RagInstructError(
      "file-missing",
      `${schema}.${passages.table} holds ${size} of ${passages.count} passages; remove ${folder.path(sharedFile)} and run again`,
    );
  });
}

/** The vectors of a run that shares them. Throws `file-missing`. */
async function openSharedVectors(choice: PostgresChoice, folder: RunFolder): Promise<VectorIndex & AsyncDisposable> {
  const { openPgvectorIndex } = await import("@rag-instruct/retrieve/pgvector");
  const { schema, vectors } = await readShared(folder);
  if (!vectors) throw new RagInstructError("file-missing", "the run's vectors are not in PostgreSQL; run it once more");
  return onConnection(choice, (postgres) => openPgvectorIndex({ postgres, schema, table: vectors.table }));
}

async function readShared(folder: RunFolder): Promise<Shared> {
  return JSON.parse(await readFile(folder.path(sharedFile), "utf8"));
}

/** What is opened on a connection of its own, which is closed with it. */
async function onConnection<T extends object>(
  choice: PostgresChoice,
  open: (postgres: Postgres) => Promise<T>,
): Promise<T & AsyncDisposable> {
  const postgres = await connectChoice(choice);
  try {
    return { ...(await open(postgres)), [Symbol.asyncDispose]: () => postgres.close() };
  } catch (error) {
    await postgres.close();
    throw error;
  }
}
