import type { Embedder, PassageStore, Retriever, VectorIndex } from "@rag-instruct/core";
import { openBm25Index } from "./bm25/open-index.ts";
import { openVectorIndex } from "./dense/vector-index.ts";
import { hybridRetriever } from "./fusion.ts";
import { bm25Retriever, denseRetriever } from "./retrievers.ts";

type Opened<T> = Promise<T & AsyncDisposable>;

/** Options of {@link openRetriever}. */
export interface OpenRetrieverOptions {
  /** Opens the passages. */
  passages: () => Opened<PassageStore>;
  /** Folder of a BM25 index. @default passages are not ranked by words */
  bm25?: string;
  /** A vector folder, or what opens another index of vectors, and what opens the embedder of queries. @default none are ranked by vectors */
  dense?: { vectors: string | (() => Opened<VectorIndex>); embedder: () => Opened<Embedder> };
  signal?: AbortSignal;
}

/**
 * Opens what ranks passages by words, by vectors, or by both, which reciprocal ranks then fuse. All that was opened is closed with it, and
 * at once where one of its parts cannot be opened. Throws what opening and the retrievers throw.
 */
export async function openRetriever(options: OpenRetrieverOptions): Promise<Retriever & AsyncDisposable> {
  const { bm25, dense, signal } = options;
  const opened: AsyncDisposable[] = [];
  const close = async () => {
    for (const each of opened.splice(0).toReversed()) await each[Symbol.asyncDispose]();
  };
  async function use<T>(opening: Opened<T>): Promise<T> {
    const thing = await opening;
    opened.push(thing);
    return thing;
  }
  try {
    const passages = await use(options.passages());
    const retrievers: Retriever[] = [];
    if (bm25 !== undefined) retrievers.push(bm25Retriever({ index: await use(openBm25Index(bm25)), passages }));
    if (dense) {
      const { vectors, embedder } = dense;
      const index = await use<VectorIndex>(
        typeof vectors === "string" ? openVectorIndex({ vectors, signal }) : vectors(),
      );
      retrievers.push(denseRetriever({ index, embedder: await use(embedder()), passages }));
    }
    const { id, retrieve } = retrievers.length > 1 ? hybridRetriever(retrievers) : retrievers[0]!;
    return { id, retrieve, [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}
