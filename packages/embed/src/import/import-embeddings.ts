import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { type Embedder, fnv1a, mix, type PassageStore, RagInstructError, type Source } from "@rag-instruct/core";
import { openVectorFolder, type VectorFolder } from "@rag-instruct/core/vectors";
import type { VectorPart } from "./array-file.ts";
import { vectorParts } from "./vector-parts.ts";
import { type ImportReport, VectorTarget, type VectorTargetOptions } from "./vector-target.ts";

/** Options of {@link importEmbeddings}. */
export interface ImportEmbeddingsOptions extends Omit<VectorTargetOptions, "embedderId"> {
  /**
   * Files and folders of vectors, recognised by their content: pickles of (ids, ndarray) as Contriever's generator writes them, NumPy's .npy
   * (with ids beside it in `.ids.txt`, `.txt` or `.json`, else in the order of the passages), JSON lines or Parquet with an id and a
   * vector each, a .tar of such, or a vector folder; plain or packed by gzip or zstd.
   */
  from: string | readonly string[];
  /** The passages that the vectors are of. */
  passages: Pick<PassageStore, "size" | "all">;
  /** The model that the vectors were made with, which will embed the questions. */
  embedder: Pick<Embedder, "id" | "dimensions">;
}

/**
 * Vectors that are there already, published or made elsewhere, to a vector folder in the order of the passages: none is embedded. Numbers
 * are kept as they come, float16 or float32, and memory does not grow with them. Every passage must have one vector, of as many
 * dimensions as the embedder has, and every vector a passage; one that fails leaves nothing that opens. Throws `index-mismatch` where
 * ids or counts are not those of the passages, `model-mismatch` for other dimensions and for a vector folder of another embedder, each with
 * the file's name; and `file-missing`, `file-corrupt`, `unknown-format`, `bad-record`, `bad-input`, `folder-locked`.
 */
export async function importEmbeddings(options: ImportEmbeddingsOptions): Promise<ImportReport> {
  const { to, passages, embedder, signal, onProgress } = options;
  await using target = await VectorTarget.open({ to, embedderId: embedder.id, dtype: options.dtype, signal });
  const scratch = join(to, "import");
  await rm(scratch, { recursive: true, force: true });
  const asCome = join(scratch, "vectors");
  try {
    await mkdir(asCome, { recursive: true });
    await using raw = await VectorTarget.open({ to: asCome, embedderId: embedder.id, signal, onProgress });
    const parts = await writeParts(raw, options, scratch);
    await raw.finish();
    const rows = await rowsInOrder(asCome, { parts, passages, signal });
    if (rows === undefined) await target.adopt(raw);
    else await writeSorted(target, { from: asCome, rows, signal });
    return await target.finish();
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Writes everything as it comes. */
async function writeParts(
  raw: VectorTarget,
  { from, passages, embedder, dtype, signal }: ImportEmbeddingsOptions,
  scratch: string,
): Promise<PartPlace[]> {
  const places: PartPlace[] = [];
  const rest = idsOf(passages);
  let firstRow = 0;
  try {
    for await (const part of vectorParts([from].flat(), { scratch, signal })) {
      signal?.throwIfAborted();
      checkPart(part, embedder);
      const { name, count, dimensions, ids = nextIds(rest, part) } = part;
      const { vectors } = part;
      await raw.write({ count, dimensions, dtype: dtype ?? part.dtype, ids, vectors }, name).catch(namingFile(name));
      places.push({ name, firstRow });
      firstRow += count;
    }
  } finally {
    await rest.return(undefined);
  }
  return places;
}

function checkPart({ name, dimensions, embedderId }: VectorPart, embedder: Pick<Embedder, "id" | "dimensions">): void {
  if (dimensions !== embedder.dimensions) {
    throw new RagInstructError(
      "model-mismatch",
      `${name} has vectors of ${dimensions} dimensions, and the model that questions are embedded with (${embedder.id}) gives ${embedder.dimensions}; name the model that made the vectors`,
    );
  }
  if (embedderId === undefined || embedderId === embedder.id) return;
  throw new RagInstructError(
    "model-mismatch",
    `${name} says that its vectors are by ${embedderId}, and questions would be embedded with ${embedder.id}; name the model that made the vectors, or import the files that the folder was made from`,
  );
}

async function* idsOf({ all }: Pick<PassageStore, "all">): AsyncGenerator<string> {
  for await (const { id } of all()) yield id;
}

/** The ids of the passages that come next, for vectors in their order that have none. */
async function* nextIds(rest: AsyncGenerator<string>, { name, count }: VectorPart): AsyncGenerator<string> {
  for (let row = 0; row < count; row++) {
    const { value, done } = await rest.next();
    if (!done) yield value;
    else
      throw new RagInstructError(
        "index-mismatch",
        `${name} has ${count} vectors without ids, and there are passages for ${row} of them only; import the vectors of these very passages, or give their ids beside them in ${name.replace(/\.npy.*$/i, "")}.ids.txt`,
      );
  }
}

function namingFile(name: string): (error: unknown) => never {
  return (error) => {
    if (!RagInstructError.is(error, "bad-input")) throw error;
    throw new RagInstructError("bad-input", `${name}: ${error.message}`, { cause: error });
  };
}

interface OrderOptions {
  parts: readonly PartPlace[];
  passages: ImportEmbeddingsOptions["passages"];
  signal: AbortSignal | undefined;
}

/** The row of each passage, where the vectors came in another order; undefined where they stand as the passages do. */
async function rowsInOrder(folder: string, { parts, passages, signal }: OrderOptions): Promise<Int32Array | undefined> {
  await using vectors = await openVectorFolder(folder, { signal });
  checkCount(vectors, { parts, passages });
  let row = 0;
  for await (const { id } of passages.all()) {
    signal?.throwIfAborted();
    if (row >= vectors.count || vectors.idOf(row) !== id)
      return await rowsOfPassages(vectors, { parts, passages, signal });
    row++;
  }
  return undefined;
}

function checkCount({ count }: VectorFolder, { parts, passages }: Omit<OrderOptions, "signal">): void {
  if (count === passages.size) return;
  const [first, last] = [parts[0]!.name, parts.at(-1)!.name];
  const files = parts.length === 1 ? first : `${first} to ${last}`;
  throw new RagInstructError(
    "index-mismatch",
    `${files}: ${count} vectors for ${passages.size} passages; import all vectors of these very passages, or make the passages from the documents that the vectors are of`,
  );
}

/** Rows read at once in another order, and rows of a shard: few large ones. */
const rowsAtOnce = 4_096;
const rowsInShard = 1 << 20;

/** Writes rows in a given order. */
async function writeSorted(
  target: VectorTarget,
  { from, rows, signal }: { from: string; rows: Int32Array; signal: AbortSignal | undefined },
): Promise<void> {
  await using folder = await openVectorFolder(from, { signal });
  const { dimensions, dtype } = folder;
  for (let first = 0; first < rows.length; first += rowsInShard) {
    const own = rows.subarray(first, first + rowsInShard);
    const ids: Source<string> = (function* () {
      for (const row of own) yield folder.idOf(row);
    })();
    const vectors = (async function* () {
      for (let at = 0; at < own.length; at += rowsAtOnce)
        yield await folder.rows(own.subarray(at, at + rowsAtOnce), { signal });
    })();
    await target.write({ count: own.length, dimensions, dtype, ids, vectors });
  }
}

/** Where the rows of a file begin, to name it by. */
interface PartPlace {
  name: string;
  firstRow: number;
}

/**
 * The row of every passage, in the order of the passages, by its id. Throws `index-mismatch` where an id stands twice, or not every passage
 * has a row: the message names the file of a row that belongs to none.
 */
async function rowsOfPassages(vectors: VectorFolder, { parts, passages, signal }: OrderOptions): Promise<Int32Array> {
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
