import type { Analyzer } from "./analyzers.ts";
import { type RunBuffer, runBuffer, type WrittenRun } from "./run-buffer.ts";
import type { StringTable } from "./string-table.ts";
import { type TermReader, termReader } from "./term-reader.ts";
import type { TextChunk } from "./text-chunk.ts";

/** Turns one chunk after another into a run, in two steps, between which its new terms are given their numbers. */
export interface ChunkCounter {
  /** @returns the terms that no chunk brought before */
  read(chunk: TextChunk): Pick<StringTable, "bytes" | "offsets">;
  /**
   * Writes the postings of the chunk that was read.
   * @param options.numbers the index's numbers of the terms that it brought
   * @param options.terms the index's terms then
   */
  write(options: { numbers: Uint32Array; terms: number }): Promise<WrittenRun>;
}

// A chunk of 4 MiB has about as many terms.
const termsPerChunk = 1 << 19;
const decoder = new TextDecoder();

export function chunkCounter(analyzer: Analyzer, { folder }: { folder: string }): ChunkCounter {
  const reader = termReader(analyzer);
  const buffer = runBuffer(termsPerChunk);
  // The index's number of each term of this counter's.
  let numbers = new Uint32Array(1 << 12);
  let known = 0;
  let current: TextChunk | undefined;

  function learn(more: Uint32Array): void {
    if (known + more.length > numbers.length) {
      const larger = new Uint32Array((known + more.length) * 2);
      larger.set(numbers);
      numbers = larger;
    }
    numbers.set(more, known);
    known += more.length;
  }
  return {
    read(chunk) {
      current = chunk;
      readAll(chunk, reader, buffer);
      const { terms } = reader;
      const start = terms.offsets[known]!;
      return {
        bytes: terms.bytes.slice(start, terms.offsets[terms.size]),
        offsets: terms.offsets.slice(known, terms.size + 1).map((offset) => offset - start),
      };
    },
    write({ numbers: more, terms }) {
      learn(more);
      const { number, firstRow } = current!;
      return buffer.write({ folder, name: String(number), firstRow, terms }, numbers);
    },
  };
}

// Apart from what follows it, which V8 would leave the loop's fast code for.
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
