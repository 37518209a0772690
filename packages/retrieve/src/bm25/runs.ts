import { closeSync, openSync, readSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { RagInstructError } from "@rag-instruct/core";
import { codeOfLength } from "./formula.ts";
import { enlarged } from "./string-table.ts";

/**
 * Postings of consecutive passages, sorted by term, in a temporary file: where each term's begin among them and the last one's
 * end (four bytes each), then the row of each posting, counted from the run's first (two bytes), and its frequency (one byte).
 */
export interface Run {
  folder: string;
  name: string;
  /** Terms known when the run was written; later ones have no postings in it. */
  terms: number;
  firstRow: number;
  postings: number;
}

/** Rows of a run take two bytes each. */
export const maxTexts = 1 << 16;

export function runPath({ folder, name }: Pick<Run, "folder" | "name">): string {
  return join(folder, `${name}.run`);
}

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
  /** In how many of the texts each term occurs. */
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
      return length >= capacity || texts >= maxTexts;
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

/** Texts one after another: their terms, and where each text ends among these. */
export interface TermsOfTexts {
  terms: Uint32Array;
  ends: Uint32Array;
}

/**
 * Two numbers per term, side by side, so that both are there once one is: the last text that has the term, counted from 1, and
 * how many texts have it so far or, while postings are sorted, where its next one goes.
 */
export type TermMarks = Uint32Array;

/** Counts in how many texts each term occurs. @param marks zeros */
export function countTexts({ terms, ends }: TermsOfTexts, marks: TermMarks): void {
  for (let text = 0, i = 0; text < ends.length; text++) {
    for (const end = ends[text]!; i < end; i++) {
      const at = 2 * terms[i]!;
      if (marks[at] === text + 1) continue;
      marks[at] = text + 1;
      marks[at + 1]! += 1;
    }
  }
}

// Functions of a loop each: V8 leaves the fast code of a loop behind where something follows that it has not seen yet.

/**
 * The texts that `countTexts` counted, by the index's numbers.
 * @param options.known every term is below
 * @param options.size every number is below
 * @param options.numbers the number of each term, the term itself where there are none
 */
export function countsByNumber(
  marks: TermMarks,
  { known, size, numbers }: { known: number; size: number; numbers: Uint32Array | undefined },
): Uint32Array<ArrayBuffer> {
  const counts = new Uint32Array(size);
  for (let term = 0; term < known; term++) counts[numbers ? numbers[term]! : term] = marks[2 * term + 1]!;
  return counts;
}

/** Where each number's postings begin, and the last one's end. */
export function startsOf(counts: Uint32Array): Uint32Array {
  const starts = new Uint32Array(counts.length + 1);
  let end = 0;
  for (let i = 0; i < counts.length; i++) starts[i + 1] = end += counts[i]!;
  return starts;
}

/** Puts where each term's postings begin in place of how many texts have it. */
export function layOut(
  marks: TermMarks,
  { known, starts, numbers }: { known: number; starts: Uint32Array; numbers: Uint32Array | undefined },
): void {
  for (let term = 0; term < known; term++) {
    marks[2 * term] = 0;
    marks[2 * term + 1] = starts[numbers ? numbers[term]! : term]!;
  }
}

/**
 * Puts each text's number and the term's frequency in it where the term's next posting goes.
 * @param marks no text of any term yet
 * @param into.frequencies those above 255 are 255
 */
export function sortPostings(
  { terms, ends }: TermsOfTexts,
  marks: TermMarks,
  { rows, frequencies }: { rows: Uint16Array; frequencies: Uint8ClampedArray },
): void {
  for (let text = 0, i = 0; text < ends.length; text++) {
    for (const end = ends[text]!; i < end; i++) {
      const at = 2 * terms[i]!;
      if (marks[at] === text + 1) {
        frequencies[marks[at + 1]! - 1]! += 1;
        continue;
      }
      marks[at] = text + 1;
      const place = marks[at + 1]!++;
      rows[place] = text;
      frequencies[place] = 1;
    }
  }
}

/** A run's postings of a range of terms. */
export interface RunPart {
  /** Where each term's begin, and the last one's end, counted from those of the first. */
  starts: Uint32Array;
  /** Counted from the run's first row. */
  rows: Uint16Array;
  frequencies: Uint8Array;
}

/** Reads runs' postings by ranges of terms. */
export interface RunReader {
  /** What it gives holds until the next part of any run is read. */
  read(run: number, terms: { from: number; to: number }): RunPart;
  close(): void;
}

/** @param runs are read in pieces that lie in the system's cache: to wait for each costs more than to read it */
export function runReader(runs: readonly Run[]): RunReader {
  const files: number[] = [];
  const close = () => files.splice(0).forEach(closeSync);
  // Kept from part to part: fresh memory costs more than the reading.
  let starts = new Uint32Array(0);
  let rows = new Uint16Array(0);
  let frequencies = new Uint8Array(0);
  try {
    for (const run of runs) files.push(openSync(runPath(run), "r"));
  } catch (error) {
    close();
    throw error;
  }
  return {
    read(number, terms) {
      const [run, file] = [runs[number]!, files[number]!];
      const [from, to] = [Math.min(terms.from, run.terms), Math.min(terms.to, run.terms)];
      if (starts.length < to - from + 1) starts = new Uint32Array(to - from + 1);
      const places = starts.subarray(0, to - from + 1);
      readNumbers(file, places, from * 4);
      const first = places[0]!;
      const count = places.at(-1)! - first;
      for (let i = 0; i < places.length; i++) places[i]! -= first;
      if (rows.length < count) {
        rows = new Uint16Array(count * 2);
        frequencies = new Uint8Array(count * 2);
      }
      const part = { starts: places, rows: rows.subarray(0, count), frequencies: frequencies.subarray(0, count) };
      const rowsAt = 4 * (run.terms + 1);
      readNumbers(file, part.rows, rowsAt + 2 * first);
      readNumbers(file, part.frequencies, rowsAt + 2 * run.postings + first);
      return part;
    },
    close,
  };
}

function readNumbers(file: number, into: Uint32Array | Uint16Array | Uint8Array, start: number): void {
  const bytes = new Uint8Array(into.buffer, into.byteOffset, into.byteLength);
  for (let done = 0; done < bytes.length; ) {
    const read = readSync(file, bytes, done, bytes.length - done, start + done);
    if (read === 0) {
      throw new RagInstructError("file-corrupt", "a temporary file of the index is cut short; build the index again");
    }
    done += read;
  }
}

export function unwritable(path: string, cause: unknown): RagInstructError {
  const why = (cause as NodeJS.ErrnoException).code === "ENOSPC" ? "the disk is full" : (cause as Error).message;
  return new RagInstructError("file-unwritable", `cannot write ${path}: ${why}`, { cause });
}
