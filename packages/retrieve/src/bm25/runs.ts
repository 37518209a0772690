import { readSync } from "node:fs";
import { type FileHandle, open, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { RagInstructError } from "@rag-instruct/core";
import { postingCode } from "./impacts.ts";
import { unwritable } from "./sections.ts";
import { codeOfLength } from "./stored-length.ts";
import { enlarged } from "./string-table.ts";

/** Postings of consecutive passages, sorted by term, in three files. */
export interface Run {
  /** Terms known when the run was written; later ones have no postings in it. */
  terms: number;
  folder: string;
  name: string;
}

/** Gathers postings in the order of the passages until there are as many as it holds. */
export interface RunBuffer {
  /** Adds a passage. @param text its distinct terms, and the frequency of each by term */
  add(text: { distinct: Uint32Array; found: number; counts: Uint32Array }, of: { row: number; length: number }): void;
  readonly length: number;
  /**
   * Writes what it holds as a run, sorted by term, and starts anew.
   * @param numbers the index's number of each term added, the term itself where there are none; below `to.terms`
   * @returns in how many passages of the run each term stands
   */
  write(to: Run, numbers?: Uint32Array): Promise<Uint32Array<ArrayBuffer>>;
}

/** A buffer for about `capacity` postings, sixteen bytes each; it grows beyond where it is not written in time. */
export function runBuffer(capacity: number): RunBuffer {
  let terms = new Uint32Array(Math.min(capacity, 1 << 16));
  let rows = new Uint32Array(terms.length);
  let codes = new Uint16Array(terms.length);
  let sortedRows = new Uint32Array(0);
  let sortedCodes = new Uint16Array(0);
  // By term as added: how many postings, counted as they come, while the place is in the cache.
  let own = new Uint32Array(1 << 12);
  let seen = 0;
  let length = 0;

  function makeRoom(more: number, distinct: Uint32Array): void {
    while (length + more > terms.length) {
      const half = terms.length >>> 1;
      const size = terms.length < capacity ? Math.min(terms.length * 2, capacity) : terms.length + half;
      terms = enlarged(terms, new Uint32Array(size));
      rows = enlarged(rows, new Uint32Array(size));
      codes = enlarged(codes, new Uint16Array(size));
    }
    for (let i = 0; i < more; i++) if (distinct[i]! >= seen) seen = distinct[i]! + 1;
    if (seen > own.length) own = enlarged(own, new Uint32Array(seen * 2));
  }
  function countsOf(to: Run, numbers: Uint32Array | undefined): Uint32Array<ArrayBuffer> {
    const counts = new Uint32Array(to.terms);
    for (let term = 0; term < seen; term++) counts[numbers ? numbers[term]! : term] = own[term]!;
    return counts;
  }
  /** Where the postings of each term as added begin, in the order of the index's numbers. */
  function placesOf(counts: Uint32Array, numbers: Uint32Array | undefined): Uint32Array {
    const starts = new Uint32Array(counts.length);
    for (let term = 1; term < counts.length; term++) starts[term] = starts[term - 1]! + counts[term - 1]!;
    return numbers ? own.subarray(0, seen).map((_, term) => starts[numbers[term]!]!) : starts;
  }
  return {
    get length() {
      return length;
    },
    add({ distinct, found, counts }, { row, length: textLength }) {
      makeRoom(found, distinct);
      // Names of its own: what a closure could change would be looked up in every round.
      const [intoTerms, intoRows, intoCodes, intoOwn] = [terms, rows, codes, own];
      const lengthCode = codeOfLength(textLength);
      let end = length;
      for (let i = 0; i < found; i++) {
        const term = distinct[i]!;
        intoOwn[term]! += 1;
        intoTerms[end] = term;
        intoRows[end] = row;
        intoCodes[end++] = postingCode(counts[term]!, lengthCode);
      }
      length = end;
    },
    async write(to, numbers) {
      const counts = countsOf(to, numbers);
      const next = placesOf(counts, numbers);
      // Kept from run to run: fresh memory costs more than the sorting.
      if (sortedRows.length < length) {
        sortedRows = new Uint32Array(terms.length);
        sortedCodes = new Uint16Array(terms.length);
      }
      for (let i = 0; i < length; i++) {
        const place = next[terms[i]!]!++;
        sortedRows[place] = rows[i]!;
        sortedCodes[place] = codes[i]!;
      }
      const sorted = { rows: sortedRows.subarray(0, length), codes: sortedCodes.subarray(0, length) };
      own.fill(0, 0, seen);
      seen = 0;
      length = 0;
      await writeFiles(to, { counts, ...sorted });
      return counts;
    },
  };
}

async function writeFiles(
  { folder, name }: { folder: string; name: string },
  files: { counts: Uint32Array; rows: Uint32Array; codes: Uint16Array },
): Promise<void> {
  for (const [kind, numbers] of Object.entries(files)) {
    await writeFile(join(folder, `${name}.${kind}`), numbers).catch((cause) => {
      throw unwritable(join(folder, `${name}.${kind}`), cause);
    });
  }
}

/** Reads a run's postings term range by term range, in ascending order. */
export interface RunReader {
  /** The run's postings of the terms in `[from, to)`: how many each has, then all of them in a row. */
  read(from: number, to: number): { counts: Uint32Array; rows: Uint32Array; codes: Uint16Array };
  close(): Promise<void>;
}

/** @param run is read in pieces of a few megabytes, which lie in the system's cache: to wait for each costs more than to read it */
export async function runReader(run: Run): Promise<RunReader> {
  const handles: FileHandle[] = [];
  for (const kind of ["counts", "rows", "codes"])
    handles.push(await open(join(run.folder, `${run.name}.${kind}`), "r"));
  const [countsFile, rowsFile, codesFile] = handles as [FileHandle, FileHandle, FileHandle];
  let consumed = 0;
  return {
    read(from, to) {
      const counts = readNumbers(countsFile, new Uint32Array(Math.max(0, Math.min(to, run.terms) - from)), from);
      let total = 0;
      for (const count of counts) total += count;
      const rows = readNumbers(rowsFile, new Uint32Array(total), consumed);
      const codes = readNumbers(codesFile, new Uint16Array(total), consumed);
      consumed += total;
      return { counts, rows, codes };
    },
    async close() {
      for (const handle of handles) await handle.close();
    },
  };
}

function readNumbers<T extends Uint32Array | Uint16Array>(file: FileHandle, into: T, from: number): T {
  const bytes = new Uint8Array(into.buffer, into.byteOffset, into.byteLength);
  const start = from * into.BYTES_PER_ELEMENT;
  for (let done = 0; done < bytes.length; ) {
    const read = readSync(file.fd, bytes, done, bytes.length - done, start + done);
    if (read === 0) {
      throw new RagInstructError("file-corrupt", "a temporary file of the index is cut short; build the index again");
    }
    done += read;
  }
  return into;
}
