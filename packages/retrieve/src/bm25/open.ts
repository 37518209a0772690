import { type Closable, type Hits, RagInstructError } from "@rag-instruct/core";
import { type Analyzer, englishAnalyzer, simpleAnalyzer } from "./analyzers.ts";
import { readIndex } from "./format.ts";
import { prepareScorer } from "./score.ts";

/** An open BM25 index. */
export interface Bm25Index extends Closable {
  /** Number of passages. */
  size: number;
  /** Names analyzer and parameters. */
  id: string;
  /** The passage id of a row. */
  idOf(row: number): string;
  /** The best rows for each query; ties go to the earlier row. */
  search(queries: readonly string[], options: { limit: number; signal?: AbortSignal }): Promise<Hits>;
}

/**
 * Opens an index folder. Throws `file-missing`, `file-corrupt`, `unsupported-version`, and `index-mismatch` when it was
 * built with another analyzer than the one handed in.
 * @param options.analyzer needed for an index built with an analyzer of your own
 */
export async function openBm25Index(folder: string, { analyzer }: { analyzer?: Analyzer } = {}): Promise<Bm25Index> {
  const { manifest, data } = await readIndex(folder);
  const known = analyzer ?? [englishAnalyzer, simpleAnalyzer].find(({ id }) => id === manifest.analyzer);
  if (known?.id !== manifest.analyzer) {
    throw new RagInstructError(
      "index-mismatch",
      `${folder} was built with the analyzer ${manifest.analyzer}; hand that one in`,
    );
  }
  const score = prepareScorer(data, manifest);
  const index: Bm25Index = {
    size: manifest.passages,
    id: `bm25 ${manifest.analyzer} k1=${manifest.k1} b=${manifest.b}`,
    idOf: (row) => data.ids[row]!,
    async search(queries, { limit, signal }) {
      const hits: Hits = {
        queries: queries.length,
        limit,
        rows: new Int32Array(queries.length * limit).fill(-1),
        scores: new Float32Array(queries.length * limit).fill(Number.NEGATIVE_INFINITY),
      };
      for (const [i, query] of queries.entries()) {
        signal?.throwIfAborted();
        score(known.terms(query), {
          rows: hits.rows.subarray(i * limit, (i + 1) * limit),
          scores: hits.scores.subarray(i * limit, (i + 1) * limit),
        });
        // Lets a cancellation in between queries through.
        if (i % 32 === 31) await new Promise(setImmediate);
      }
      return hits;
    },
    close: async () => {},
    [Symbol.asyncDispose]: () => index.close(),
  };
  return index;
}
