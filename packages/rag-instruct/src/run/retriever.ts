import { readFile } from "node:fs/promises";
import { type PassageStore, RagInstructError, type Retriever, type VectorIndex } from "@rag-instruct/core";
import type { LazyCalls } from "@rag-instruct/core/calls";
import type { RunFolder } from "@rag-instruct/core/node";
import { openPassageStore } from "@rag-instruct/corpus";
import { bm25Retriever, denseRetriever, hybridRetriever, openBm25Index, openVectorIndex } from "@rag-instruct/retrieve";
import type { Postgres, SharedCorpus } from "@rag-instruct/retrieve/pgvector";
import type { RunWorkers } from "@rag-instruct/workers";
import type { PostgresChoice } from "../config/choices.ts";
import type { ResolvedConfig } from "../config/schema.ts";
import { indexFolder, sharedFile, vectorFolder } from "./folder.ts";
import { openEmbedder } from "./models.ts";

type Choice = Pick<ResolvedConfig, "retrieval" | "embeddings" | "postgres">;

interface Context {
  folder: RunFolder;
  calls: Pick<LazyCalls, "open">;
  workers?: RunWorkers;
  signal?: AbortSignal;
}

/** The retriever of a run folder that is indexed (and embedded), closed with the scope that holds it. */
export async function openRetriever(config: Choice, context: Context): Promise<Retriever & AsyncDisposable> {
  const { retrieval, embeddings, postgres } = config;
  const { folder, signal } = context;
  const opened: AsyncDisposable[] = [];
  const close = async () => {
    for (const each of opened.toReversed()) await each[Symbol.asyncDispose]();
  };
  async function use<T extends AsyncDisposable>(opening: Promise<T>): Promise<T> {
    const thing = await opening;
    opened.push(thing);
    return thing;
  }
  try {
    const passages = await use(openPassages(config, folder));
    const retrievers: Retriever[] = [];
    if (retrieval !== "dense") {
      const index = await use(openBm25Index(folder.path(indexFolder)));
      retrievers.push(bm25Retriever({ index, passages }));
    }
    if (retrieval !== "bm25") {
      const vectors: Promise<VectorIndex & AsyncDisposable> = postgres
        ? openSharedVectors(postgres, folder)
        : openVectorIndex({ vectors: folder.path(vectorFolder), signal });
      const index = await use(vectors);
      const embedder = await use(openEmbedder(embeddings!, context));
      retrievers.push(denseRetriever({ index, embedder, passages }));
    }
    const { id, retrieve } = retrievers.length > 1 ? hybridRetriever(retrievers) : retrievers[0]!;
    return { id, retrieve, [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
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
  const { openSharedPassages } = await import("@rag-instruct/retrieve/pgvector");
  const shared = await readShared(folder);
  return onConnection(choice, (postgres) => openSharedPassages(postgres, shared));
}

/** The vectors of a run that shares them. Throws `file-missing`. */
async function openSharedVectors(choice: PostgresChoice, folder: RunFolder): Promise<VectorIndex & AsyncDisposable> {
  const { openPgvectorIndex } = await import("@rag-instruct/retrieve/pgvector");
  const { schema, vectors } = await readShared(folder);
  if (!vectors) throw new RagInstructError("file-missing", "the run's vectors are not in PostgreSQL; run it once more");
  return onConnection(choice, (postgres) => openPgvectorIndex({ postgres, schema, table: vectors.table }));
}

async function readShared(folder: RunFolder): Promise<SharedCorpus> {
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
