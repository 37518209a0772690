import { availableParallelism } from "node:os";
import { setImmediate as nextTurn } from "node:timers/promises";
import { type Closable, type Hits, mapOrdered, RagInstructError } from "@rag-instruct/core";
import { ThreadPool, threadFile } from "@rag-instruct/core/node";
import { checkLimit } from "../hits.ts";
import type { Analyzer } from "./analysis/analyzer.ts";
import { knownAnalyzer } from "./analysis/analyzers.ts";
import { inverseDocumentFrequency } from "./formula.ts";
import { type Bm25Data, readIndex } from "./index-folder.ts";
import type { Postings } from "./postings.ts";
import { prepareScorer, runTask, type Scorer, type SearchTask, type WeightedTerms } from "./scorer.ts";
import { findText, type StringTable, textAt } from "./string-table.ts";

/** An open BM25 index. */
export interface Bm25Index extends Closable {
  /** Number of passages. */
  size: number;
  /** Names analyzer, parameters and corpus. */
  id: string;
  /** SHA-256 over the passages' ids in order, each with a newline behind it. */
  corpus: string;
  /** The passage id of a row. */
  idOf(row: number): string;
  /** The best rows for each query; ties go to the earlier row. Searches may run at the same time. */
  search(queries: readonly string[], options: { limit: number; signal?: AbortSignal }): Promise<Hits>;
}

/** Options of {@link openBm25Index}. */
export interface OpenBm25Options {
  /** Needed for an index built with an analyzer of your own. */
  analyzer?: Analyzer;
  /** What `corpus` of the index must be, such as that of another index which is searched beside it. */
  corpus?: string;
  /** Threads that larger batches run on; with 1 all runs on the caller's. @default one a core */
  threads?: number;
  /** Compare the checksum of every file. @default true */
  verify?: boolean;
  signal?: AbortSignal;
}

// Small batches are answered sooner than threads start.
const minQueriesForThreads = 64;
const queriesPerTask = 16;
const closed = "the index is closed; open it again to search it";

/**
 * Opens an index folder by reading it into memory. Throws `file-missing`, `file-corrupt`, `unsupported-version`, and
 * `index-mismatch` when it was built with another analyzer than the one handed in, or of another corpus than asked for.
 */
export async function openBm25Index(folder: string, options: OpenBm25Options = {}): Promise<Bm25Index> {
  const { threads = availableParallelism(), verify = true, signal } = options;
  let data: Bm25Data | undefined = await readIndex(folder, { verify, signal });
  const { manifest } = data;
  const analyzer = options.analyzer ?? (await knownAnalyzer(manifest.analyzer));
  if (analyzer?.id !== manifest.analyzer) {
    throw new RagInstructError(
      "index-mismatch",
      `${folder} was built with the analyzer ${manifest.analyzer}; hand that one in`,
    );
  }
  if (options.corpus !== undefined && options.corpus !== manifest.corpus) {
    throw new RagInstructError(
      "index-mismatch",
      `${folder} is of the corpus ${manifest.corpus} and not of ${options.corpus}; build it again`,
    );
  }
  let score: Scorer | undefined;
  let pool: ThreadPool<SearchTask, void> | undefined;
  const opened = (): Bm25Data => {
    if (!data) throw new RagInstructError("bad-option", closed);
    return data;
  };

  function* tasksOf(queries: readonly string[], { limit, rows, scores }: Hits): Generator<SearchTask> {
    for (let first = 0; first < queries.length; first += queriesPerTask) {
      const { terms, postings } = opened();
      const weighed = queries
        .slice(first, first + queriesPerTask)
        .map((query) => weighQuery(query, { analyzer: analyzer!, terms, postings }));
      yield { queries: weighed, first, limit, rows, scores };
    }
  }
  async function runHere(task: SearchTask): Promise<void> {
    score ??= prepareScorer(opened().postings);
    runTask(task, score);
    await nextTurn();
  }
  const index: Bm25Index = {
    size: manifest.passages,
    id: `bm25 ${manifest.analyzer} k1=${manifest.k1} b=${manifest.b} ${manifest.corpus.slice(0, 16)}`,
    corpus: manifest.corpus,
    idOf(row) {
      if (!(row >= 0 && row < manifest.passages)) throw new RagInstructError("bad-option", `there is no row ${row}`);
      return textAt(opened().ids, row);
    },
    async search(queries, { limit, signal }) {
      signal?.throwIfAborted();
      checkLimit(limit);
      const { postings } = opened();
      const hits = emptyHits(queries.length, limit);
      const useThreads = threads > 1 && queries.length >= minQueriesForThreads;
      if (useThreads) pool ??= searchThreads(postings, threads);
      const searching = useThreads ? pool : undefined;
      const run = (task: SearchTask, { signal }: { signal: AbortSignal }) =>
        searching ? searching.run(task, { signal }) : runHere(task);
      const done = mapOrdered(tasksOf(queries, hits), run, { concurrency: searching ? threads * 2 : 1, signal });
      for await (const _ of done);
      return hits;
    },
    async close() {
      data = undefined;
      score = undefined;
      await pool?.close();
      pool = undefined;
    },
    [Symbol.asyncDispose]: () => index.close(),
  };
  return index;
}

/** Threads that score queries over shared memory; concurrent batches share them. */
function searchThreads(postings: Postings, threads: number): ThreadPool<SearchTask, void> {
  const file = threadFile(import.meta.url, "search-worker");
  return new ThreadPool({ file, threads, workerData: postings, name: "a search thread", closed });
}

function emptyHits(queries: number, limit: number): Hits {
  const rows = new Int32Array(new SharedArrayBuffer(queries * limit * 4)).fill(-1);
  const scores = new Float32Array(new SharedArrayBuffer(queries * limit * 4)).fill(Number.NEGATIVE_INFINITY);
  return { queries, limit, rows, scores };
}

/** The terms of a query that the index has, each once, in the order of their first place, and what they weigh. */
function weighQuery(
  query: string,
  { analyzer, terms, postings }: { analyzer: Analyzer; terms: StringTable; postings: Postings },
): WeightedTerms {
  // Plain arrays: for a dozen terms they are quicker than a Map.
  const found: number[] = [];
  const counts: number[] = [];
  for (const text of analyzer.terms(query)) {
    const term = findText(terms, text);
    if (term < 0) continue;
    const place = found.indexOf(term);
    if (place < 0) counts[found.push(term) - 1] = 1;
    else counts[place]! += 1;
  }
  const { offsets, passages } = postings;
  const weights = new Float64Array(found.length);
  for (const [i, term] of found.entries()) {
    weights[i] = counts[i]! * inverseDocumentFrequency(passages, offsets[term + 1]! - offsets[term]!);
  }
  return { terms: new Uint32Array(found), weights };
}
