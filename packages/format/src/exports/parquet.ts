import { zstdCompressSync } from "node:zlib";
import type { EarlierTurn, TrainingDocument, TrainingExample } from "@rag-instruct/core";
import { ByteWriter, ParquetWriter, type SchemaElement } from "hyparquet-writer";
import type { RowWriter } from "../alignment/alignment-format.ts";
import type { ExampleWriter, ExportFile } from "./export-file.ts";

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
  cites?: boolean | null;
  history?: EarlierTurn[] | null;
  standalone?: string | null;
}

/** Writes examples as Parquet, all but the `metadata` of documents, `failures` and `edited`. */
export function parquetWriter(file: ExportFile): ExampleWriter {
  const table = tableWriter(file, columns);
  return {
    async write(example) {
      await table.write(toRow(example));
      return true;
    },
    flush: () => table.flush(),
  };
}

/** A column of a table: its element, with those of a list or a structure behind it. */
export type Column = SchemaElement | readonly SchemaElement[];

/** Writes rows as Parquet, a row group at a time. */
export function tableWriter(file: ExportFile, columns: readonly Column[]): RowWriter {
  const names = columns.map((column) => [column].flat()[0]!.name);
  const bytes = new ByteWriter();
  const parquet = new ParquetWriter({
    writer: bytes,
    schema: [{ name: "root", num_children: columns.length }, ...columns.flat()],
    createdBy: "rag-instruct",
    codec: "ZSTD",
    compressors: { ZSTD: (input) => zstdCompressSync(input) },
    statistics: false, // the smallest and largest text of a group help nobody
  });
  let rows: Readonly<Record<string, unknown>>[] = [];

  async function handOver(): Promise<void> {
    const chunk = bytes.getBytes().slice();
    bytes.index = 0;
    if (chunk.length > 0) await file.write(chunk);
  }
  async function writeGroup(): Promise<void> {
    if (rows.length === 0) return;
    const columnData = names.map((name) => ({ name, data: rows.map((row) => row[name]) }));
    await parquet.write({ columnData, rowGroupSize: rowsInGroup });
    rows = [];
    await handOver();
  }
  return {
    async write(row) {
      rows.push(row as Readonly<Record<string, unknown>>);
      if (rows.length >= rowsInGroup) await writeGroup();
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
  const { options, source_ids: sourceIds, model, cites, documents, history, standalone, ...rest } = row;
  return {
    ...rest,
    options: options ?? undefined,
    documents: documents.map(
      ({ rank, relaxed, ...document }): TrainingDocument => ({
        ...document,
        rank: typeof rank === "number" ? rank : undefined,
        relaxed: relaxed || undefined,
      }),
    ),
    sourceIds: sourceIds ?? undefined,
    model: model || undefined,
    cites: cites || undefined,
    history: history?.map(({ id, ...turn }) => (id ? { id, ...turn } : turn)),
    standalone: standalone || undefined,
  };
}

function isParquetRow(row: object): row is ParquetRow {
  const { id, question, answer, documents } = row as Partial<ParquetRow>;
  if ([id, question, answer].some((value) => typeof value !== "string") || !Array.isArray(documents)) return false;
  return documents.every((document) => typeof document === "object" && "role" in document);
}

function toRow(example: TrainingExample): ParquetRow {
  const { sourceIds, documents, id, paradigm, question, answer, options, model, cites, history, standalone } = example;
  const plain = documents.map(({ id, title, text, role, rank, relaxed }) => ({
    id,
    title,
    text,
    role,
    rank: rank ?? null,
    relaxed: relaxed ?? null,
  }));
  return {
    id,
    paradigm,
    question,
    answer,
    options: options ?? null,
    documents: plain,
    source_ids: sourceIds ?? null,
    model: model ?? null,
    cites: cites ?? null,
    history: history ?? null,
    standalone: standalone ?? null,
  };
}

// Everything an example holds: lists and structures as Arrow and the `datasets` library read them.
const columns: Column[] = [
  text("id"),
  text("paradigm"),
  text("question"),
  text("answer"),
  listOf("options", [optionalText("element")]),
  listOf(
    "documents",
    structure(
      "element",
      [
        text("id"),
        text("title"),
        text("text"),
        text("role"),
        { name: "rank", type: "INT32", repetition_type: "OPTIONAL" },
        optionalText("relaxed"),
      ],
      { repetition: "OPTIONAL" },
    ),
  ),
  listOf("source_ids", [optionalText("element")]),
  optionalText("model"),
  { name: "cites", type: "BOOLEAN", repetition_type: "OPTIONAL" },
  listOf(
    "history",
    structure("element", [optionalText("id"), text("question"), text("answer")], { repetition: "OPTIONAL" }),
  ),
  optionalText("standalone"),
];

/** A column of texts, one in every row. */
export function text(name: string): SchemaElement {
  return { name, type: "BYTE_ARRAY", converted_type: "UTF8", repetition_type: "REQUIRED" };
}

/** A column of texts, which rows may lack. */
export function optionalText(name: string): SchemaElement {
  return { ...text(name), repetition_type: "OPTIONAL" };
}

/** A column of structures. */
export function structure(
  name: string,
  fields: readonly Column[],
  { repetition = "REQUIRED" }: { repetition?: "REQUIRED" | "OPTIONAL" } = {},
): SchemaElement[] {
  return [{ name, repetition_type: repetition, num_children: fields.length }, ...fields.flat()];
}

/** A column of lists, which rows may lack. */
export function listOf(name: string, element: readonly SchemaElement[]): SchemaElement[] {
  return [
    { name, converted_type: "LIST", repetition_type: "OPTIONAL", num_children: 1 },
    { name: "list", repetition_type: "REPEATED", num_children: 1 },
    ...element,
  ];
}
