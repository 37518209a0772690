import { RagInstructError } from "../errors.ts";
import { readDelimited } from "./delimited.ts";
import { readJsonArray } from "./json-array.ts";
import { type BytesSource, openBytes, peekBytes } from "./open-bytes.ts";
import { decodeHead, decodeText, readLines, type TextReport } from "./open-text.ts";
import { type ReadParquetOptions, readParquet } from "./parquet.ts";

/** Options of {@link readRecords}. */
export interface ReadRecordsOptions {
  /** @default "auto": by the first bytes and the name */
  format?: "auto" | RecordFormat;
  /** Names of the columns of CSV or TSV, where the first row does not give them. */
  header?: readonly string[];
  /** Columns of Parquet to read, as for `readParquet`. @default all */
  columns?: ReadParquetOptions["columns"];
  /** Called for each record that cannot be read, which is then passed over. Without it the first one throws `bad-record`. */
  onMalformed?: (record: MalformedRecord) => void;
  /** Called at the end of a text with its encoding and the number of invalid bytes, which were left out. */
  onText?: (report: TextReport) => void;
  signal?: AbortSignal;
}

/** Enough to see a first line and the beginning of a second one. */
const headBytes = 1 << 16;

/**
 * Reads the records of a file one by one, in constant memory: JSON lines, JSON (an array gives its elements, anything else
 * is one record), CSV or TSV with a header, Parquet; UTF-8 or UTF-16; packed by gzip or zstd; `-` is standard input. Whole numbers of
 * JSON beyond 2^53 come as strings, with every digit.
 * Throws `file-missing`, `file-corrupt`, `unknown-format`, and `bad-record` as {@link ReadRecordsOptions} says.
 */
export async function* readRecords(
  source: BytesSource,
  { format = "auto", header, columns, onMalformed = throwMalformed, onText, signal }: ReadRecordsOptions = {},
): AsyncGenerator<RecordAt> {
  signal?.throwIfAborted();
  const opened = openBytes(source, signal ? { signal } : {});
  const file = opened.name;
  const { head, bytes } = await peekBytes(opened.bytes, headBytes);
  const kind = format === "auto" ? detectRecordFormat(file, head) : format;
  if (kind === "parquet") {
    const options = { columns, signal };
    return yield* parquetRecords(source, { name: file, bytes }, options);
  }
  const report: TextReport = { encoding: "utf-8", invalidBytes: 0 };
  const utf8 = decodeText(bytes, report);
  if (kind === "jsonl") yield* jsonLines(utf8, file, onMalformed);
  else if (kind === "json") yield* jsonElements(utf8, file, onMalformed);
  else yield* readCsv(utf8, { file, delimiter: kind === "csv" ? "," : "\t", onMalformed, header });
  onText?.(report);
}

const tooLong = { detail: "it is too long to be held in memory", isTooLong: true };

type OnMalformed = (record: MalformedRecord) => void;

async function* jsonLines(
  utf8: AsyncIterable<Buffer>,
  file: string,
  onMalformed: OnMalformed,
): AsyncGenerator<RecordAt> {
  for await (const { text, line } of readLines(utf8)) {
    if (text === undefined) onMalformed({ file, line, ...tooLong });
    else if (/\S/.test(text)) {
      const value = parseJson(text, (detail) => onMalformed({ file, line, detail }));
      if (value !== undefined) yield { value, file, line };
    }
  }
}

async function* jsonElements(
  utf8: AsyncIterable<Buffer>,
  file: string,
  onMalformed: OnMalformed,
): AsyncGenerator<RecordAt> {
  for await (const { text, number: line, torn } of readJsonArray(utf8)) {
    if (torn) onMalformed({ file, line, detail: "the file ends in the middle of it" });
    else if (text === undefined) onMalformed({ file, line, ...tooLong });
    else {
      const value = parseJson(text, (message) => onMalformed({ file, line, detail: message }));
      if (value !== undefined) yield { value, file, line };
    }
  }
}

async function* parquetRecords(
  source: BytesSource,
  opened: { name: string; bytes: AsyncGenerator<Uint8Array> },
  options: ReadParquetOptions,
): AsyncGenerator<RecordAt> {
  const isFile = typeof source === "string" && source !== "-" && !/\.(gz|zst)$/i.test(source);
  if (isFile) await opened.bytes.return(undefined);
  let line = 0;
  for await (const value of readParquet(isFile ? source : opened, options)) {
    yield { value, file: opened.name, line: ++line };
  }
}

function parseJson(text: string, onMalformed: (detail: string) => void): unknown {
  try {
    return JSON.parse(withExactIntegers(text));
  } catch (error) {
    onMalformed(`not JSON: ${(error as Error).message}`);
    return undefined;
  }
}

const stringOrLong = /"(?:[^"\\]|\\.)*"|(?<![\d.eE+-])-?\d{16,}(?![\d.eE])/g;

/** JSON whose whole numbers beyond 2^53 are strings: as numbers two ids may become one. */
function withExactIntegers(text: string): string {
  if (!/\d{16}/.test(text)) return text;
  return text.replace(stringOrLong, (token) =>
    token.startsWith('"') || Number.isSafeInteger(Number(token)) ? token : `"${token}"`,
  );
}

function throwMalformed({ file, line, detail }: MalformedRecord): never {
  throw new RagInstructError("bad-record", `${file}:${line}: ${detail}`);
}

/** One record and where it stands. */
export interface RecordAt {
  value: unknown;
  file: string;
  /** Line of a line-based file, else number of the record; counted from 1. */
  line: number;
}

/** A record that cannot be read. */
export interface MalformedRecord {
  file: string;
  line: number;
  detail: string;
  /** True where it is too long to be held in memory. */
  isTooLong?: boolean;
}

/** Layouts of records that are read without being told more. */
export type RecordFormat = "jsonl" | "json" | "csv" | "tsv" | "parquet";

const byExtension: Record<string, RecordFormat> = {
  jsonl: "jsonl",
  ndjson: "jsonl",
  csv: "csv",
  tsv: "tsv",
  parquet: "parquet",
};

/** The extension that counts, in lower case: `psgs_w100.tsv.gz` gives `tsv`. */
export function extensionOf(name: string): string {
  const parts = name
    .toLowerCase()
    .replace(/\.(gz|gzip|zst|zstd)$/, "")
    .split(/[/\\]/)
    .at(-1)!
    .split(".");
  return parts.length > 1 ? parts.at(-1)! : "";
}

/** Tells the layout of records by the first bytes, unpacked, and the name. Throws `unknown-format`. */
export function detectRecordFormat(name: string, head: Uint8Array): RecordFormat {
  const text = decodeHead(head).trimStart();
  if (text.startsWith("PAR1")) return "parquet";
  const extension = extensionOf(name);
  if (text.startsWith("[")) return "json";
  if (text.startsWith("{")) return startsWithWholeObject(text) ? "jsonl" : extension === "jsonl" ? "jsonl" : "json";
  const known = byExtension[extension] ?? (extension === "json" ? "json" : undefined);
  if (known) return known;
  throw new RagInstructError(
    "unknown-format",
    `${name} is neither JSON, CSV nor Parquet by its content or name; name its format`,
  );
}

/** JSON lines often carry the name .json: the first line is then an object, and another follows. */
function startsWithWholeObject(text: string): boolean {
  const newline = text.indexOf("\n");
  const next = newline < 0 ? "" : text.slice(newline + 1).trimStart();
  if (!next.startsWith("{")) return false;
  try {
    return typeof JSON.parse(text.slice(0, newline)) === "object";
  } catch {
    return false;
  }
}

/** Options of {@link readCsv}. */
interface ReadCsvOptions {
  /** Name to call the input by. */
  file: string;
  delimiter: "," | "\t";
  /** Names of the columns, where the first row does not give them. */
  header?: readonly string[];
  onMalformed: (record: MalformedRecord) => void;
}

/**
 * Reads CSV or TSV as objects of strings. Rows that have one field more than the header begin with an unnamed index, as pandas
 * and R write it: its name is "". Any other row whose number of fields is not the header's is malformed.
 */
async function* readCsv(
  utf8: AsyncIterable<Buffer>,
  { file, delimiter, header, onMalformed }: ReadCsvOptions,
): AsyncGenerator<RecordAt> {
  let columns = header;
  for await (const rows of readDelimited(utf8, { delimiter })) {
    for (const { fields, line } of rows) {
      if (!fields) onMalformed({ file, line, detail: "a quoted field is never closed" });
      else if (!columns) columns = fields;
      else {
        const value = asObject(columns, fields);
        if (value) yield { value, file, line };
        else onMalformed({ file, line, detail: `${fields.length} fields where the header has ${columns.length}` });
      }
    }
  }
}

function asObject(columns: readonly string[], fields: readonly string[]): Record<string, string> | undefined {
  const extra = fields.length - columns.length;
  if (extra !== 0 && extra !== 1) return undefined;
  const entries = columns.map((name, index) => [name, fields[index + extra]!] as const);
  return Object.fromEntries(extra ? [["", fields[0]!], ...entries] : entries);
}
