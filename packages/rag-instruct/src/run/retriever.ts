import type { PassageStore, Retriever, VectorIndex } from "@rag-instruct/core";
import type { LazyCalls } from "@rag-instruct/core/calls";
import type { RunFolder } from "@rag-instruct/core/node";
import { openPassageStore } from "@rag-instruct/corpus";
import { openRetriever, openVectorEngine } from "@rag-instruct/retrieve";
import { connectChoice, type PostgresChoice } from "@rag-instruct/retrieve/options";
import type { RunWorkers } from "@rag-instruct/workers";
import { hasCorpus, type ResolvedConfig } from "../config/schema.ts";
import { openEmbedder, type Paying } from "./models.ts";

/** The retriever of a config that has one or a corpus; undefined where exemplars bring their documents. */
export async function openAnyRetriever(
  config: ResolvedConfig,
  context: Context,
): Promise<(Retriever & AsyncDisposable) | undefined> {
  return hasCorpus(config) || config.retriever ? openFolderRetriever(config, context) : undefined;
}

type Choice = Pick<ResolvedConfig, "retrieval" | "engine" | "retriever" | "embeddings" | "postgres">;

interface Context extends Pick<Paying, "kept"> {
  folder: RunFolder;
  calls: Pick<LazyCalls, "open">;
  workers?: RunWorkers;
  signal?: AbortSignal;
}

/** The retriever of a config, or that of a run folder that is indexed (and embedded), closed with the scope that holds it. */
export async function openFolderRetriever(config: Choice, context: Context): Promise<Retriever & AsyncDisposable> {
  const { retrieval, engine, embeddings, postgres, retriever: own } = config;
  const { folder, signal } = context;
  // Whoever made it closes it.
  if (own) return { ...ownRetriever(own), [Symbol.asyncDispose]: async () => {} };
  const places = { vectors: folder.path(vectorFolder), index: folder.path(engineFolder), signal };
  const vectors = () =>
    engine.engine === "pgvector" ? openVectors(postgres!, folder) : openVectorEngine(engine, places);
  // The key of its stage has the model's files in it.
  const embedder = () => openEmbedder(embeddings!, { ...context, knownAs: folder.last("embed")?.key });
  return openRetriever({
    passages: () => openPassages(config, folder),
    bm25: retrieval === "dense" ? undefined : folder.path(indexFolder),
    dense: retrieval === "bm25" ? undefined : { vectors, embedder },
    signal,
  });
}

function ownRetriever(own: Retriever): Retriever {
  return { id: own.id, retrieve: (queries, options) => own.retrieve(queries, options) };
}

/** The passages of a run: from PostgreSQL where it shares them, else from its folder. Throws `file-missing`. */
export async function openPassages(
  { postgres }: Pick<ResolvedConfig, "postgres">,
  folder: RunFolder,
): Promise<PassageStore & AsyncDisposable> {
  if (!postgres) return openPassageStore(folder.path("corpus.sqlite"), { readOnly: true });
  const { openSharedPassages } = await import("@rag-instruct/retrieve/pgvector");
  return openSharedPassages(() => connectChoice(postgres), folder.path(sharedFile));
}

/** The vectors of a run that shares them. Throws `file-missing`. */
async function openVectors(postgres: PostgresChoice, folder: RunFolder): Promise<VectorIndex & AsyncDisposable> {
  const { openSharedVectors } = await import("@rag-instruct/retrieve/pgvector");
  return openSharedVectors(() => connectChoice(postgres), folder.path(sharedFile));
}

/** Name of the vector folder in a run folder. */
export const vectorFolder = "embeddings";

/** Name of the index of an engine that searches one of its own, in a run folder. */
export const engineFolder = "vector-index";

/** Name of the BM25 index in a run folder. */
export const indexFolder = "bm25";

/** Name of the file in a run folder that says what of it lies in PostgreSQL. It holds no address. */
export const sharedFile = "postgres.json";
