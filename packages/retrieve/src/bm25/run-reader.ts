import { closeSync, openSync, readSync } from "node:fs";
import { RagInstructError } from "@rag-instruct/core";
import { type Run, runPath } from "./run.ts";

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
