import { type Passage, RagInstructError } from "@rag-instruct/core";
import { readDocuments, splitDocument } from "@rag-instruct/corpus";
import type { DocumentFormatChoice } from "./config.ts";

/** What the first documents of a corpus look like. */
export interface CorpusSample {
  documents: number;
  passages: Passage[];
  /** Records and files that gave no document. */
  unread: number;
  /** True where there is more than was looked at. */
  isPartial: boolean;
}

/** What stops a run whose corpus cannot fill an example. */
export function corpusTooSmall(passages: number, { documents }: { documents: number }): RagInstructError {
  return new RagInstructError(
    "corpus-too-small",
    `the corpus has ${passages} passage${passages === 1 ? "" : "s"} and a training example needs ${documents}; add documents, or lower --documents`,
  );
}

const mostDocuments = 2_000;

/** Reads the first 2,000 documents and splits them. Throws what `readDocuments` throws. */
export async function sampleCorpus(
  { from, format = "auto", words = 100 }: { from: readonly string[]; format?: DocumentFormatChoice; words?: number },
  { signal }: { signal?: AbortSignal | undefined } = {},
): Promise<CorpusSample> {
  const sample: CorpusSample = { documents: 0, passages: [], unread: 0, isPartial: false };
  const documents = readDocuments(from, {
    format,
    onUnread: () => {
      sample.unread++;
    },
    signal,
  });
  for await (const document of documents) {
    signal?.throwIfAborted();
    if (sample.documents === mostDocuments) {
      sample.isPartial = true;
      break;
    }
    sample.documents++;
    sample.passages.push(...splitDocument(document, { words }));
  }
  return sample;
}
