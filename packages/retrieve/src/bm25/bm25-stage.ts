import type { PassageStore } from "@rag-instruct/core";
import type { RunContext, RunFolder, Stage, StageTools } from "@rag-instruct/core/node";
import { buildBm25Index } from "./build-index.ts";

const settings = { k1: 0.9, b: 0.4, analyzer: "english" } as const;

/**
 * The stage of a run that makes passages to a BM25 index, with the parameters that the method uses (k1 0.9, b 0.4).
 * @param options.to folder of the index in the run folder. @default "bm25"
 */
export function bm25Stage({
  to = "bm25",
  openPassages,
}: {
  to?: string;
  openPassages(folder: RunFolder): Promise<PassageStore & AsyncDisposable>;
}): Stage<RunContext & StageTools> {
  return {
    name: "index",
    needs: ["ingest"],
    inputs: { kind: "bm25", ...settings },
    outputs: [to],
    stakes: { isUnedited: true },
    async run({ folder, signal, onProgress, replacing }) {
      await replacing();
      await using store = await openPassages(folder);
      await buildBm25Index({ passages: store.all(), to: folder.path(to), ...settings, onProgress, signal });
      return { counts: { passages: store.size } };
    },
  };
}
