import { fnv1a, mix, type PassageStore, RagInstructError } from "@rag-instruct/core";
import type { VectorFolder } from "@rag-instruct/core/vectors";

/** Where the rows of a file begin, to name it by. */
export interface PartPlace {
  name: string;
  firstRow: number;
}

/** What a search for rows goes by. */
interface SearchOptions {
  /** Where the rows of each file begin. */
  parts: readonly PartPlace[];
  passages: Pick<PassageStore, "all">;
  signal: AbortSignal | undefined;
}

/**
 * The row of every passage, in the order of the passages, by its id. Throws `index-mismatch` where an id stands twice, or not every passage
 * has a row: the message names the file of a row that belongs to none.
 */
export async function rowsOfPassages(
  vectors: VectorFolder,
  { parts, passages, signal }: SearchOptions,
): Promise<Int32Array> {
  const table = rowTable(vectors, parts);
  const rows = new Int32Array(vectors.count);
  const isTaken = new Uint8Array(vectors.count);
  const lacking: string[] = [];
  let [place, lack] = [0, 0];
  for await (const { id } of passages.all()) {
    signal?.throwIfAborted();
    const row = table(id);
    if (row >= 0) isTaken[row] = 1;
    else if (lack++ < maxNamed) lacking.push(id);
    rows[place++] = row;
  }
  if (lack === 0 && place === vectors.count) return rows;
  const spare = isTaken.indexOf(0);
  const files = spare < 0 ? parts[0]!.name : partOfRow(parts, spare);
  const one = spare < 0 ? "" : `, and the id ${JSON.stringify(vectors.idOf(spare))} is that of no passage`;
  const named = `${lacking.join(", ")}${lack > lacking.length ? ` and ${lack - lacking.length} more` : ""}`;
  throw new RagInstructError(
    "index-mismatch",
    `${files}: there is no vector for the passage${lack === 1 ? "" : "s"} ${named}${one}; import the vectors of these very passages, or make the passages from the documents that the vectors are of`,
  );
}

const maxNamed = 5;

/** Name of the file that a row is of. */
function partOfRow(parts: readonly PartPlace[], row: number): string {
  return parts.findLast(({ firstRow }) => firstRow <= row)!.name;
}

/**
 * The row of an id, -1 where there is none. A table of rows by a hash of the id, in which a Map of 21 million texts would not fit: V8's
 * holds 16.7 million at most.
 */
function rowTable(vectors: VectorFolder, parts: readonly PartPlace[]): (id: string) => number {
  const size = 2 ** Math.ceil(Math.log2(2 * vectors.count + 1));
  const slots = new Int32Array(size).fill(-1);
  const slotOf = (id: string): number => {
    let slot = mix(fnv1a(id)) & (size - 1);
    while (slots[slot]! >= 0 && vectors.idOf(slots[slot]!) !== id) slot = (slot + 1) & (size - 1);
    return slot;
  };
  for (let row = 0; row < vectors.count; row++) {
    const id = vectors.idOf(row);
    const slot = slotOf(id);
    const before = slots[slot]!;
    if (before >= 0) {
      const where = [before, row].map((each) => partOfRow(parts, each));
      const files = where[0] === where[1] ? where[0] : where.join(" and ");
      throw new RagInstructError(
        "index-mismatch",
        `${files}: the id ${JSON.stringify(id)} has two vectors; import each file once`,
      );
    }
    slots[slot] = row;
  }
  return (id) => slots[slotOf(id)]!;
}
