import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { RagInstructError } from "../errors.ts";

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
}

/** Options of {@link readRecords}. */
export interface ReadRecordsOptions {
  /** @default "auto": by the name and the first bytes */
  format?: "auto" | "jsonl" | "json";
  /** Called for each record that cannot be read, which is then passed over. Without it the first one throws `bad-record`. */
  onMalformed?: (record: MalformedRecord) => void;
  signal?: AbortSignal;
}

/** Reads the records of a file one by one. Throws `file-missing`, and `bad-record` as {@link ReadRecordsOptions} says. */
export async function* readRecords(
  path: string,
  { format = "auto", onMalformed, signal }: ReadRecordsOptions = {},
): AsyncGenerator<RecordAt> {
  const kind = format === "auto" ? (path.endsWith(".json") ? "json" : "jsonl") : format;
  const malformed =
    onMalformed ??
    ((record: MalformedRecord) => {
      throw new RagInstructError("bad-record", `${record.file}:${record.line}: ${record.detail}`);
    });
  try {
    yield* kind === "json" ? jsonRecords(path, malformed) : jsonlRecords(path, malformed, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") {
      throw new RagInstructError("file-missing", `${path} is not there`, { cause: error });
    }
    throw error;
  }
}

async function* jsonlRecords(
  file: string,
  malformed: (record: MalformedRecord) => void,
  signal: AbortSignal | undefined,
): AsyncGenerator<RecordAt> {
  const input = createReadStream(file, { encoding: "utf8", ...(signal ? { signal } : {}) });
  let line = 0;
  for await (const text of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    line++;
    if (text.trim() === "") continue;
    const value = parse(text, (detail) => malformed({ file, line, detail }));
    if (value !== undefined) yield { value, file, line };
  }
}

async function* jsonRecords(file: string, malformed: (record: MalformedRecord) => void): AsyncGenerator<RecordAt> {
  const value = parse(await readFile(file, "utf8"), (detail) => malformed({ file, line: 1, detail }));
  const records = Array.isArray(value) ? value : value === undefined ? [] : [value];
  for (const [index, record] of records.entries()) yield { value: record, file, line: index + 1 };
}

function parse(text: string, malformed: (detail: string) => void): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    malformed(`not JSON: ${(error as Error).message}`);
    return undefined;
  }
}
