import { RagInstructError } from "../errors.ts";

const newline = 0x0a;
const mostUint32 = 2 ** 32 - 1;
const decoder = new TextDecoder();

/** The ids of rows: one byte buffer and where each id begins, because 21 million strings would not fit. */
export interface RowIds {
  count: number;
  /** The id of a row. Throws `bad-input` when there is no such row. */
  at(row: number): string;
}

/** Ids from UTF-8 bytes in which each id ends with a line feed. Throws `file-corrupt` with the name when there are not `count`. */
export function rowIdsOf(bytes: Uint8Array, { count, name }: { count: number; name: string }): RowIds {
  const ends = bytes.length > mostUint32 ? new Float64Array(count) : new Uint32Array(count);
  let found = 0;
  for (let end = bytes.indexOf(newline); end >= 0; end = bytes.indexOf(newline, end + 1)) {
    if (found < count) ends[found] = end;
    found++;
  }
  if (found !== count || (bytes.length > 0 && bytes.at(-1) !== newline)) {
    throw new RagInstructError("file-corrupt", `${name} holds ${found} ids, not ${count}; write the folder again`);
  }
  return {
    count,
    at(row) {
      const end = ends[row];
      if (end === undefined) throw new RagInstructError("bad-input", `row ${row} is not one of the ${count} rows`);
      return decoder.decode(bytes.subarray(row === 0 ? 0 : ends[row - 1]! + 1, end));
    },
  };
}

/** The line of an id in an ids file. Throws `bad-input` for an id that holds a line feed or cannot be UTF-8. */
export function idLine(id: string): string {
  if (id.includes("\n") || !id.isWellFormed()) {
    throw new RagInstructError("bad-input", `the id ${JSON.stringify(id)} holds a line feed or half a character`);
  }
  return `${id}\n`;
}
