import { badOption, numberText, type OnProgress, type Source, type TrainingExample } from "@rag-instruct/core";
import { type RunContext, writeAtomic } from "@rag-instruct/core/node";
import { type ExampleFlaw, flawOf, type GivenOut } from "../check-example.ts";
import { ExportFiles, type TextWriter, type WrittenFile } from "../exports/export-file.ts";
import { type AlignmentFormatId, alignmentFormats } from "../exports/formats.ts";
import { exampleRenderer, type RenderOptions } from "../render-example.ts";
import { countedText, type ReadingParts, readParts, removeOtherParts, type WrittenParts } from "../run-parts.ts";
import { type AlignmentFormat, lineWriter, type RowWriter } from "./alignment-format.ts";

/** Options of {@link exportAlignment}. */
export interface AlignmentExportOptions extends RenderOptions, GivenOut {
  /** Examples by the name of their part, such as `train` and `test`; each part is read once. */
  splits: Readonly<Record<string, Source<TrainingExample>>>;
  /** The folder, which gets one of each format; made when it is not there. */
  to: string;
  formats: readonly AlignmentFormatId[];
  /** Replace files that are there. @default false */
  overwrite?: boolean;
  onProgress?: OnProgress;
  signal?: AbortSignal;
}

/** What {@link exportAlignment} did. */
export interface AlignmentReport {
  /** Examples read: in each format as many were written or left out, or were flawed. */
  examples: number;
  flawed: Partial<Record<ExampleFlaw, number>>;
  formats: Partial<Record<AlignmentFormatId, AlignmentCounts>>;
  files: AlignmentWritten[];
}

/** What became of the examples in one format. */
export interface AlignmentCounts {
  /** Examples written. */
  examples: number;
  /** Their records, by the kind of their ground truth, or by where their rejected answer is from. */
  records: Record<string, number>;
  /** Examples left out, by reason. */
  leftOut: Record<string, number>;
}

/** A file that {@link exportAlignment} wrote. */
export type AlignmentWritten = WrittenFile & {
  format: AlignmentFormatId;
  /** The part whose records it holds. */
  split?: string;
  /** Whether it is its format's table, and neither the same in another form nor what stands beside it. */
  isTable: boolean;
};

/**
 * Writes examples for training by rewards (`grpo` for TRL, `verl`), with a reward function beside them, and by preferences (`dpo` for TRL
 * and LLaMA-Factory). One pass and constant memory; files are there whole or not at all, and none without a record. Throws `file-exists`,
 * `bad-record` for a flawed example, and `bad-option`.
 */
export async function exportAlignment(options: AlignmentExportOptions): Promise<AlignmentReport> {
  const { splits, formats, onProgress, signal } = options;
  const render = exampleRenderer(options);
  const report: Omit<AlignmentReport, "files"> = { examples: 0, flawed: {}, formats: {} };
  await using files = new ExportFiles(options);
  const opened: OpenFormat[] = [];
  for (const id of new Set(formats)) opened.push(await openFormat(id, { files, parts: Object.keys(splits) }));
  for (const { id, counts } of opened) report.formats[id] = counts;
  for (const [part, examples] of Object.entries(splits)) {
    for await (const example of examples) {
      signal?.throwIfAborted();
      report.examples += 1;
      const flaw = flawOf(example, options);
      if (flaw) report.flawed[flaw] = (report.flawed[flaw] ?? 0) + 1;
      else {
        const shown = { ...example, part, prompt: render(example).prompt };
        for (const format of opened) await writeExample(format, shown);
      }
      if (report.examples % 1_000 === 0) onProgress?.({ stage: "export", done: report.examples });
    }
  }
  signal?.throwIfAborted();
  for (const format of opened) await finishFormat(format);
  const tables = new Map(opened.flatMap(({ files }) => files.map((file) => [file.name, file] as const)));
  const written = (await files.commit({ keepsEmpty: false })).map(({ name, ...file }): AlignmentWritten => {
    const { part: split, isTable = false } = tables.get(name) ?? {};
    return { ...file, format: name.split("/")[0] as AlignmentFormatId, split, isTable };
  });
  return { ...report, files: written };
}

/** A file of one part of a format, while it is written. */
interface PartFile {
  name: string;
  writer: RowWriter;
  part: string;
  isTable: boolean;
  rows: number;
}

/** A format while it is written. */
interface OpenFormat {
  id: AlignmentFormatId;
  format: AlignmentFormat;
  counts: AlignmentCounts;
  /** Examples written of each part. */
  written: Map<string, number>;
  files: PartFile[];
  /** What stands beside them, once it is known which parts have records. */
  beside: { text: TextWriter; content: (parts: readonly string[]) => string }[];
}

async function openFormat(
  id: AlignmentFormatId,
  { files, parts }: { files: ExportFiles; parts: readonly string[] },
): Promise<OpenFormat> {
  const format: AlignmentFormat | undefined = alignmentFormats[id];
  if (!format) {
    const known = Object.keys(alignmentFormats).join(", ");
    throw badOption(`no format for rewards or preferences is called ${id}; there are ${known}`);
  }
  const counts: AlignmentCounts = { examples: 0, records: {}, leftOut: {} };
  const opened: OpenFormat = { id, format, counts, written: new Map(), files: [], beside: [] };
  for (const part of parts) {
    for (const [i, { name, open = lineWriter }] of format.files.entries()) {
      const path = `${id}/${name(part)}`;
      opened.files.push({ name: path, writer: open(await files.open(path)), part, isTable: i === 0, rows: 0 });
    }
  }
  for (const [name, content] of Object.entries(format.beside)) {
    opened.beside.push({ text: await files.openText(`${id}/${name}`), content });
  }
  return opened;
}

async function writeExample(
  { format, counts, written, files }: OpenFormat,
  example: TrainingExample & { prompt: string; part: string },
): Promise<void> {
  const { part } = example;
  const index = written.get(part) ?? 0;
  // Its prompt is one turn.
  const records = example.history ? "several-turns" : format.records({ ...example, index });
  if (typeof records === "string") {
    counts.leftOut[records] = (counts.leftOut[records] ?? 0) + 1;
    return;
  }
  counts.examples += 1;
  written.set(part, index + 1);
  const ofPart = files.filter((file) => file.part === part);
  for (const { rows, sort } of records) {
    counts.records[sort] = (counts.records[sort] ?? 0) + 1;
    for (const [i, file] of ofPart.entries()) {
      await file.writer.write(rows[i]!);
      file.rows += 1;
    }
  }
}

/** Writes what stands beside the files that have records; the others stay empty. */
async function finishFormat({ files, beside }: OpenFormat): Promise<void> {
  const full = files.filter(({ rows }) => rows > 0);
  for (const { writer } of full) await writer.flush();
  const parts = [...new Set(full.map(({ part }) => part))];
  for (const { text, content } of parts.length > 0 ? beside : []) await text.write(content(parts));
}

/** What {@link writeRunAlignment} wrote. */
export interface RunAlignment extends WrittenParts<AlignmentFormatId> {
  files: AlignmentWritten[];
}

const reportFile = "alignment.json";

/**
 * Writes the exports for rewards and preferences of a run folder, by the parts of its splits where it has some, and `alignment.json` with
 * what was left out. Throws `bad-input` where the splits are of other examples.
 */
export async function writeRunAlignment(
  formats: readonly AlignmentFormatId[],
  { documents }: { documents: number | "any" },
  reading: ReadingParts<Pick<RunContext, "folder" | "signal" | "onProgress">>,
): Promise<RunAlignment> {
  const { folder, signal, onProgress } = reading.context;
  const splits = await readParts(reading);
  const to = folder.path("exports");
  const { files, ...report } = await exportAlignment({
    splits,
    to,
    formats,
    documents,
    overwrite: true,
    onProgress,
    signal,
  });
  const about = { splits: Object.keys(splits), ...report };
  await writeAtomic(folder.path("exports", reportFile), `${JSON.stringify(about, null, 2)}\n`);
  await removeOtherParts(formats, { folder, files });
  const counts = Object.entries(report.formats).flatMap(([format, { leftOut }]) =>
    Object.entries(leftOut).map(([reason, count]) => [`left out of ${format} as ${reason}`, count] as const),
  );
  return { files, counts: Object.fromEntries(counts), lines: describeAlignment(report), report: reportFile };
}

/** What was written and left out, a line a format. */
function describeAlignment({ formats }: Pick<AlignmentReport, "formats">): string[] {
  return Object.entries(formats).map(([format, { examples, records, leftOut }]) => {
    const kinds = countedText(records);
    const out = countedText(leftOut);
    return `${format}: ${numberText(examples)} examples${kinds && ` (${kinds})`}${out && `; left out: ${out}`}`;
  });
}
