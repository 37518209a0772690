import { listText, numberText } from "@rag-instruct/core";
import { type RunContext, writeAtomic } from "@rag-instruct/core/node";
import { type ReadingParts, readParts, removeOtherParts, type WrittenParts } from "../run-parts.ts";
import type { AlignmentFormatId } from "./alignment-formats.ts";
import { type AlignmentReport, type AlignmentWritten, exportAlignment } from "./export-alignment.ts";

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
    const kinds = counted(records);
    const out = counted(leftOut);
    return `${format}: ${numberText(examples)} examples${kinds && ` (${kinds})`}${out && `; left out: ${out}`}`;
  });
}

function counted(counts: Readonly<Record<string, number>>): string {
  return listText(Object.entries(counts).map(([name, count]) => `${numberText(count)} ${name}`));
}
