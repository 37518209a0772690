import { badOption } from "@rag-instruct/core";
import type { AlignmentFormat } from "../alignment/alignment-format.ts";
import type { RetrievalFormat } from "../retrieval/retrieval-format.ts";
import { beir } from "./beir.ts";
import { dpo } from "./dpo.ts";
import { type ExampleWriter, type ExportFile, type ExportFiles, recordWriter } from "./export-file.ts";
import { grpo } from "./grpo.ts";
import { labelledLists, labelledPairs } from "./labelled.ts";
import { msmarco } from "./msmarco.ts";
import { parquetFile, parquetWriter } from "./parquet.ts";
import { recordFormats, sharegptTags } from "./record-formats.ts";
import { type TrajectoryFormat, trajectoryFormats } from "./trajectories.ts";
import { triplets } from "./triplets.ts";
import { verl } from "./verl.ts";

/** Ids of the formats that hold examples. */
export type DataFormat = keyof typeof recordFormats | "parquet";

/** Files that tell a trainer how to read one of the data formats, which is then written too. */
const trainerFiles = {
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

/** The formats for retrievers and rerankers. */
export const retrievalFormats = {
  triplets,
  "labelled-pairs": labelledPairs,
  "labelled-lists": labelledLists,
  beir,
  msmarco,
} as const satisfies Record<string, RetrievalFormat>;

/** Ids of the formats for retrievers and rerankers. */
export type RetrievalFormatId = keyof typeof retrievalFormats;

/** The formats for training by rewards and by preferences. */
export const alignmentFormats = { grpo, verl, dpo } as const satisfies Record<string, AlignmentFormat>;

/** Ids of the formats for training by rewards and by preferences. */
export type AlignmentFormatId = keyof typeof alignmentFormats;

/** Ids of what a run gives out, those that need its index or its records among them. */
export type RunFormat = ExportFormat | RetrievalFormatId | AlignmentFormatId | TrajectoryFormat;

/** All of them, in the order of the documentation. */
export const runFormats = [
  ...exportFormats,
  ...Object.keys(retrievalFormats),
  ...Object.keys(alignmentFormats),
  ...Object.keys(trajectoryFormats),
] as readonly RunFormat[];

/** Whether a format is for retrievers. */
export function isRetrievalFormat(format: RunFormat): format is RetrievalFormatId {
  return format in retrievalFormats;
}

/** Whether a format is for rewards or preferences. */
export function isAlignmentFormat(format: RunFormat): format is AlignmentFormatId {
  return format in alignmentFormats;
}

/** Whether a format is one of examples as they are. */
export function isExampleFormat(format: RunFormat): format is ExportFormat {
  return !isRetrievalFormat(format) && !isAlignmentFormat(format) && !isTrajectoryFormat(format);
}

/** Whether a format is one of chains of searches. */
export function isTrajectoryFormat(format: RunFormat): format is TrajectoryFormat {
  return format in trajectoryFormats;
}

/** Whether a format is a table of examples, and neither a description for a trainer nor a folder of several kinds of file. */
export function isTable(format: RunFormat): boolean {
  if (isRetrievalFormat(format)) return !retrievalFormats[format].needsCorpus;
  return !(format in trainerFiles);
}

/** Whether a format is a description for a trainer. */
export function isTrainerFile(format: ExportFormat): format is keyof typeof trainerFiles {
  return format in trainerFiles;
}

/** Name of a format's file in the output folder. */
function fileOf(format: ExportFormat): string {
  if (isTrainerFile(format)) return trainerFiles[format].file;
  return format === "parquet" ? parquetFile : recordFormats[format].file;
}

/** The file of one format while it is written. */
interface Output extends ExampleWriter {
  format: ExportFormat;
  /** Records written. */
  records: number;
}

/** Opens a file a format, in their order, with the data that a trainer's description needs. Throws `bad-option` and `file-exists`. */
export async function openOutputs(formats: readonly ExportFormat[], files: ExportFiles): Promise<Output[]> {
  const outputs: Output[] = [];
  for (const format of withData(formats)) {
    const file = await files.open(fileOf(format));
    outputs.push({ format, records: 0, ...writerOf(format, file) });
  }
  return outputs;
}

function writerOf(format: ExportFormat, file: ExportFile): ExampleWriter {
  if (isTrainerFile(format)) return trainerFileWriter(format, file);
  return format === "parquet" ? parquetWriter(file) : recordWriter(recordFormats[format], file);
}

function withData(formats: readonly ExportFormat[]): ExportFormat[] {
  const unknown = formats.find((format) => !exportFormats.includes(format));
  if (unknown) {
    throw badOption(`no format is called ${unknown}; there are ${exportFormats.join(", ")}`);
  }
  if (formats.length === 0) throw badOption("formats is empty; name at least one");
  return [
    ...new Set(formats.flatMap((format) => (isTrainerFile(format) ? [trainerFiles[format].data, format] : [format]))),
  ];
}

function trainerFileWriter(format: keyof typeof trainerFiles, file: ExportFile): ExampleWriter {
  const { content, data } = trainerFiles[format];
  return {
    write: async () => true,
    flush: () => file.write(new TextEncoder().encode(content(fileOf(data)))),
  };
}

/** The name under which LLaMA-Factory knows the data. */
export const llamaFactoryDataset = "rag_instruct";

/** LLaMA-Factory's `dataset_info.json` for a ShareGPT file in the same folder. */
function llamaFactoryDatasets(file: string): string {
  const columns = { messages: "conversations" };
  const dataset = { file_name: file, formatting: "sharegpt", columns, tags: sharegptTags };
  return `${JSON.stringify({ [llamaFactoryDataset]: dataset }, null, 2)}\n`;
}

/**
 * The `datasets` part of an axolotl configuration for a file of messages: the model's own chat template, loss on the
 * assistant's turns and on the token that ends them.
 */
export function axolotlDatasets(file: string): string {
  return `datasets:
  - path: ${JSON.stringify(file)}
    ds_type: json
    type: chat_template
    field_messages: messages
    roles_to_train: ["assistant"]
    train_on_eos: turn
`;
}
