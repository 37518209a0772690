import { alpaca } from "./alpaca.ts";
import { examplesLines } from "./examples.ts";
import { messages } from "./messages.ts";
import { parquetFile } from "./parquet.ts";
import { promptCompletion } from "./prompt-completion.ts";
import { ragInstructArray, ragInstructLines } from "./rag-instruct.ts";
import type { RecordFormat } from "./record-format.ts";
import { sharegpt } from "./sharegpt.ts";

/** The formats that are JSON records. */
export const recordFormats = {
  examples: examplesLines,
  "rag-instruct": ragInstructLines,
  "rag-instruct-json": ragInstructArray,
  alpaca,
  sharegpt,
  messages,
  "prompt-completion": promptCompletion,
} as const satisfies Record<string, RecordFormat>;

/** Ids of what `exportExamples` writes. */
export type ExportFormat = keyof typeof recordFormats | "parquet";

/** All of them, in the order of the documentation. */
export const exportFormats = [...Object.keys(recordFormats), "parquet"] as readonly ExportFormat[];

/** Name of a format's file in the output folder. */
export function fileOf(format: ExportFormat): string {
  return format === "parquet" ? parquetFile : recordFormats[format].file;
}
