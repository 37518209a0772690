import { access } from "node:fs/promises";
import { join } from "node:path";
import { type OnProgress, RagInstructError, type Source, type TrainingExample } from "@rag-instruct/core";
import { checkExample, type ExampleFlaw } from "./check-example.ts";
import { type ExampleWriter, recordWriter } from "./exports/example-writer.ts";
import { openExportFile, type WrittenFile } from "./exports/export-file.ts";
import { type ExportFormat, exportFormats, fileOf, recordFormats } from "./exports/formats.ts";
import { parquetWriter } from "./exports/parquet.ts";
import { exampleRenderer, type RenderOptions } from "./render-example.ts";

/** Options of {@link exportExamples}. */
export interface ExportOptions extends RenderOptions {
  examples: Source<TrainingExample>;
  /** The folder; made when it is not there. */
  to: string;
  formats: readonly ExportFormat[];
  /** Documents each example must have; "any" takes every number. @default 10 */
  documents?: number | "any";
  /** What happens to an example that `checkExample` finds fault with: the export fails, or it is left out and counted. @default "fail" */
  flawed?: "fail" | "leave-out";
  /** Replace files that are there. @default false */
  overwrite?: boolean;
  onProgress?: OnProgress;
  signal?: AbortSignal;
}

/** What {@link exportExamples} did; examples + the sum of leftOut = examples read. */
export interface ExportReport {
  /** Examples written. */
  examples: number;
  /** Examples left out, by the first flaw found. */
  leftOut: Partial<Record<ExampleFlaw, number>>;
  /** Examples by the template they were rendered with. */
  templates: Record<string, number>;
  files: (WrittenFile & { format: ExportFormat; examples: number })[];
}

/**
 * Writes examples to one file a format, in one pass and in constant memory. Every example is checked before it is
 * written; the files are there whole or not at all. Throws `file-exists`, `bad-record` for a flawed example, and
 * `bad-option`.
 */
export async function exportExamples(options: ExportOptions): Promise<ExportReport> {
  const { examples, flawed = "fail", documents = 10, onProgress, signal } = options;
  const render = exampleRenderer(options);
  const outputs = await openOutputs(options);
  const report: ExportReport = { examples: 0, leftOut: {}, templates: {}, files: [] };
  try {
    for await (const example of examples) {
      signal?.throwIfAborted();
      const [flaw] = checkExample(example, { documents });
      if (flaw && flawed === "fail") throw new RagInstructError("bad-record", `example ${example.id}: ${flaw.detail}`);
      if (flaw) {
        report.leftOut[flaw.flaw] = (report.leftOut[flaw.flaw] ?? 0) + 1;
        continue;
      }
      const { prompt, template } = render(example);
      for (const output of outputs) if (await output.writer.write(example, prompt)) output.examples += 1;
      report.examples += 1;
      report.templates[template] = (report.templates[template] ?? 0) + 1;
      if (report.examples % 1_000 === 0) onProgress?.({ stage: "export", done: report.examples });
    }
    await Promise.all(outputs.map(({ writer }) => writer.flush()));
    for (const { format, examples, writer } of outputs)
      report.files.push({ ...(await writer.finish()), format, examples });
  } catch (error) {
    await Promise.all(outputs.map(({ writer }) => writer.abort(error)));
    throw error;
  }
  onProgress?.({ stage: "export", done: report.examples, total: report.examples });
  return report;
}

interface Output {
  format: ExportFormat;
  writer: ExampleWriter;
  examples: number;
}

async function openOutputs({ to, formats, overwrite = false, signal }: ExportOptions): Promise<Output[]> {
  const wanted = [...new Set(formats)];
  const unknown = wanted.find((format) => !exportFormats.includes(format));
  if (unknown)
    throw new RagInstructError("bad-option", `no format is called ${unknown}; there are ${exportFormats.join(", ")}`);
  if (wanted.length === 0) throw new RagInstructError("bad-option", "formats is empty; name at least one");
  const paths = wanted.map((format) => join(to, fileOf(format)));
  if (!overwrite) await Promise.all(paths.map(refuseExisting));
  return wanted.map((format, i) => {
    const file = openExportFile(paths[i]!, { overwrite, ...(signal && { signal }) });
    const writer = format === "parquet" ? parquetWriter(file) : recordWriter(recordFormats[format], file);
    return { format, writer, examples: 0 };
  });
}

async function refuseExisting(path: string): Promise<void> {
  const there = await access(path).then(
    () => true,
    () => false,
  );
  if (there)
    throw new RagInstructError("file-exists", `${path} is already there; choose another folder or allow overwriting`);
}
