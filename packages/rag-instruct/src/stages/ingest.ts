import { readdir, rename, rm } from "node:fs/promises";
import type { RunFolder } from "@rag-instruct/core/node";
import { fingerprint, ingest } from "@rag-instruct/corpus";
import type { ResolvedConfig } from "../config/schema.ts";
import type { PipelineStage } from "./stage.ts";

/** Documents to passages in `corpus.sqlite`. A store that an interruption left is gone on with, if it was made from the same. */
export function ingestStage({ corpus }: Pick<ResolvedConfig, "corpus">): PipelineStage {
  const { from, ...reading } = corpus;
  return {
    name: "ingest",
    inputs: async (recall) => ({ files: await recall("files", () => fingerprint(from)), ...reading }),
    outputs: ["corpus.sqlite"],
    stakes: {
      causes: {
        files: "these documents are others",
        format: "the documents would be read in another format",
        encoding: "their text would be read in another encoding",
        fields: "passages would be made of other fields",
        by: "passages would end elsewhere",
        words: "passages would have another length",
      },
    },
    async run({ folder, key, signal, onProgress, replacing }) {
      const partial = `corpus-${key.slice(0, 12)}.partial`;
      await removeOthers(folder, partial);
      const report = await ingest({ ...reading, from, to: folder.path(partial), onProgress, signal });
      await replacing();
      await rename(folder.path(partial), folder.path("corpus.sqlite"));
      return { counts: { documents: report.documents, passages: report.written }, leftOut: report.leftOut };
    },
  };
}

async function removeOthers(folder: RunFolder, kept: string): Promise<void> {
  for (const name of await readdir(folder.path())) {
    if (/^corpus-[0-9a-f]+\.partial/.test(name) && !(kept && name.startsWith(kept))) await rm(folder.path(name));
  }
}
