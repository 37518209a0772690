import { RagInstructError } from "../errors.ts";
import { type DelimitedOptions, readDelimited } from "./delimited.ts";
import { type BytesSource, openBytes, peekBytes } from "./open-bytes.ts";
import { decodeHead, decodeText, maxTextBytes, readLines, type TextReport } from "./open-text.ts";
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
  const decoded = decodeText(bytes, report);
  const utf8 = isOfReturns(head) ? withNewlines(decoded) : decoded;
  if (kind === "jsonl") yield* jsonLines(utf8, file, onMalformed);
  else if (kind === "json") yield* jsonElements(utf8, file, onMalformed);
  else yield* readCsv(utf8, { file, ...layoutOf(head, { kind, header }), onMalformed, header });
  onText?.(report);
}

/** Whether lines end in carriage returns alone, as on old Macs, by the first bytes. */
function isOfReturns(head: Uint8Array): boolean {
  return head.includes(13) && !head.includes(10);
}

async function* withNewlines(utf8: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  for await (const chunk of utf8) yield Buffer.from(chunk.map((byte) => (byte === 13 ? 10 : byte)));
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
  const exact = withExactIntegers(text);
  try {
    return JSON.parse(exact);
  } catch (error) {
    try {
      return JSON.parse(asJson(exact));
    } catch {
      onMalformed(`not JSON: ${(error as Error).message}`);
      return undefined;
    }
  }
}

// An escape outside of a string begins none, or each quote of a text that is cut would be searched to its end.
const stringOrNoNumber = /\\.|"(?:[^"\\]|\\.)*"|-?\bInfinity\b|\bNaN\b/g;

/** What Python and others write for JSON, as JSON: `NaN` and `Infinity` are null, and tabs and line ends inside a text are escaped. */
function asJson(text: string): string {
  return text.replace(stringOrNoNumber, (token) =>
    /^[\\"]/.test(token)
      ? // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what JSON does not allow
        token.replace(/[\0-\x1F]/g, (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, "0")}`)
      : "null",
  );
}

const stringOrLong = /\\.|"(?:[^"\\]|\\.)*"|(?<![\d.eE+-])-?\d{16,}(?![\d.eE])/g;

/** JSON whose whole numbers beyond 2^53 are strings: as numbers two ids may become one. */
function withExactIntegers(text: string): string {
  if (!/\d{16}/.test(text)) return text;
  return text.replace(stringOrLong, (token) =>
    /^[\\"]/.test(token) || Number.isSafeInteger(Number(token)) ? token : `"${token}"`,
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
    .replace(/\.(gz|gzip|zst|zstd|bz2|xz)$/, "")
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
  if (text.startsWith("{")) {
    const isLines = startsWithWholeObject(text) || (byExtension[extension] === "jsonl" && !startsOverLines(text));
    return isLines ? "jsonl" : "json";
  }
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

/** Objects that are indented, one after another: the first line ends inside the first one. */
function startsOverLines(text: string): boolean {
  return /^\{[^\n]*(?<=[{[,:])[^\S\n]*\n/.test(text);
}

/**
 * How delimited text is laid out, by its first line: where it has semicolons, tabs or bars and not the delimiter that its name promises,
 * they part the fields; a line `sep=;`, which spreadsheets write, says so. Quotes in TSV count where they are needed: many of its
 * writers know none.
 */
function layoutOf(
  head: Uint8Array,
  { kind, header }: { kind: "csv" | "tsv"; header: readonly string[] | undefined },
): DelimitedOptions {
  const standard = kind === "csv" ? "," : "\t";
  const text = decodeHead(head);
  const [first = "", second = ""] = text.split(/\r?\n|\r/, 2);
  const said = /^"?sep=(.)"?\s*$/i.exec(first)?.[1];
  const line = (said === undefined ? first : second).replace(/"[^"]*"/g, "");
  const count = (delimiter: string) => line.split(delimiter).length - 1;
  const others = kind === "csv" ? [";", "\t", "|"] : [",", ";", "|"];
  const most = others.toSorted((a, b) => count(b) - count(a))[0]!;
  const isOther =
    !header && (kind === "csv" ? count(most) > count(standard) : count(standard) === 0 && count(most) > 0);
  const delimiter = said ?? (isOther ? most : standard);
  const names = line.split(delimiter).slice(1);
  // Doubled quotes, which the standard has, leave backslashes to stand for themselves.
  const hasBackslashes = /\\"[^,;|\t\r\n]/.test(text) && !/[^,;|\t\r\n]""[^,;|\t\r\n]/.test(text);
  const skipsSpace = !header && names.length > 0 && names.every((name) => /^ \S/.test(name));
  return { delimiter, quotes: delimiter === "\t" ? "needed" : "csv", skipsSpace, hasBackslashes };
}

/** Options of {@link readCsv}. */
interface ReadCsvOptions extends DelimitedOptions {
  /** Name to call the input by. */
  file: string;
  /** Names of the columns, where the first row does not give them. */
  header?: readonly string[];
  onMalformed: (record: MalformedRecord) => void;
}

/**
 * Reads CSV or TSV as objects of strings. A row whose number of fields is not the header's is malformed. Where the first one has a field
 * more, and that is a 0, rows begin with a number that the header has no name for, as pandas writes them and PUBHEALTH's test set has them:
 * it is set aside.
 */
async function* readCsv(
  utf8: AsyncIterable<Buffer>,
  { file, header, onMalformed, ...layout }: ReadCsvOptions,
): AsyncGenerator<RecordAt> {
  let columns = header;
  let isNumbered: boolean | undefined;
  for await (const rows of readDelimited(utf8, layout)) {
    for (const { fields: cells, line } of rows) {
      if (cells && columns) isNumbered ??= cells.length === columns.length + 1 && cells[0] === "0";
      const fields = isNumbered ? cells?.slice(1) : cells;
      if (!fields) onMalformed({ file, line, detail: "a quoted field is never closed" });
      else if (line === 1 && !header && fields[0]?.toLowerCase().startsWith("sep=")) continue;
      else if (!columns) columns = fields.map((name) => name.trim());
      else if (fields.length === columns.length) {
        yield { value: Object.fromEntries(columns.map((name, index) => [name, fields[index]!])), file, line };
      } else onMalformed({ file, line, detail: `${fields.length} fields where the header has ${columns.length}` });
    }
  }
}

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const opening = new Set([0x5b, 0x7b]);
const closing = new Set([0x5d, 0x7d]);

/** One element of a JSON array as it is written there. */
interface JsonElement {
  /** `undefined` where the element is longer than allowed. */
  text: string | undefined;
  /** Counted from 1. */
  number: number;
  /** True where the input ended inside the element or before the array was closed. */
  torn: boolean;
}

/**
 * Cuts the elements out of a JSON array as it streams by, in the memory of one element. Objects one after another are elements too,
 * and anything else is one.
 * The elements are not parsed, so that a damaged one does not end the reading of the rest.
 * @param options.maxBytes a longer element is read over and given without its text. @default 256 MiB
 */
export async function* readJsonArray(
  utf8: AsyncIterable<Buffer>,
  { maxBytes = maxTextBytes }: { maxBytes?: number } = {},
): AsyncGenerator<JsonElement> {
  const scanner = new ElementScanner(maxBytes);
  for await (const chunk of utf8) yield* scanner.scan(chunk);
  yield* scanner.end();
}

class ElementScanner {
  #maxBytes: number;
  #waiting: Buffer[] = [];
  #length = 0;
  #number = 0;
  #depth = 0;
  #inString = false;
  #escaped = false;
  /** Depth at which elements stand: 1 in an array, 0 for anything else; -1 before the first byte that counts. */
  #base = -1;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  *scan(chunk: Buffer): Generator<JsonElement> {
    let start = this.#base < 0 ? this.#begin(chunk) : 0;
    for (let at = start; at < chunk.length && this.#base >= 0; at++) {
      const byte = chunk[at]!;
      if (this.#inString) {
        if (this.#escaped) this.#escaped = false;
        else if (byte === backslash) this.#escaped = true;
        else if (byte === quote) this.#inString = false;
      } else if (byte === quote) {
        this.#inString = true;
      } else if (opening.has(byte)) {
        this.#depth += 1;
      } else if (closing.has(byte)) {
        this.#depth -= 1;
        if (this.#base === 1 && this.#depth === 0) {
          yield* this.#take(chunk.subarray(start, at), false);
          start = at + 1;
        } else if (this.#base === 0 && this.#depth === 0) {
          yield* this.#take(chunk.subarray(start, at + 1), false);
          start = at + 1;
        }
      } else if (byte === comma && this.#base === 1 && this.#depth === 1) {
        yield* this.#take(chunk.subarray(start, at), false);
        start = at + 1;
      }
    }
    this.#keep(chunk.subarray(start));
  }

  *end(): Generator<JsonElement> {
    const torn = this.#depth > 0 || this.#inString;
    yield* this.#take(Buffer.alloc(0), torn);
  }

  #begin(chunk: Buffer): number {
    const first = chunk.findIndex((byte) => byte > 0x20);
    if (first < 0) return chunk.length;
    this.#base = chunk[first] === 0x5b ? 1 : 0;
    this.#depth = this.#base;
    return first + this.#base;
  }

  #keep(bytes: Buffer): void {
    this.#length += bytes.length;
    if (this.#length > this.#maxBytes) this.#waiting = [];
    else if (bytes.length > 0) this.#waiting.push(bytes);
  }

  *#take(end: Buffer, torn: boolean): Generator<JsonElement> {
    this.#keep(end);
    const tooLong = this.#length > this.#maxBytes;
    const text = tooLong ? undefined : Buffer.concat(this.#waiting).toString("utf8").trim();
    this.#waiting = [];
    this.#length = 0;
    if (text !== "" || torn) yield { text, number: ++this.#number, torn };
  }
}
