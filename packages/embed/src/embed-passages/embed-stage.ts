import { rename, rm } from "node:fs/promises";
import { amount, type Embedder, hashOf, type PassageStore, type Progress } from "@rag-instruct/core";
import { type RunContext, type RunFolder, removePartials, type Stage, type StageTools } from "@rag-instruct/core/node";
import { importEmbeddings } from "../import/import-embeddings.ts";
import { embedPassages } from "./embed-passages.ts";

// Small enough that little is embedded again after a crash, large enough for few files.
const shardRows = 4_096;

/** Options of {@link embedStage}. */
export interface EmbedStageOptions<Context> {
  /** What identifies the model, and vectors that are there already. */
  inputs: Stage["inputs"];
  /** Folder of the vectors in the run folder. @default "embeddings" */
  to?: string;
  openEmbedder(context: Context): Promise<Embedder & AsyncDisposable>;
  openPassages(folder: RunFolder): Promise<PassageStore & AsyncDisposable>;
  /** Files and folders with the vectors, where they are there already. @default passages are embedded */
  vectors?: () => Promise<string[]>;
  /** Batches embedded at the same time. @default 1 */
  concurrency?: (context: Context) => number;
}

/**
 * The stage of a run that makes passages to a vector folder, or vectors that are there already into it, checked against the passages.
 * Shards that an interruption left are kept if they are of the same passages.
 */
export function embedStage<Context extends RunContext & StageTools>(
  options: EmbedStageOptions<Context>,
): Stage<Context> {
  const { inputs, to: vectorFolder = "embeddings" } = options;
  return {
    name: "embed",
    needs: ["ingest"],
    inputs,
    outputs: [vectorFolder],
    stakes: {
      causes: { "*": "the embedding model is another" },
      async lost({ folder, isOther }) {
        const { counts } = folder.last("embed") ?? {};
        // An import that did not come to its end has computed nothing.
        const isNothing = !counts && folder.begun("embed")?.inputs.vectors !== undefined;
        return isOther && !isNothing ? [`the vectors of ${amount(counts?.passages ?? 0, "passage")}`] : [];
      },
    },
    async run(context) {
      const { folder, signal, onProgress, replacing } = context;
      await using embedder = await options.openEmbedder(context);
      await using store = await options.openPassages(folder);
      const corpus = Object.values(await folder.describe(["corpus.sqlite"]));
      const origin = [embedder.id, corpus, ...(options.vectors ? ["import"] : [])];
      const partial = `${vectorFolder}-${hashOf(origin).slice(0, 12)}.partial`;
      await removePartials(folder, vectorFolder, partial);
      const to = folder.path(partial);
      let cut = 0;
      if (options.vectors) {
        await rm(to, { recursive: true, force: true });
        const passages = { size: store.size, all: () => store.all() };
        const seen = (progress: Progress) => onProgress({ ...progress, stage: "embed", total: store.size });
        await importEmbeddings({ from: await options.vectors(), to, passages, embedder, signal, onProgress: seen });
      } else {
        const [concurrency, total] = [options.concurrency?.(context), store.size];
        const made = await embedPassages({
          passages: store.all(),
          embedder,
          to,
          shardRows,
          concurrency,
          total,
          onProgress,
          signal,
        });
        cut = made.cut ?? 0;
      }
      await replacing();
      await rm(folder.path(vectorFolder), { recursive: true, force: true });
      await rename(to, folder.path(vectorFolder));
      const note = cut > 0 ? `${amount(cut, "passage")} cut to what the model takes` : undefined;
      return { counts: { passages: store.size, dimensions: embedder.dimensions }, note };
    },
  };
}
