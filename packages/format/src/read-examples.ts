import {
  badOption,
  isObject,
  type OnProgress,
  programName,
  RagInstructError,
  type Reviews,
  type TrainingExample,
} from "@rag-instruct/core";
import { readRecords } from "@rag-instruct/core/node";
import { citedByNumbersOf } from "./example-citations.ts";
import { exampleFromRow } from "./exports/parquet.ts";
import { recordFormats } from "./exports/record-formats.ts";

/** Options of {@link readExamples}. */
export interface ReadExamplesOptions {
  /** @default "auto": by the name of the file and the keys of each record */
  format?: "auto" | keyof typeof recordFormats | "parquet";
  /** Called for each record that is not an example, which is then skipped. Without it the first one throws `bad-record`. */
  onMalformed?: (record: { file: string; line: number; detail: string }) => void;
  /** What people decided: rejected examples are left out, edited ones come with their new text. @default nothing was decided */
  reviews?: Reviews;
  /** Whether only those come that a person has accepted or edited, by `reviews`. @default false */
  onlyAccepted?: boolean;
  onProgress?: OnProgress;
  signal?: AbortSignal;
}

/**
 * Reads training examples from what `exportExamples` writes and from the published data set: JSON Lines, JSON or
 * Parquet. Where the file does not say which document is source and which noise, the role is `unknown`; where it has no
 * ids, they are hashes of the content. Prompts are read back when they have the method's layout.
 * Throws `file-missing`, and `bad-record` with file and line, and `bad-option` where only accepted ones are
 * wanted and nobody has accepted any.
 */
export async function* readExamples(path: string, options: ReadExamplesOptions = {}): AsyncGenerator<TrainingExample> {
  const { format = "auto", onProgress, signal, reviews, onlyAccepted = false } = options;
  if (onlyAccepted && reviews && !hasAccepted(reviews))
    throw badOption(`nobody has accepted or edited a pair yet, so that none is left; read some: ${programName()} view`);
  const malformed = (record: { file: string; line: number; detail: string }) => {
    if (!options.onMalformed)
      throw new RagInstructError("bad-record", `${record.file}:${record.line}: ${record.detail}`);
    options.onMalformed(record);
  };
  const records = readRecords(path, { onMalformed: malformed, signal });
  let done = 0;
  for await (const { value, file, line } of records) {
    signal?.throwIfAborted();
    const example = isObject(value) ? exampleOf(value, format) : undefined;
    if (example) {
      const decided = decidedOn(example, options);
      if (decided) yield decided;
      done += 1;
      if (done % 1_000 === 0) onProgress?.({ stage: "read", done, note: path });
    } else {
      const what = format === "auto" ? "in any known format" : `in the format ${format}`;
      malformed({ file, line, detail: `no training example ${what}` });
    }
  }
}

function hasAccepted(reviews: Reviews): boolean {
  const { accepted, edited } = reviews.figures();
  return accepted + edited > 0;
}

/** An example as the reviews leave it, if they do. */
function decidedOn(
  example: TrainingExample,
  { reviews, onlyAccepted = false }: ReadExamplesOptions,
): TrainingExample | undefined {
  const review = reviews?.of(example);
  if (onlyAccepted && !review) return undefined;
  const kept = reviews ? reviews.apply(example) : example;
  if (!kept || review?.decision !== "edited" || kept.seen === undefined) return kept;
  // What a person wrote cites by the numbers of the pair.
  const { documents, sourceIds = [], answer } = kept;
  return { ...kept, answer: citedByNumbersOf(documents, sourceIds)(answer) };
}

function exampleOf(
  record: Record<string, unknown>,
  format: ReadExamplesOptions["format"] & string,
): TrainingExample | undefined {
  if (format === "parquet" || (format === "auto" && "source_ids" in record)) {
    return exampleFromRow(record);
  }
  if (format !== "auto") return recordFormats[format].fromRecord(record);
  for (const { fromRecord } of Object.values(recordFormats)) {
    const example = fromRecord(record);
    if (example) return example;
  }
  return undefined;
}
