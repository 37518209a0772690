import { rename } from "node:fs/promises";
import { type RunContext, removePartials, type Stage, type StageTools } from "@rag-instruct/core/node";
import { describeLanguages } from "./corpus-languages.ts";
import { fingerprint } from "./fingerprint.ts";
import { type IngestOptions, ingest } from "./ingest.ts";

/**
 * The stage of a run that makes documents to passages in `corpus.sqlite`. A store that an interruption left is gone on with, if it was
 * made from the same.
 */
export function ingestStage({
  from,
  ocr,
  ...reading
}: Pick<
  IngestOptions,
  "format" | "encoding" | "fields" | "gitignore" | "sameIds" | "keepPageHeaders" | "ocr" | "by" | "words"
> & {
  from: readonly string[];
}): Stage<RunContext & StageTools> {
  return {
    name: "ingest",
    inputs: async (recall) => ({
      files: await recall("files", () => fingerprint(from, reading)),
      ...reading,
      ocr: ocr && true,
    }),
    outputs: ["corpus.sqlite"],
    stakes: {
      causes: {
        files: "these documents are others",
        format: "the documents would be read in another format",
        encoding: "their text would be read in another encoding",
        fields: "passages would be made of other fields",
        keepPageHeaders: "headers and footers of pages would be read otherwise",
        ocr: "scanned pages would be read otherwise",
        gitignore: "other files would be read",
        sameIds: "passages would have other ids",
        by: "passages would end elsewhere",
        words: "passages would have another length",
      },
    },
    async run({ folder, key, signal, onProgress, replacing }) {
      const partial = `corpus-${key.slice(0, 12)}.partial`;
      await removePartials(folder, "corpus", partial);
      const report = await ingest({ ...reading, ocr, from, to: folder.path(partial), onProgress, signal });
      await replacing();
      await rename(folder.path(partial), folder.path("corpus.sqlite"));
      const languages = report.languages && describeLanguages(report.languages);
      const counts = { documents: report.documents, passages: report.written };
      return { counts, note: languages ? `in ${languages}` : undefined, leftOut: report.leftOut };
    },
  };
}
