import { rm, rmdir } from "node:fs/promises";
import { join } from "node:path";
import { numberText, type OnProgress, RagInstructError, type Source, type TrainingExample } from "@rag-instruct/core";
import { type RunContext, writeAtomic } from "@rag-instruct/core/node";
import { type ExampleFlaw, flawOf, type GivenOut } from "../check-example.ts";
import { type ExportFile, openExportFile, type WrittenFile } from "../exports/export-file.ts";
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
  await using outputs = new AlignmentOutputs(options);
  for (const id of new Set(formats)) report.formats[id] = await outputs.open(id);
  for (const [part, examples] of Object.entries(splits)) {
    for await (const example of examples) {
      signal?.throwIfAborted();
      report.examples += 1;
      const flaw = flawOf(example, options);
      if (flaw) report.flawed[flaw] = (report.flawed[flaw] ?? 0) + 1;
      else await outputs.write({ ...example, prompt: render(example).prompt }, part);
      if (report.examples % 1_000 === 0) onProgress?.({ stage: "export", done: report.examples });
    }
  }
  signal?.throwIfAborted();
  return { ...report, files: await outputs.commit() };
}

/** A file of one part of a format, while it is written. */
interface PartFile {
  path: string;
  file: ExportFile;
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
  beside: { path: string; file: ExportFile; content: (parts: readonly string[]) => string }[];
}

/** The files of an export while they are written. */
class AlignmentOutputs implements AsyncDisposable {
  readonly #options: AlignmentExportOptions;
  readonly #open: OpenFormat[] = [];

  constructor(options: AlignmentExportOptions) {
    this.#options = options;
  }

  async open(id: AlignmentFormatId): Promise<AlignmentCounts> {
    const { to, overwrite = false, splits } = this.#options;
    const format: AlignmentFormat | undefined = alignmentFormats[id];
    if (!format) {
      const known = Object.keys(alignmentFormats).join(", ");
      throw new RagInstructError(
        "bad-option",
        `no format for rewards or preferences is called ${id}; there are ${known}`,
      );
    }
    const counts: AlignmentCounts = { examples: 0, records: {}, leftOut: {} };
    const opened: OpenFormat = { id, format, counts, written: new Map(), files: [], beside: [] };
    this.#open.push(opened);
    for (const [name, content] of Object.entries(format.beside)) {
      const path = join(to, id, name);
      opened.beside.push({ path, file: await openExportFile(path, { overwrite }), content });
    }
    for (const part of Object.keys(splits)) {
      for (const [i, { name, open = lineWriter }] of format.files.entries()) {
        const path = join(to, id, name(part));
        const file = await openExportFile(path, { overwrite });
        opened.files.push({ path, file, writer: open(file), part, isTable: i === 0, rows: 0 });
      }
    }
    return counts;
  }

  async write(example: TrainingExample & { prompt: string }, part: string): Promise<void> {
    for (const { format, counts, written, files } of this.#open) {
      const index = written.get(part) ?? 0;
      // Its prompt is one turn.
      const records = example.history ? "several-turns" : format.records({ ...example, part, index });
      if (typeof records === "string") {
        counts.leftOut[records] = (counts.leftOut[records] ?? 0) + 1;
        continue;
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
  }

  /** Puts the files that have records in place, with what stands beside them; of the others none stays, from an earlier export neither. */
  async commit(): Promise<AlignmentWritten[]> {
    const { to } = this.#options;
    const all = this.#open.flatMap(({ files }) => files);
    for (const { writer } of all) await writer.flush();
    const written: AlignmentWritten[] = [];
    for (const { id, files, beside } of this.#open) {
      const full = files.filter(({ rows }) => rows > 0);
      for (const { file, part, isTable } of full)
        written.push({ ...(await file.commit()), format: id, split: part, isTable });
      const parts = [...new Set(full.map(({ part }) => part))];
      for (const { file, content } of full.length > 0 ? beside : []) {
        await file.write(new TextEncoder().encode(content(parts)));
        written.push({ ...(await file.commit()), format: id, isTable: false });
      }
      const empty = [...files.filter(({ rows }) => rows === 0), ...(full.length > 0 ? [] : beside)];
      for (const { path, file } of empty) {
        await file.discard();
        await rm(path, { force: true });
      }
      // It stays where something of somebody else's is in it.
      if (full.length === 0) await rmdir(join(to, id)).catch(() => {});
    }
    return written;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(
      this.#open.flatMap(({ files, beside }) => [...files, ...beside].map(({ file }) => file.discard())),
    );
  }
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
