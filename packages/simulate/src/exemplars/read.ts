import { basename } from "node:path";
import { type Exemplar, hashOf, isObject, RagInstructError } from "@rag-instruct/core";
import { type RecordAt, readRecords } from "@rag-instruct/core/node";
import { type ExemplarFormat, type FormatResult, maxExemplarLength, type UnreadReason } from "./formats/format.ts";
import { formats, labelOf, refusalOf } from "./formats/formats.ts";
import { detectTask, splitOptions } from "./question-form.ts";
import { exemplarSet } from "./sets/exemplar-sets.ts";
import { isExemplarSet } from "./sets/names.ts";

/** A row that gives no exemplar: where it stands and why. */
export interface UnreadExemplar {
  file: string;
  /** Line of a line-based file, else number of the row; counted from 1. */
  line: number;
  reason: UnreadReason;
  detail: string;
}

/** Options of {@link readExemplars}. */
export interface ReadExemplarsOptions {
  /**
   * A format by name: alpaca, dolly, exemplar, lmsys, longform, messages, openorca, prompt, rag-instruct, self-instruct, sharegpt,
   * slimorca, turns, wizardlm. @default "auto": each row by its own shape, and what that leaves open by the rest of its file
   */
  format?: string;
  /** Name of the dataset, over which a plan is balanced. @default what a row says, else the name of the format that its file is of */
  source?: string;
  /** Called for each row that gives no exemplar, which is then passed over. Without it the first one throws `bad-record`. */
  onUnread?: (row: UnreadExemplar) => void;
  signal?: AbortSignal;
}

/**
 * Reads exemplars from files of known instruction datasets, one by one and in constant memory: JSON, JSON lines, CSV or Parquet; the name of a
 * bundled set, such as `handbook`, stands for that set.
 * Each row is an exemplar or goes to `onUnread` with a reason. Ids are hashes of the content where the data has none of ours.
 * Throws `unknown-format` where nothing in a file can be an exemplar, `file-missing`, and `bad-record` as
 * {@link ReadExemplarsOptions} says.
 */
export async function* readExemplars(
  paths: string | readonly string[],
  options: ReadExemplarsOptions = {},
): AsyncGenerator<Exemplar> {
  const candidates = chooseFormats(options.format ?? "auto");
  for (const path of typeof paths === "string" ? [paths] : paths)
    yield* isExemplarSet(path) ? exemplarSet(path) : readFile(path, candidates, options);
}

async function* readFile(
  path: string,
  candidates: readonly ExemplarFormat[],
  { source, onUnread = throwUnread, signal }: ReadExemplarsOptions,
): AsyncGenerator<Exemplar> {
  let known = 0;
  let stranger: UnreadExemplar | undefined;
  const records = readRecords(path, {
    columns: isNeeded,
    onMalformed: ({ file, line, detail }) => onUnread({ file, line, reason: "not-json", detail }),
    signal,
  });
  for await (const { record, found, label } of labelled(records, candidates)) {
    const { file, line } = record;
    if ("refusal" in found) throw new RagInstructError("unknown-format", `${file}: ${found.refusal}`);
    if (!("unread" in found)) {
      known++;
      yield complete(found, { source, label });
      continue;
    }
    const row = { file, line, reason: found.unread, detail: found.detail };
    if (found.unread === "unknown-shape") stranger ??= row;
    else known++;
    onUnread(row);
  }
  if (stranger && known === 0) {
    throw new RagInstructError(
      "unknown-format",
      `${stranger.file} has no row of a known exemplar format (line ${stranger.line}: ${stranger.detail})`,
    );
  }
}

/** A row, what was found in it, and what its file says that it is of. */
interface LabelledRow {
  record: RecordAt;
  found: Found;
  label: string;
}

// Rows that tell what a file is. Two fifths of Alpaca's rows have an input.
const maxTellingRows = 1_000;

/** Rows by their own shape; one that could be of several formats gets the one that the first rows of its file are of. */
async function* labelled(
  records: AsyncIterable<RecordAt>,
  candidates: readonly ExemplarFormat[],
): AsyncGenerator<LabelledRow> {
  const first: { record: RecordAt; found: Found }[] = [];
  let told: ReturnType<typeof labelOf> | undefined = candidates.length === 1 ? ({ name }) => name : undefined;
  const asLabelled = ({ record, found }: { record: RecordAt; found: Found }): LabelledRow => ({
    record,
    found,
    label: "format" in found ? told!(found.format, record.value) : "",
  });
  const tell = () => {
    if (told) return [];
    const shapes = first.flatMap(({ record, found }) =>
      "format" in found ? [{ format: found.format, value: record.value }] : [],
    );
    told = labelOf(shapes, basename(first[0]?.record.file ?? ""));
    return first.splice(0).map(asLabelled);
  };
  for await (const record of records) {
    const row = { record, found: withinLength(readRow(record.value, candidates)) };
    if (told) yield asLabelled(row);
    else if (first.push(row) === maxTellingRows || "refusal" in row.found) yield* tell();
  }
  yield* tell();
}

type Found =
  | (Extract<FormatResult, { question: string }> & { format: ExemplarFormat })
  | { unread: Exclude<UnreadReason, "not-json">; detail: string }
  | { refusal: string };

function readRow(value: unknown, candidates: readonly ExemplarFormat[]): Found {
  if (!isObject(value)) return { unread: "not-an-object", detail: "it is not an object" };
  const [only] = candidates;
  const format = candidates.length === 1 ? only! : candidates.find((candidate) => candidate.matches(value));
  if (format) {
    const result = format.read(value);
    return "unread" in result ? result : { ...result, format };
  }
  const refusal = refusalOf(value);
  if (refusal) return { refusal };
  const keys = Object.keys(value).slice(0, 8).join(", ") || "none";
  return { unread: "unknown-shape", detail: `its keys (${keys}) fit no known exemplar format` };
}

function withinLength(found: Found): Found {
  if (!("question" in found) || found.question.length <= maxExemplarLength) return found;
  const detail = `it has ${found.question.length} characters, more than ${maxExemplarLength}`;
  return { unread: "too-long", detail };
}

function complete(
  { format: _, ...fields }: Extract<Found, { question: string }>,
  { source, label }: { source: string | undefined; label: string },
): Exemplar {
  const { question, options } = fields.options ? fields : splitOptions(fields.question);
  const exemplar = { ...fields, question, source: source ?? fields.source ?? label };
  const task = fields.task ?? (options ? "multiple-choice" : detectTask(question));
  const id = fields.id ?? hashOf([exemplar.source, question, options ?? null]);
  return { ...exemplar, id, task, options };
}

function chooseFormats(name: string): readonly ExemplarFormat[] {
  if (name === "auto") return formats;
  const format = formats.find((candidate) => candidate.name === name);
  if (format) return [format];
  const names = formats.map((candidate) => candidate.name).sort();
  throw new RagInstructError(
    "unknown-format",
    `there is no exemplar format "${name}"; choose from ${names.join(", ")}`,
  );
}

/** LMSYS-chat-1M scores every turn under eleven categories, most of the file's columns, of which only the flag is read. */
function isNeeded([column, ...path]: readonly string[]): boolean {
  return column !== "openai_moderation" || path.includes("flagged");
}

function throwUnread({ file, line, reason, detail }: UnreadExemplar): never {
  throw new RagInstructError(
    "bad-record",
    `${file}:${line}: ${detail} (${reason}); pass onUnread to count such rows and go on`,
  );
}
