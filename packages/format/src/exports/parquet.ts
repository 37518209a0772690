import { zstdCompressSync } from "node:zlib";
import type { TrainingDocument, TrainingExample } from "@rag-instruct/core";
import { ByteWriter, ParquetWriter } from "hyparquet-writer";
import type { ExampleWriter } from "./example-writer.ts";
import type { ExportFile } from "./export-file.ts";
import { parquetColumns, parquetSchema } from "./parquet-schema.ts";

/** Name of the file in the output folder. */
export const parquetFile = "examples.parquet";

// About 6 MB of text at ten documents of 100 words: small enough to hold, large enough to compress and to scan.
const rowsInGroup = 1_000;

/** One row of the file; columns in snake case, as data sets on the hub write them. */
interface ParquetRow {
  id: string;
  paradigm: string;
  question: string;
  answer: string;
  options?: string[] | null;
  documents: (Omit<TrainingDocument, "rank" | "relaxed" | "metadata"> & {
    rank?: number | null;
    relaxed?: TrainingDocument["relaxed"] | null;
  })[];
  source_ids?: string[] | null;
  model?: string | null;
}

/** Writes Parquet, a row group at a time. A document's `metadata` is not written. */
export function parquetWriter(file: ExportFile): ExampleWriter {
  const bytes = new ByteWriter();
  const parquet = new ParquetWriter({
    writer: bytes,
    schema: parquetSchema,
    createdBy: "rag-instruct",
    codec: "ZSTD",
    compressors: { ZSTD: (input) => zstdCompressSync(input) },
    statistics: false, // the smallest and largest text of a group help nobody
  });
  let rows: ParquetRow[] = [];

  async function handOver(): Promise<void> {
    const chunk = bytes.getBytes().slice();
    bytes.index = 0;
    if (chunk.length > 0) await file.write(chunk);
  }
  async function writeGroup(): Promise<void> {
    if (rows.length === 0) return;
    const columnData = parquetColumns.map((name) => ({ name, data: rows.map((row) => row[name as keyof ParquetRow]) }));
    await parquet.write({ columnData, rowGroupSize: rowsInGroup });
    rows = [];
    await handOver();
  }
  return {
    async write(example) {
      rows.push(toRow(example));
      if (rows.length >= rowsInGroup) await writeGroup();
      return true;
    },
    async flush() {
      await writeGroup();
      await parquet.finish();
      await handOver();
    },
  };
}

/** The example of a row that {@link parquetWriter} wrote; undefined for a row of another shape. */
export function exampleFromRow(row: Readonly<Record<string, unknown>>): TrainingExample | undefined {
  if (!isParquetRow(row)) return undefined;
  const { options, source_ids: sourceIds, model, documents, ...rest } = row;
  return {
    ...rest,
    ...(options && { options }),
    documents: documents.map(
      ({ rank, relaxed, ...document }): TrainingDocument => ({
        ...document,
        rank: typeof rank === "number" ? rank : undefined,
        relaxed: relaxed || undefined,
      }),
    ),
    ...(sourceIds && { sourceIds }),
    ...(model && { model }),
  };
}

function isParquetRow(row: object): row is ParquetRow {
  const { id, question, answer, documents } = row as Partial<ParquetRow>;
  if ([id, question, answer].some((value) => typeof value !== "string") || !Array.isArray(documents)) return false;
  return documents.every((document) => typeof document === "object" && "role" in document);
}

function toRow({ sourceIds, documents, id, paradigm, question, answer, options, model }: TrainingExample): ParquetRow {
  const plain = documents.map(({ id, title, text, role, rank, relaxed }) => ({
    id,
    title,
    text,
    role,
    rank: rank ?? null,
    relaxed: relaxed ?? null,
  }));
  const row = { id, paradigm, question, answer, documents: plain };
  return { ...row, options: options ?? null, source_ids: sourceIds ?? null, model: model ?? null };
}
