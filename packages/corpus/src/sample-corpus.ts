import { amount, type LeftOut, type Passage } from "@rag-instruct/core";
import { isThere } from "@rag-instruct/core/node";
import { listInputFiles } from "./input-files.ts";
import { leaveOut, leftOutLines } from "./left-out.ts";
import { type ReadOptions, readFileEvents } from "./read-documents.ts";
import { type SplitDocumentsOptions, splitDocument } from "./split-documents.ts";
import { openPassageStore } from "./store/passage-store.ts";

/** What the first documents of a corpus look like. */
export interface CorpusSample {
  documents: number;
  passages: Passage[];
  /** What gave no passage, by reason. Duplicates are not among it: they are found when passages are written. */
  leftOut: LeftOut[];
  /** True where there is more than was looked at. */
  isPartial: boolean;
}

/** Options of {@link sampleCorpus}. */
export interface SampleOptions extends ReadOptions, SplitDocumentsOptions {
  /** Documents at most. @default 2,000 */
  documents?: number;
}

/** Reads the first documents, splits them, and writes nothing. Throws `file-missing`, and what opening a file throws that was named itself. */
export async function sampleCorpus(
  from: string | readonly string[],
  { documents: most = 2_000, ...options }: SampleOptions = {},
): Promise<CorpusSample> {
  const leftOut: LeftOut[] = [];
  const sample: CorpusSample = { documents: 0, passages: [], leftOut, isPartial: false };
  for (const file of await listInputFiles(from, { leftOut, gitignore: options.gitignore })) {
    for await (const events of readFileEvents(file, options, leftOut)) {
      for (const event of events) {
        if ("unread" in event) {
          const { reason, file: name, line } = event.unread;
          leaveOut(leftOut, { reason, place: `${name}:${line}` });
          continue;
        }
        if (sample.documents === most) return { ...sample, isPartial: true };
        sample.documents++;
        const passages = splitDocument(event.document, options);
        if (passages.length === 0) leaveOut(leftOut, { reason: "empty", place: `${file.path}:${event.line}` });
        for (const passage of passages) sample.passages.push(passage);
      }
    }
  }
  return sample;
}

/**
 * What a sample tells before a run: its size, what was left out, and whether it is too small for training examples or for their noise.
 * @param options.name what was looked at
 * @param options.documents documents of a training example @default 10
 * @param options.beyond rank beyond which noise is taken @default 200
 * @param options.depth depth of the ranking that it is taken from @default 250
 */
export function sampleLines(
  { documents: read, passages: { length: passages }, leftOut, isPartial }: CorpusSample,
  {
    name,
    documents = 10,
    beyond = 200,
    depth = 250,
  }: { name: string; documents?: number; beyond?: number; depth?: number },
): string[] {
  const lines = [
    `${name}: ${amount(read, "document")}, ${amount(passages, "passage")} of about 100 words${isPartial ? " or more" : ""}.`,
    ...leftOutLines(leftOut),
  ];
  if (passages < documents)
    lines.push(
      `That is fewer than the ${documents} documents of one example: add documents, or set \`documents\` lower.`,
    );
  else if (passages < depth)
    lines.push(
      `Noise comes from ranks ${beyond + 1} to ${depth} of a ranking; with so few passages some comes from the first ${beyond}.`,
    );
  return lines;
}

const maxPassages = 200;

/** Passages of a store; undefined where there is none. Throws what `openPassageStore` throws. */
export async function storeSize(path: string): Promise<number | undefined> {
  if (!(await isThere(path))) return undefined;
  await using store = await openPassageStore(path, { readOnly: true });
  return store.size;
}

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
