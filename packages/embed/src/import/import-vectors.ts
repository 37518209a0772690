import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { badOption, inBatches, isObject, RagInstructError, type Source, type Vectors } from "@rag-instruct/core";
import { isFolder, openText, readLines, readRecords } from "@rag-instruct/core/node";
import { partOf, readNpyFile, type VectorPart } from "./array-file.ts";
import { type ImportReport, VectorTarget, type VectorTargetOptions } from "./vector-target.ts";

const rowsInShard = 16_384;

/** Options of {@link importVectors}. */
export interface ImportVectorsOptions extends VectorTargetOptions {
  /** A .npy file, or Parquet or JSON lines whose records have an id and a vector, or a folder of such. */
  from: string;
  /** For a .npy file: the ids of its rows, or the path of a text with one a line or of a .json with an array of them. */
  ids?: string | Source<string>;
  /** Names of the fields. @default docid, doc_id, id or _id; vector, embedding or embeddings */
  fields?: VectorFields;
}

/**
 * Turns vectors of other tools into a vector folder: Parquet as Anserini publishes it, JSON lines, or .npy with ids.
 * Throws `file-missing`, `file-corrupt`, `unknown-format`, `bad-record`, and `bad-input` for numbers that are not finite
 * and for ids and rows that do not match in number; `folder-locked`, and `model-mismatch` where `to` holds vectors of another embedder.
 */
export async function importVectors(options: ImportVectorsOptions): Promise<ImportReport> {
  await using target = await VectorTarget.open(options);
  await (options.from.endsWith(".npy") ? importNpy : importRecords)(options, target);
  return await target.finish();
}

async function importNpy({ from, ids }: ImportVectorsOptions, target: VectorTarget): Promise<void> {
  if (ids === undefined) throw badOption(`give ids for the rows of ${from}`);
  const { count, dimensions, vectors } = partOf(await readNpyFile(from));
  await target.write({ count, dimensions, ids: typeof ids === "string" ? readIds(ids) : ids, vectors });
}

/** The ids of a text with one a line, or of a .json with an array of them. */
export async function* readIds(path: string): AsyncGenerator<string> {
  if (path.endsWith(".json")) {
    for await (const { value } of readRecords(path)) yield String(value);
    return;
  }
  const { utf8 } = openText(path);
  for await (const { text } of readLines(utf8)) yield text ?? "";
}

async function importRecords({ from, fields, signal }: ImportVectorsOptions, target: VectorTarget): Promise<void> {
  for await (const { count, dimensions, ids, vectors } of recordParts(from, { fields, signal }))
    await target.write({ count, dimensions, ids, vectors });
  if (target.isEmpty) throw new RagInstructError("bad-input", `${from} holds no vectors`);
}

/** The vectors of records, some thousand at a time. Throws `bad-record` with file and record, also where one has other dimensions than the first. */
export async function* recordParts(
  from: string,
  options: ReadOptions,
): AsyncGenerator<VectorPart & { ids: readonly string[] }> {
  let dimensions = 0;
  for await (const rows of inBatches(readVectorRecords(from, options), rowsInShard)) {
    dimensions ||= rows[0]!.vector.length;
    const other = rows.find(({ vector }) => vector.length !== dimensions);
    if (other) {
      const message = `${from}: ${other.id} has ${other.vector.length} dimensions, the first one ${dimensions}`;
      throw new RagInstructError("bad-record", message);
    }
    const ids = rows.map(({ id }) => id);
    yield { name: from, count: rows.length, dimensions, dtype: "float32", ids, vectors: [toVectors(rows, dimensions)] };
  }
}

function toVectors(rows: readonly VectorRecord[], dimensions: number): Vectors {
  const data = new Float32Array(rows.length * dimensions);
  for (const [i, { vector }] of rows.entries()) data.set(vector, i * dimensions);
  return { data, count: rows.length, dimensions };
}

/** A record's id and vector. */
interface VectorRecord {
  id: string;
  vector: ArrayLike<number>;
}

/** Names of the columns as Anserini and others write them, tried in this order. */
const idFields = ["docid", "doc_id", "id", "_id"];
const vectorFields = ["vector", "embedding", "embeddings"];

/** Fields of the records, where they have other names. */
export interface VectorFields {
  id?: string;
  vector?: string;
}

interface ReadOptions {
  fields?: VectorFields | undefined;
  signal?: AbortSignal | undefined;
}

/** Names of files whose records may hold vectors. */
export const recordFile = /\.(parquet|jsonl|json|ndjson)(\.gz|\.zst)?$/;

/** Reads JSON lines or Parquet, or all such files of a folder by their names. Throws `bad-record` with file and record. */
async function* readVectorRecords(path: string, options: ReadOptions): AsyncGenerator<VectorRecord> {
  if (!(await isFolder(path))) return yield* readFileOfRecords(path, options);
  for (const name of (await readdir(path)).filter((name) => recordFile.test(name)).sort()) {
    yield* readFileOfRecords(join(path, name), options);
  }
}

async function* readFileOfRecords(path: string, { fields = {}, signal }: ReadOptions): AsyncGenerator<VectorRecord> {
  for await (const { value, file, line } of readRecords(path, { signal })) {
    const record = isObject(value) ? value : {};
    const id = fieldOf(record, fields.id, idFields);
    const vector = fieldOf(record, fields.vector, vectorFields);
    if (typeof id !== "string" && typeof id !== "number") {
      throw new RagInstructError("bad-record", `${file}:${line}: no id; name its field by fields.id`);
    }
    if (!isVector(vector)) {
      throw new RagInstructError(
        "bad-record",
        `${file}:${line}: no vector of numbers; name its field by fields.vector`,
      );
    }
    yield { id: String(id), vector };
  }
}

function fieldOf(record: Record<string, unknown>, name: string | undefined, usual: readonly string[]): unknown {
  const found = name ?? usual.find((field) => Object.hasOwn(record, field));
  return found === undefined ? undefined : record[found];
}

function isVector(value: unknown): value is ArrayLike<number> {
  if (ArrayBuffer.isView(value)) return !(value instanceof DataView);
  return Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === "number");
}
