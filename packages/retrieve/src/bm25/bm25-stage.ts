import type { PassageStore } from "@rag-instruct/core";
import type { RunContext, RunFolder, Stage, StageTools } from "@rag-instruct/core/node";
import { type AnalyzerName, analyzerForCorpus } from "./analysis/analyzers.ts";
import { buildBm25Index } from "./build-index.ts";

const settings = { k1: 0.9, b: 0.4 } as const;

/** The languages of a corpus: shares of its passages by ISO 639-1 code. */
interface Languages {
  shares: Readonly<Record<string, number>>;
}

/**
 * The stage of a run that makes passages to a BM25 index, with the parameters that the method uses (k1 0.9, b 0.4).
 * @param options.to folder of the index in the run folder. @default "bm25"
 * @param options.analyzer how words are read; "auto" goes by the languages of the passages. @default "auto"
 */
export function bm25Stage({
  to = "bm25",
  analyzer: chosen = "auto",
  openPassages,
}: {
  to?: string;
  analyzer?: AnalyzerName | "auto";
  openPassages(folder: RunFolder): Promise<PassageStore & AsyncDisposable & { languages?(): Languages | undefined }>;
}): Stage<RunContext & StageTools> {
  return {
    name: "index",
    needs: ["ingest"],
    // As it was recorded before there were other analyzers: an index of that time is still this one.
    inputs: { kind: "bm25", ...settings, analyzer: "english", chosen: chosen === "auto" ? undefined : chosen },
    outputs: [to],
    stakes: { isUnedited: true },
    async run({ folder, signal, onProgress, replacing }) {
      await replacing();
      await using store = await openPassages(folder);
      const analyzer = chosen === "auto" ? analyzerForCorpus(store.languages?.()?.shares ?? {}) : chosen;
      await buildBm25Index({ passages: store.all(), to: folder.path(to), ...settings, analyzer, onProgress, signal });
      return { counts: { passages: store.size }, note: `words read as ${analyzer}` };
    },
  };
}
