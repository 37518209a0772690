import { workerData } from "node:worker_threads";
import { serveThread } from "@rag-instruct/core/node";
import type { Analyzer } from "./analysis/analyzer.ts";
import { knownAnalyzer } from "./analysis/analyzers.ts";
import type { BuildReply, BuildTask, NewTerms, TextChunk } from "./build-threads.ts";
import { type RangeMerger, rangeMerger } from "./merge-ranges.ts";
import { type RunBuffer, runBuffer, type WrittenRun } from "./runs.ts";
import { enlarged } from "./string-table.ts";
import { type TermReader, termReader } from "./term-reader.ts";

// A chunk of 4 MiB has about as many terms.
const termsPerChunk = 1 << 19;
const decoder = new TextDecoder();

/** Turns one chunk after another into a run, in two steps, between which its new terms are given their numbers. */
class ChunkCounter {
  readonly #folder: string;
  readonly #reader: TermReader;
  readonly #buffer = runBuffer(termsPerChunk);
  /** The index's number of each term that this thread has numbered for itself. */
  #numbers = new Uint32Array(1 << 12);
  #known = 0;
  #chunk: TextChunk | undefined;

  constructor(analyzer: Analyzer, folder: string) {
    this.#reader = termReader(analyzer);
    this.#folder = folder;
  }

  /** @returns the terms that no chunk brought before */
  read(chunk: TextChunk): NewTerms {
    this.#chunk = chunk;
    readAll(chunk, this.#reader, this.#buffer);
    const { bytes, offsets, size } = this.#reader.terms;
    const start = offsets[this.#known]!;
    return {
      bytes: bytes.slice(start, offsets[size]),
      offsets: offsets.slice(this.#known, size + 1).map((offset) => offset - start),
    };
  }

  /**
   * Writes the postings of the chunk that was read.
   * @param options.numbers the index's numbers of the terms that it brought
   * @param options.terms how many terms the index then has
   */
  write({ numbers, terms }: { numbers: Uint32Array; terms: number }): Promise<WrittenRun> {
    const known = this.#known + numbers.length;
    if (known > this.#numbers.length) this.#numbers = enlarged(this.#numbers, new Uint32Array(known * 2));
    this.#numbers.set(numbers, this.#known);
    this.#known = known;
    const { number, firstRow } = this.#chunk!;
    return this.#buffer.write({ folder: this.#folder, name: String(number), firstRow, terms }, this.#numbers);
  }
}

// A function of its own: V8 would leave the fast code of the loop for what follows it.
function readAll({ bytes, ends, ascii }: TextChunk, reader: TermReader, buffer: RunBuffer): void {
  for (let i = 0, from = 0; i < ends.length; i++) {
    const to = ends[i]!;
    const isAscii = ascii[i] === 1;
    // A copy, because a decoder takes no shared memory.
    const text = isAscii ? undefined : decoder.decode(bytes.slice(from, to));
    buffer.add(text === undefined ? reader.readAscii({ bytes, from, to }) : reader.read(text));
    from = to + 1;
  }
}

const { analyzer, folder } = workerData as { analyzer: string; folder: string };
let counter: ChunkCounter | undefined;
let merger: RangeMerger | undefined;

serveThread(open());

async function open() {
  counter = new ChunkCounter((await knownAnalyzer(analyzer))!, folder);
  return { run };
}

function run(task: BuildTask): BuildReply | Promise<BuildReply> {
  if ("chunk" in task) return counter!.read(task.chunk);
  if ("numbers" in task) return counter!.write(task);
  if ("range" in task) return merger!.merge(task.range);
  // Counting is over: its memory goes to the merge.
  counter = undefined;
  merger = rangeMerger(task.plan);
}
