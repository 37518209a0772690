import { createHash } from "node:crypto";
import { setImmediate as nextTurn } from "node:timers/promises";
import { mapOrdered, type OnProgress, type Passage, RagInstructError, type Source } from "@rag-instruct/core";
import { type Analyzer, knownAnalyzer } from "./analyzers.ts";
import { buildThreads } from "./build-threads.ts";
import { type Run, runBuffer } from "./runs.ts";
import { internText, newStringTable, type StringTable } from "./string-table.ts";
import { termCounter } from "./term-counter.ts";
import { chunkWriter, type TextChunk } from "./text-chunk.ts";

/** What the passages hold, the postings being in runs on disk. */
export interface Collected {
  runs: Run[];
  ids: StringTable;
  terms: StringTable;
  /** In how many passages each term stands. */
  frequencies: Uint32Array;
  /** Terms of all passages together. */
  length: number;
  corpus: string;
}

/** What {@link collect} works on. */
export interface CollectOptions {
  passages: Source<Passage>;
  analyzer: Analyzer;
  /** Where the runs go. */
  folder: string;
  threads: number;
  onProgress: OnProgress | undefined;
  signal: AbortSignal | undefined;
}

const passagesPerReport = 1000;
const passagesPerLook = 16;
// How long the event loop may wait, so that a cancellation comes through in time.
const millisecondsPerTurn = 20;
// A run of two million postings (about 28,000 passages of 100 words) takes 33 MB while it is sorted.
const postingsPerRun = 1 << 21;

/** Reads the passages once; an analyzer that needs nothing but its id works on threads, another on the caller's. */
export async function collect(options: CollectOptions): Promise<Collected> {
  const hash = createHash("sha256");
  const ids = newStringTable();
  const texts = readTexts(options, ids, hash);
  const useThreads = options.threads > 1 && knownAnalyzer(options.analyzer.id) === options.analyzer;
  const counted = useThreads ? await countOnThreads(texts, options) : await countHere(texts, options);
  options.onProgress?.({ stage: "index", done: ids.size });
  if (ids.size === 0) {
    throw new RagInstructError("corpus-empty", "there are no passages to index; ingest documents first");
  }
  return { ...counted, ids, corpus: hash.digest("hex") };
}

async function* readTexts(
  { passages, onProgress, signal }: CollectOptions,
  ids: StringTable,
  hash: { update(text: string): unknown },
): AsyncGenerator<string[]> {
  let turn = performance.now();
  let texts: string[] = [];
  let idLines = "";
  for await (const { id, title, text } of passages) {
    const row = ids.size;
    if (internText(ids, id) !== row) {
      throw new RagInstructError("duplicate-id", `passage id ${id} stands there twice; ids must be unique`);
    }
    idLines += `${id}\n`;
    texts.push(title === "" ? text : `${title}\n${text}`);
    if (ids.size % passagesPerReport === 0) onProgress?.({ stage: "index", done: ids.size });
    if (texts.length < passagesPerLook) continue;
    hash.update(idLines);
    yield texts;
    texts = [];
    idLines = "";
    if (performance.now() < turn + millisecondsPerTurn) continue;
    await nextTurn();
    signal?.throwIfAborted();
    turn = performance.now();
  }
  hash.update(idLines);
  yield texts;
}

type Counted = Omit<Collected, "ids" | "corpus">;

async function countHere(source: AsyncIterable<string[]>, { analyzer, folder }: CollectOptions): Promise<Counted> {
  const counter = termCounter(analyzer);
  const buffer = runBuffer(postingsPerRun);
  const counted: Counted = { runs: [], terms: counter.terms, frequencies: new Uint32Array(0), length: 0 };
  let row = 0;
  const flush = async () => {
    const run = { folder, name: String(counted.runs.length), terms: counter.terms.size };
    addFrequencies(counted, await buffer.write(run));
    counted.runs.push(run);
  };
  for await (const texts of source) {
    for (const text of texts) {
      const length = counter.count(text);
      buffer.add(counter, { row: row++, length });
      counted.length += length;
    }
    if (buffer.length >= postingsPerRun) await flush();
  }
  await flush();
  return counted;
}

async function countOnThreads(source: AsyncIterable<string[]>, options: CollectOptions): Promise<Counted> {
  const { analyzer, folder, threads, signal } = options;
  const terms = newStringTable();
  const counted: Counted = { runs: [], terms, frequencies: new Uint32Array(0), length: 0 };
  const pool = buildThreads(threads, { analyzer: analyzer.id, folder, terms });
  try {
    // One chunk more than threads, so that a thread never waits for the reading.
    const done = mapOrdered(chunksOf(source), (chunk, { signal }) => pool.count(chunk, signal), {
      concurrency: threads + 1,
      ...(signal ? { signal } : {}),
    });
    for await (const { run, counts, length } of done) {
      addFrequencies(counted, counts);
      counted.runs.push(run);
      counted.length += length;
    }
    return counted;
  } finally {
    await pool.close();
  }
}

async function* chunksOf(source: AsyncIterable<string[]>): AsyncGenerator<TextChunk> {
  const writer = chunkWriter();
  for await (const texts of source) {
    let full = false;
    for (const text of texts) full = writer.add(text);
    const chunk = full ? writer.take() : undefined;
    if (chunk) yield chunk;
  }
  const last = writer.take();
  if (last) yield last;
}

function addFrequencies(counted: Counted, counts: Uint32Array<ArrayBuffer>): void {
  const { frequencies } = counted;
  for (let term = 0; term < frequencies.length; term++) counts[term]! += frequencies[term]!;
  counted.frequencies = counts;
}
