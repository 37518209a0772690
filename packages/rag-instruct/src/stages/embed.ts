import { readdir, rename, rm } from "node:fs/promises";
import { hashOf } from "@rag-instruct/core";
import { openPassageStore } from "@rag-instruct/corpus";
import { embedPassages } from "@rag-instruct/embed";
import type { EmbeddingChoice, ResolvedConfig } from "../config.ts";
import { describeEmbedding, openEmbedder } from "../embedder.ts";
import type { RunFolder } from "../run-folder.ts";
import type { Stage } from "../stage.ts";

/** Name of the vector folder in the run folder. */
export const vectorFolder = "embeddings";

/** Passages to vectors in `embeddings/`. Shards that an interruption left are gone on with, if they are of the same passages. */
export function embedStage({
  embeddings,
  concurrency,
}: Pick<ResolvedConfig, "concurrency"> & { embeddings: EmbeddingChoice }): Stage {
  return {
    name: "embed",
    needs: ["ingest"],
    inputs: () => describeEmbedding(embeddings),
    outputs: [vectorFolder],
    async run({ folder, signal, onProgress, calls, workers }) {
      await using embedder = await openEmbedder(embeddings, { calls, signal, onProgress, workers });
      await using store = await openPassageStore(folder.path("corpus.sqlite"), { readOnly: true });
      const corpus = Object.values(await folder.describe(["corpus.sqlite"]));
      const partial = `${vectorFolder}-${hashOf([embedder.id, corpus]).slice(0, 12)}.partial`;
      await removeOthers(folder, partial);
      const { embedded, reused, dimensions } = await embedPassages({
        passages: store.all(),
        embedder,
        to: folder.path(partial),
        shardRows,
        concurrency: workers ? concurrency : 1,
        total: store.size,
        onProgress,
        signal,
      });
      await rm(folder.path(vectorFolder), { recursive: true, force: true });
      await rename(folder.path(partial), folder.path(vectorFolder));
      return { counts: { passages: embedded + reused, dimensions } };
    },
  };
}

// Small enough that little is embedded again after a crash, large enough for few files.
const shardRows = 4_096;

async function removeOthers(folder: RunFolder, kept: string): Promise<void> {
  for (const name of await readdir(folder.path())) {
    const isLeft = new RegExp(`^${vectorFolder}-[0-9a-f]+\\.partial$`).test(name);
    if (isLeft && name !== kept) await rm(folder.path(name), { recursive: true });
  }
}
