import { createHash } from "node:crypto";
import { rename, stat } from "node:fs/promises";
import { RagInstructError } from "@rag-instruct/core";
import {
  hashFile,
  maxHashedBytes,
  type RunContext,
  removePartials,
  type Stage,
  type StageTools,
} from "@rag-instruct/core/node";
import { type IngestOptions, ingest } from "./ingest.ts";
import { type ListOptions, listInputFiles } from "./input-files.ts";
import { describeLanguages } from "./store/ingest-state.ts";

/**
 * The stage of a run that turns documents into passages in `corpus.sqlite`. A store that an interruption left is continued if it was made
 * from the same documents and options.
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

/**
 * A hash of 32 characters of the files behind paths, folders and globs: of each file its name within what was given, and its content. Of
 * files over 64 MB size and time of change count instead of the content, because to read 13 GB again takes too long. The same documents in
 * another place, or in a folder of another name, have the same hash. Throws `file-missing`, and `bad-input` for standard input.
 * @param options.isWhole whether the content of large files counts too, so that a copy of them has the same hash. @default false
 */
export async function fingerprint(
  paths: readonly string[],
  { isWhole = false, gitignore }: ListOptions & { isWhole?: boolean } = {},
): Promise<string> {
  const hash = createHash("sha256");
  for (const given of paths) {
    for (const { path, source } of await listInputFiles(given, { gitignore })) {
      if (path === "-") {
        const message = "standard input cannot be read once more to learn whether it has changed; put it into a file";
        throw new RagInstructError("bad-input", message);
      }
      const { size, mtimeMs } = await stat(path);
      hash.update(`\n${source}\n${size}\n`);
      hash.update(size > maxHashedBytes && !isWhole ? String(mtimeMs) : (await hashFile(path)).sha256);
    }
  }
  return hash.digest("hex").slice(0, 32);
}
