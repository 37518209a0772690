import { open } from "node:fs/promises";
import { mostTexts, type Run, runPath } from "./run.ts";
import { countsByNumber, countTexts, layOut, sortPostings, startsOf, type TermMarks } from "./sort-postings.ts";
import { codeOfLength } from "./stored-length.ts";
import { enlarged } from "./string-table.ts";
// Not of the file that hashes: its library would add ten milliseconds to the start of a thread.
import { unwritable } from "./unwritable.ts";

/** The terms of a text in their order. */
export interface TextTerms {
  /** Each term's number plus one, or `unindexed` for a word that is no term. */
  values: Int32Array;
  /** How many values there are. */
  count: number;
  /** Every term's number is below. */
  known: number;
}

/** Stands for a word that the analyzer leaves out. */
export const unindexed = -1;

/** A run on disk, and what its texts add to the index beside it. */
export interface WrittenRun {
  run: Run;
  /** In how many of the texts each term stands. */
  counts: Uint32Array<ArrayBuffer>;
  /** The byte that stands for each text's length. */
  lengthCodes: Uint8Array<ArrayBuffer>;
  /** Terms of all texts together. */
  length: number;
}

/** Gathers texts until there are as many as a run holds. */
export interface RunBuffer {
  add(text: TextTerms): void;
  /** Whether it is time to write. */
  readonly full: boolean;
  /**
   * Writes the postings of the texts as a run, sorted by term, and starts anew.
   * @param numbers the index's number of each term added, the term itself where there are none; below `to.terms`
   */
  write(to: Omit<Run, "postings">, numbers?: Uint32Array): Promise<WrittenRun>;
}

/** A buffer for about `capacity` terms, seven bytes each; it grows beyond where it is not written in time. */
export function runBuffer(capacity: number): RunBuffer {
  let terms = new Uint32Array(Math.min(capacity, 1 << 16));
  let length = 0;
  // Where each text ends among the terms.
  let ends = new Uint32Array(1 << 10);
  let texts = 0;
  let marks: TermMarks = new Uint32Array(1 << 12);
  let known = 0;
  let rows = new Uint16Array(0);
  let frequencies = new Uint8ClampedArray(0);

  function makeRoom(more: TextTerms): void {
    while (length + more.count > terms.length) {
      const half = terms.length >>> 1;
      const size = terms.length < capacity ? Math.min(terms.length * 2, capacity) : terms.length + half;
      terms = enlarged(terms, new Uint32Array(size));
    }
    if (texts === ends.length) ends = enlarged(ends, new Uint32Array(texts * 2));
    known = Math.max(known, more.known);
    if (2 * known > marks.length) marks = enlarged(marks, new Uint32Array(known * 4));
  }
  return {
    get full() {
      return length >= capacity || texts >= mostTexts;
    },
    add(more) {
      makeRoom(more);
      const { values, count } = more;
      // Names of its own: what a closure could change would be looked up in every round.
      const into = terms;
      let end = length;
      for (let i = 0; i < count; i++) {
        const value = values[i]!;
        if (value !== unindexed) into[end++] = value - 1;
      }
      ends[texts++] = length = end;
    },
    async write(to, numbers) {
      const gathered = { terms, ends: ends.subarray(0, texts) };
      // Apart from the reading, so that each has the cache for itself.
      countTexts(gathered, marks);
      const counts = countsByNumber(marks, { known, size: to.terms, numbers });
      const starts = startsOf(counts);
      layOut(marks, { known, starts, numbers });
      const postings = starts[to.terms]!;
      // Kept from run to run: fresh memory costs more than the sorting.
      if (rows.length < postings) {
        rows = new Uint16Array(terms.length);
        frequencies = new Uint8ClampedArray(terms.length);
      }
      sortPostings(gathered, marks, { rows, frequencies });
      const lengthCodes = Uint8Array.from({ length: texts }, (_, i) => codeOfLength(ends[i]! - (ends[i - 1] ?? 0)));
      const written = { run: { ...to, postings }, counts, lengthCodes, length };
      marks.fill(0, 0, 2 * known);
      length = texts = known = 0;
      await writeFile(runPath(to), [starts, rows.subarray(0, postings), frequencies.subarray(0, postings)]);
      return written;
    },
  };
}

async function writeFile(path: string, parts: (Uint32Array | Uint16Array | Uint8ClampedArray)[]): Promise<void> {
  try {
    const handle = await open(path, "wx");
    try {
      for (const { buffer, byteOffset, byteLength } of parts) {
        await handle.appendFile(new Uint8Array(buffer, byteOffset, byteLength));
      }
    } finally {
      await handle.close();
    }
  } catch (cause) {
    throw unwritable(path, cause);
  }
}
