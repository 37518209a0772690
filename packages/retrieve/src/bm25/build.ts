import { type OnProgress, type Passage, RagInstructError, type Source } from "@rag-instruct/core";
import { type Analyzer, resolveAnalyzer } from "./analyzers.ts";
import { writeIndex } from "./format.ts";
import { postingsBuilder } from "./postings.ts";

/** Options of {@link buildBm25Index}. */
export interface BuildBm25Options {
  passages: Source<Passage>;
  /** The index folder; one that is there is replaced when the new one is whole. */
  to: string;
  /** Saturation of term frequency. @default 0.9 */
  k1?: number;
  /** Weight of the passage's length. @default 0.4 */
  b?: number;
  /** @default "english" */
  analyzer?: "english" | "simple" | Analyzer;
  onProgress?: OnProgress;
  signal?: AbortSignal;
}

const passagesPerReport = 1000;

/**
 * Builds a BM25 index of titles and texts (k1 0.9 and b 0.4 by default, as Anserini has them). Throws `corpus-empty`, and
 * `duplicate-id` naming the id.
 * @returns number of passages and of distinct terms
 */
export async function buildBm25Index(options: BuildBm25Options): Promise<{ passages: number; terms: number }> {
  const { passages, to, k1 = 0.9, b = 0.4, analyzer = "english", onProgress, signal } = options;
  const { id, terms } = resolveAnalyzer(analyzer);
  const builder = postingsBuilder();
  const ids = new Set<string>();
  for await (const passage of passages) {
    signal?.throwIfAborted();
    if (ids.has(passage.id))
      throw new RagInstructError("duplicate-id", `passage id ${passage.id} stands there twice; ids must be unique`);
    ids.add(passage.id);
    builder.add(terms(`${passage.title}\n${passage.text}`));
    if (ids.size % passagesPerReport === 0) onProgress?.({ stage: "index", done: ids.size });
  }
  if (ids.size === 0)
    throw new RagInstructError("corpus-empty", "there are no passages to index; ingest documents first");
  const postings = builder.finish();
  await writeIndex(to, { ...postings, ids: [...ids] }, { analyzer: id, k1, b });
  return { passages: ids.size, terms: postings.terms.length };
}
