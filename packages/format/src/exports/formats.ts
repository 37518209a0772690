import { alpaca } from "./alpaca.ts";
import { dpr } from "./dpr.ts";
import { examplesLines } from "./examples.ts";
import { messages } from "./messages.ts";
import { parquetFile } from "./parquet.ts";
import { promptCompletion } from "./prompt-completion.ts";
import { ragInstructArray, ragInstructLines } from "./rag-instruct.ts";
import type { RecordFormat } from "./record-format.ts";
import { sharegpt } from "./sharegpt.ts";
import { axolotlDatasets, llamaFactoryDatasets } from "./trainer-files.ts";

/** The formats that are JSON records. */
export const recordFormats = {
  examples: examplesLines,
  "rag-instruct": ragInstructLines,
  "rag-instruct-json": ragInstructArray,
  alpaca,
  sharegpt,
  messages,
  "prompt-completion": promptCompletion,
  dpr,
} as const satisfies Record<string, RecordFormat>;

/** Ids of the formats that hold examples. */
export type DataFormat = keyof typeof recordFormats | "parquet";

/** Files that tell a trainer how to read one of the data formats, which is then written too. */
export const trainerFiles = {
  "llama-factory": { file: "dataset_info.json", data: "sharegpt", content: llamaFactoryDatasets },
  axolotl: { file: "axolotl-datasets.yaml", data: "messages", content: axolotlDatasets },
} as const satisfies Record<string, { file: string; data: DataFormat; content(file: string): string }>;

/** Ids of what `exportExamples` writes. */
export type ExportFormat = DataFormat | keyof typeof trainerFiles;

/** All of them, in the order of the documentation. */
export const exportFormats = [
  ...Object.keys(recordFormats),
  "parquet",
  ...Object.keys(trainerFiles),
] as readonly ExportFormat[];

/** Whether a format is a description for a trainer. */
export function isTrainerFile(format: ExportFormat): format is keyof typeof trainerFiles {
  return format in trainerFiles;
}

/** Name of a format's file in the output folder. */
export function fileOf(format: ExportFormat): string {
  if (isTrainerFile(format)) return trainerFiles[format].file;
  return format === "parquet" ? parquetFile : recordFormats[format].file;
}
