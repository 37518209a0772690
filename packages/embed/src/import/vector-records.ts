import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { RagInstructError } from "@rag-instruct/core";
import { readRecords } from "@rag-instruct/core/node";

/** A record's id and vector. */
export interface VectorRecord {
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
  fields: VectorFields;
  signal: AbortSignal | undefined;
}

const recordFile = /\.(parquet|jsonl|json|ndjson)(\.gz|\.zst)?$/;

/** Reads JSON lines or Parquet, or all such files of a folder by their names. Throws `bad-record` with file and record. */
export async function* readVectorRecords(path: string, options: ReadOptions): AsyncGenerator<VectorRecord> {
  const isFolder = await stat(path).then(
    (place) => place.isDirectory(),
    () => false,
  );
  if (!isFolder) return yield* readFileOfRecords(path, options);
  for (const name of (await readdir(path)).filter((name) => recordFile.test(name)).sort()) {
    yield* readFileOfRecords(join(path, name), options);
  }
}

async function* readFileOfRecords(path: string, { fields, signal }: ReadOptions): AsyncGenerator<VectorRecord> {
  for await (const { value, file, line } of readRecords(path, signal ? { signal } : {})) {
    const record = typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
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
