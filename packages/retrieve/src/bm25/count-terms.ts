import { createHash } from "node:crypto";
import { setImmediate as nextTurn } from "node:timers/promises";
import { mapOrdered, type OnProgress, type Passage, RagInstructError, type Source } from "@rag-instruct/core";
import type { Analyzer } from "./analysis/analyzer.ts";
import { type BuildThreads, ChunkWriter, type TextChunk } from "./build-threads.ts";
import { type Run, runBuffer, type WrittenRun } from "./runs.ts";
import { internText, newStringTable, type StringTable } from "./string-table.ts";
import { termReader } from "./term-reader.ts";

/** What the passages hold, the postings being in runs on disk. */
export interface CountedTerms {
  runs: Run[];
  ids: StringTable;
  terms: StringTable;
  /** In how many passages each term occurs. */
  frequencies: Uint32Array;
  /** The byte that stands for each passage's length. */
  lengthCodes: Uint8Array;
  /** Terms of all passages together. */
  length: number;
  corpus: string;
}

/** What {@link countTerms} works on. */
export interface CountTermsOptions {
  passages: Source<Passage>;
  analyzer: Analyzer;
  /** Where the runs go. */
  folder: string;
  /** Where the texts are read unless they are few; on the caller's thread where there are none. */
  threads: BuildThreads | undefined;
  onProgress: OnProgress | undefined;
  signal: AbortSignal | undefined;
}

const passagesPerReport = 1000;
const passagesPerLook = 16;
// How long the event loop may wait, so that a cancellation comes through in time.
const millisecondsPerTurn = 20;
// A run of two million terms (about 20,000 passages of 100 words) takes 15 MB while it is sorted.
const termsPerRun = 1 << 21;
// Texts of so many characters are read sooner than threads start.
const minLengthForThreads = 1 << 19;

/** Reads the passages once. */
export async function countTerms(options: CountTermsOptions): Promise<CountedTerms> {
  const hash = createHash("sha256");
  const ids = newStringTable();
  const counted = await count(readTexts(options, ids, hash), options);
  options.onProgress?.({ stage: "index", done: ids.size });
  if (ids.size === 0) {
    throw new RagInstructError("corpus-empty", "there are no passages to index; ingest documents first");
  }
  return { ...counted, ids, corpus: hash.digest("hex") };
}

async function* readTexts(
  { passages, onProgress, signal }: CountTermsOptions,
  ids: StringTable,
  hash: { update(text: string): unknown },
): AsyncGenerator<string[]> {
  let turn = performance.now();
  let texts: string[] = [];
  let idLines = "";
  for await (const { id, title, text } of passages) {
    const row = ids.size;
    if (internText(ids, id) !== row) {
      throw new RagInstructError("duplicate-id", `passage id ${id} occurs twice; ids must be unique`);
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

type Counted = Omit<CountedTerms, "ids" | "corpus">;

async function count(source: AsyncGenerator<string[]>, options: CountTermsOptions): Promise<Counted> {
  const { threads, signal } = options;
  if (!threads) return countHere(source, options);
  const first: string[] = [];
  for (let length = 0; length < minLengthForThreads; ) {
    const { done, value } = await source.next();
    if (done) return countHere([first], options);
    for (const text of value) length += text.length;
    first.push(...value);
  }
  return countOnThreads(continued(first, source), threads, signal);
}

async function* continued(first: string[], rest: AsyncGenerator<string[]>): AsyncGenerator<string[]> {
  yield first;
  yield* rest;
}

async function countHere(source: Source<string[]>, { analyzer, folder }: CountTermsOptions): Promise<Counted> {
  const reader = termReader(analyzer);
  const buffer = runBuffer(termsPerRun);
  const totals = new RunTotals();
  const writeRun = async () => {
    const name = String(totals.runs.length);
    totals.add(await buffer.write({ folder, name, firstRow: totals.passages, terms: reader.terms.size }));
  };
  for await (const texts of source) {
    for (const text of texts) {
      buffer.add(reader.read(text));
      if (buffer.full) await writeRun();
    }
  }
  await writeRun();
  return totals.of(reader.terms);
}

async function countOnThreads(
  source: AsyncIterable<string[]>,
  threads: BuildThreads,
  signal: AbortSignal | undefined,
): Promise<Counted> {
  const writer = new ChunkWriter();
  const totals = new RunTotals();
  const count = async (chunk: TextChunk, { signal }: { signal: AbortSignal }) => {
    const written = await threads.count(chunk, signal);
    writer.reuse(chunk);
    return written;
  };
  // One chunk more than threads, so that a thread never waits for the reading.
  const done = mapOrdered(chunksOf(source, writer), count, { concurrency: threads.size + 1, signal });
  for await (const written of done) totals.add(written);
  return totals.of(threads.terms);
}

async function* chunksOf(source: AsyncIterable<string[]>, writer: ChunkWriter): AsyncGenerator<TextChunk> {
  for await (const texts of source) {
    for (const text of texts) if (writer.add(text)) yield writer.take()!;
  }
  const last = writer.take();
  if (last) yield last;
}

/** Adds up what runs tell of their texts. */
class RunTotals {
  readonly runs: Run[] = [];
  passages = 0;
  #length = 0;
  #frequencies = new Uint32Array(0);
  readonly #lengthCodes: Uint8Array[] = [];

  add({ run, counts, lengthCodes, length }: WrittenRun): void {
    // The later run knows all terms of the earlier ones.
    addTo(counts, this.#frequencies);
    this.#frequencies = counts;
    this.runs.push(run);
    this.#lengthCodes.push(lengthCodes);
    this.passages += lengthCodes.length;
    this.#length += length;
  }

  of(terms: StringTable): Counted {
    const lengthCodes = joined(this.#lengthCodes, this.passages);
    return { runs: this.runs, terms, frequencies: this.#frequencies, lengthCodes, length: this.#length };
  }
}

function addTo(sums: Uint32Array, more: Uint32Array): void {
  for (let i = 0; i < more.length; i++) sums[i]! += more[i]!;
}

/** The parts one after another, in memory that threads can share. */
function joined(parts: readonly Uint8Array[], length: number): Uint8Array {
  const whole = new Uint8Array(new SharedArrayBuffer(length));
  let end = 0;
  for (const part of parts) {
    whole.set(part, end);
    end += part.length;
  }
  return whole;
}
