import type { Retriever } from "@rag-instruct/core";
import { openPassageStore } from "@rag-instruct/corpus";
import { bm25Retriever, buildBm25Index, openBm25Index } from "@rag-instruct/retrieve";
import type { RunFolder } from "../run-folder.ts";
import type { Stage } from "../stage.ts";

const indexFolder = "bm25";

/** Passages to the BM25 index in `bm25/`. */
export function indexStage(): Stage {
  return {
    name: "index",
    inputs: { kind: "bm25", k1: 0.9, b: 0.4, analyzer: "english" },
    outputs: [`${indexFolder}/manifest.json`],
    async run({ folder, signal, onProgress }) {
      await using store = await openPassageStore(folder.path("corpus.sqlite"), { readOnly: true });
      await buildBm25Index({
        passages: store.all(),
        to: folder.path(indexFolder),
        k1: 0.9,
        b: 0.4,
        analyzer: "english",
        onProgress,
        ...(signal ? { signal } : {}),
      });
      return { counts: { passages: store.size } };
    },
  };
}

/** The run's retriever, closed with the scope that holds it. */
export async function openRetriever(folder: RunFolder): Promise<Retriever & AsyncDisposable> {
  const passages = await openPassageStore(folder.path("corpus.sqlite"), { readOnly: true });
  const index = await openBm25Index(folder.path(indexFolder));
  const retriever = bm25Retriever({ index, passages });
  return {
    id: retriever.id,
    retrieve: (queries, options) => retriever.retrieve(queries, options),
    async [Symbol.asyncDispose]() {
      await index.close();
      await passages.close();
    },
  };
}
