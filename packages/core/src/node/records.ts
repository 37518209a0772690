import { RagInstructError } from "../errors.ts";
import { peekBytes } from "./bytes.ts";
import { readCsv } from "./csv.ts";
import { decodeText, type TextReport } from "./decode-text.ts";
import { detectRecordFormat, type RecordFormat } from "./detect-records.ts";
import { readJsonArray } from "./json-array.ts";
import { readLines } from "./lines.ts";
import { type BytesSource, openBytes } from "./open-bytes.ts";
import { type ReadParquetOptions, readParquet } from "./parquet.ts";
import type { MalformedRecord, RecordAt } from "./record.ts";

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
 * is one record), CSV or TSV with a header, Parquet; UTF-8 or UTF-16; packed by gzip or zstd; `-` is standard input.
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
    return JSON.parse(text);
  } catch (error) {
    onMalformed(`not JSON: ${(error as Error).message}`);
    return undefined;
  }
}

function throwMalformed({ file, line, detail }: MalformedRecord): never {
  throw new RagInstructError("bad-record", `${file}:${line}: ${detail}`);
}
