import { access } from "node:fs/promises";
import { join } from "node:path";
import { RagInstructError, type TrainingExample } from "@rag-instruct/core";
import { recordWriter } from "./example-writer.ts";
import { type ExportFile, openExportFile, type WrittenFile } from "./export-file.ts";
import {
  type DataFormat,
  type ExportFormat,
  exportFormats,
  fileOf,
  isTrainerFile,
  recordFormats,
  trainerFiles,
} from "./formats.ts";
import { parquetWriter } from "./parquet.ts";

/** One file of an export while it is written. */
export interface Output {
  format: ExportFormat;
  /** Takes one example; resolves to false where it has no place in the format. */
  write(example: TrainingExample, prompt: string): Promise<boolean>;
  flush(): Promise<void>;
  finish(): Promise<WrittenFile>;
  abort(reason: unknown): Promise<void>;
}

/** Opens one output a format, with the data that a trainer's description needs. Throws `bad-option` and `file-exists`. */
export async function openOutputs(
  formats: readonly ExportFormat[],
  { to, overwrite, signal }: { to: string; overwrite: boolean; signal?: AbortSignal },
): Promise<Output[]> {
  const wanted = withData(formats);
  const paths = wanted.map((format) => join(to, fileOf(format)));
  if (!overwrite) await Promise.all(paths.map(refuseExisting));
  return wanted.map((format, i) => {
    const file = openExportFile(paths[i]!, { overwrite, ...(signal && { signal }) });
    if (isTrainerFile(format)) return { format, ...trainerFileWriter(format, file) };
    return { format, ...(format === "parquet" ? parquetWriter(file) : recordWriter(recordFormats[format], file)) };
  });
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

function trainerFileWriter(format: keyof typeof trainerFiles, file: ExportFile): Omit<Output, "format"> {
  const { content, data } = trainerFiles[format];
  return {
    write: async () => true,
    flush: () => file.push(new TextEncoder().encode(content(fileOf(data satisfies DataFormat)))),
    finish: () => file.finish(),
    abort: (reason) => file.abort(reason),
  };
}

async function refuseExisting(path: string): Promise<void> {
  const there = await access(path).then(
    () => true,
    () => false,
  );
  if (there)
    throw new RagInstructError("file-exists", `${path} is already there; choose another folder or allow overwriting`);
}
