import { openPassageStore } from "@rag-instruct/corpus";
import { buildBm25Index } from "@rag-instruct/retrieve";
import type { Stage } from "../stage.ts";

/** Name of the BM25 index in the run folder. */
export const indexFolder = "bm25";

/** Passages to the BM25 index in `bm25/`. */
export function indexStage(): Stage {
  return {
    name: "index",
    needs: ["ingest"],
    inputs: { kind: "bm25", k1: 0.9, b: 0.4, analyzer: "english" },
    outputs: [indexFolder],
    async run({ folder, signal, onProgress }) {
      await using store = await openPassageStore(folder.path("corpus.sqlite"), { readOnly: true });
      await buildBm25Index({
        passages: store.all(),
        to: folder.path(indexFolder),
        k1: 0.9,
        b: 0.4,
        analyzer: "english",
        onProgress,
        signal,
      });
      return { counts: { passages: store.size } };
    },
  };
}
