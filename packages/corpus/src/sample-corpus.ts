import type { Passage } from "@rag-instruct/core";
import { type ReadOptions, readDocuments } from "./read-documents.ts";
import { type SplitDocumentsOptions, splitDocument } from "./split-documents.ts";

/** What the first documents of a corpus look like. */
export interface CorpusSample {
  documents: number;
  passages: Passage[];
  /** Records and files that gave no document. */
  unread: number;
  /** True where there is more than was looked at. */
  isPartial: boolean;
}

/** Options of {@link sampleCorpus}. */
export interface SampleOptions extends ReadOptions, SplitDocumentsOptions {}

const maxDocuments = 2_000;

/** Reads the first 2,000 documents and splits them. Throws what `readDocuments` throws. */
export async function sampleCorpus(
  from: string | readonly string[],
  options: SampleOptions = {},
): Promise<CorpusSample> {
  const sample: CorpusSample = { documents: 0, passages: [], unread: 0, isPartial: false };
  const documents = readDocuments(from, {
    ...options,
    onUnread: () => {
      sample.unread++;
    },
  });
  for await (const document of documents) {
    options.signal?.throwIfAborted();
    if (sample.documents === maxDocuments) {
      sample.isPartial = true;
      break;
    }
    sample.documents++;
    sample.passages.push(...splitDocument(document, options));
  }
  return sample;
}
