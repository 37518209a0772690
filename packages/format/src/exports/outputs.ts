import { join } from "node:path";
import { RagInstructError } from "@rag-instruct/core";
import { type ExampleWriter, recordWriter } from "./example-writer.ts";
import { type ExportFile, openExportFile } from "./export-file.ts";
import { type ExportFormat, exportFormats, fileOf, isTrainerFile, recordFormats, trainerFiles } from "./formats.ts";
import { parquetWriter } from "./parquet.ts";

/** One file of an export while it is written. */
export interface Output extends ExampleWriter {
  format: ExportFormat;
  file: ExportFile;
}

/** Opens one output a format, with the data that a trainer's description needs. Throws `bad-option` and `file-exists`. */
export async function openOutputs(
  formats: readonly ExportFormat[],
  { to, overwrite }: { to: string; overwrite: boolean },
): Promise<Output[]> {
  const outputs: Output[] = [];
  try {
    for (const format of withData(formats)) {
      const file = await openExportFile(join(to, fileOf(format)), { overwrite });
      outputs.push({ format, file, ...writerOf(format, file) });
    }
    return outputs;
  } catch (error) {
    await discardAll(outputs);
    throw error;
  }
}

/** Leaves nothing behind of outputs that were not committed. */
export async function discardAll(outputs: readonly Output[]): Promise<void> {
  await Promise.all(outputs.map(({ file }) => file.discard()));
}

function writerOf(format: ExportFormat, file: ExportFile): ExampleWriter {
  if (isTrainerFile(format)) return trainerFileWriter(format, file);
  return format === "parquet" ? parquetWriter(file) : recordWriter(recordFormats[format], file);
}

function withData(formats: readonly ExportFormat[]): ExportFormat[] {
  const unknown = formats.find((format) => !exportFormats.includes(format));
  if (unknown) {
    throw new RagInstructError("bad-option", `no format is called ${unknown}; there are ${exportFormats.join(", ")}`);
  }
  if (formats.length === 0) throw new RagInstructError("bad-option", "formats is empty; name at least one");
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
