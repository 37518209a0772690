import type { PassageStore, Retriever } from "@rag-instruct/core";
import { bm25Retriever, denseRetriever, hybridRetriever, openBm25Index, openVectorIndex } from "@rag-instruct/retrieve";
import type { ResolvedConfig } from "./config.ts";
import { openEmbedder } from "./embedder.ts";
import { openPassages, openSharedVectors } from "./postgres.ts";
import type { RunCalls } from "./run-calls.ts";
import type { StageContext } from "./stage.ts";
import { indexFolder } from "./stages/build-index.ts";
import { vectorFolder } from "./stages/embed.ts";

type Choice = Pick<ResolvedConfig, "retrieval" | "embeddings" | "postgres">;
type Context = Pick<StageContext, "folder" | "signal"> &
  Partial<Pick<StageContext, "workers">> & { calls: Pick<RunCalls, "open"> };

/** The retriever of a run folder that is indexed (and embedded), closed with the scope that holds it. */
export async function openRetriever(config: Choice, context: Context): Promise<Retriever & AsyncDisposable> {
  const { retrieval } = config;
  const held: AsyncDisposable[] = [];
  const close = async () => {
    for (const each of held.toReversed()) await each[Symbol.asyncDispose]();
  };
  try {
    const passages = await openPassages(config, context.folder);
    held.push(passages);
    const retrievers: Retriever[] = [];
    if (retrieval !== "dense") {
      const index = await openBm25Index(context.folder.path(indexFolder));
      held.push(index);
      retrievers.push(bm25Retriever({ index, passages }));
    }
    if (retrieval !== "bm25") retrievers.push(await openDense(config, { passages, context, held }));
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
  { passages, context, held }: { passages: PassageStore; context: Context; held: AsyncDisposable[] },
): Promise<Retriever> {
  const { folder, signal } = context;
  const index = postgres
    ? await openSharedVectors(postgres, folder)
    : await openVectorIndex({ vectors: folder.path(vectorFolder), signal });
  held.push(index);
  const embedder = await openEmbedder(embeddings!, context);
  held.push(embedder);
  return denseRetriever({ index, embedder, passages });
}
