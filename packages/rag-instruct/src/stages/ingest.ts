import { RagInstructError } from "@rag-instruct/core";
import { ingest, openPassageStore } from "@rag-instruct/corpus";
import type { ResolvedConfig } from "../config.ts";
import type { Stage } from "../stage.ts";
import { fingerprint } from "./fingerprint.ts";

/** Documents to passages in `corpus.sqlite`. */
export async function ingestStage({ corpus, documents }: ResolvedConfig): Promise<Stage> {
  const { from, format, words } = corpus;
  return {
    name: "ingest",
    inputs: { files: await fingerprint(from), format, words, documents },
    outputs: ["corpus.sqlite"],
    async run({ folder, signal, onProgress }) {
      const to = folder.path("corpus.sqlite");
      const report = await ingest({ from, to, format, words, onProgress, ...(signal ? { signal } : {}) });
      await using store = await openPassageStore(to, { readOnly: true });
      if (store.size < documents) {
        throw new RagInstructError(
          "corpus-too-small",
          `the corpus has ${store.size} passages and a training example needs ${documents}; add documents, or lower --documents`,
        );
      }
      return { counts: { documents: report.documents, passages: store.size } };
    },
  };
}
