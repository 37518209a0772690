import type { Passage } from "@rag-instruct/core";
import { type ReadOptions, readDocuments } from "./read-documents.ts";
import { type SplitDocumentsOptions, splitDocument } from "./split-documents.ts";
import { openPassageStore } from "./store/passage-store.ts";

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

const maxPassages = 200;

/** The first 200 passages of a store that is written, and how many there are. Throws what `openPassageStore` throws. */
export async function sampleStore(
  path: string,
  { signal }: { signal?: AbortSignal } = {},
): Promise<{ size: number; passages: Passage[] }> {
  await using store = await openPassageStore(path, { readOnly: true });
  const passages: Passage[] = [];
  for await (const passage of store.all()) {
    signal?.throwIfAborted();
    if (passages.push(passage) === maxPassages) break;
  }
  return { size: store.size, passages };
}
