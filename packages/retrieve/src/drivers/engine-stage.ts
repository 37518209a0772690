import { rename, rm } from "node:fs/promises";
import type { Progress } from "@rag-instruct/core";
import { type RunContext, removePartials, type Stage, type StageTools } from "@rag-instruct/core/node";
import { buildVectorEngine } from "./vector-engines.ts";

/**
 * The stage of a run that makes vectors to the index of an engine that searches one of its own. A build that was interrupted goes on.
 * @param options.vectors folder of the vectors in the run folder. @default "embeddings"
 * @param options.to folder of the index in the run folder. @default "vector-index"
 */
export function engineStage(
  engine: Parameters<typeof buildVectorEngine>[0],
  { vectors = "embeddings", to = "vector-index" }: { vectors?: string; to?: string } = {},
): Stage<RunContext & StageTools> {
  const { library: _, ...inputs } = { library: undefined, ...engine };
  return {
    name: "engine",
    needs: ["ingest", "embed"],
    inputs,
    outputs: [to],
    stakes: { isUnedited: true },
    async run({ folder, key, signal, onProgress, replacing }) {
      const partial = `${to}-${key.slice(0, 12)}.partial`;
      await removePartials(folder, to, partial);
      const index = folder.path(partial);
      const seen = (progress: Progress) => onProgress({ ...progress, stage: "engine" });
      const built = await buildVectorEngine(engine, {
        vectors: folder.path(vectors),
        index,
        signal,
        onProgress: seen,
      });
      await replacing();
      await rm(folder.path(to), { recursive: true, force: true });
      await rename(index, folder.path(to));
      return { counts: { vectors: built.rows } };
    },
  };
}
