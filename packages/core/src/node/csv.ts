import { Readable } from "node:stream";
import { type CsvError, type Info, parse } from "csv-parse";
import { maxTextBytes } from "./open-text.ts";
import type { MalformedRecord, RecordAt } from "./record.ts";

/** Options of {@link readCsv}. */
export interface ReadCsvOptions {
  /** Name to call the input by. */
  file: string;
  delimiter: "," | "\t";
  /** Names of the columns, where the first row does not give them. */
  header?: readonly string[];
  onMalformed: (record: MalformedRecord) => void;
}

/**
 * Reads CSV or TSV with double quotes (RFC 4180; a quote inside an unquoted field stands for itself) as objects of strings.
 * Rows that have one field more than the header begin with an unnamed index, as pandas and R write it: its name is "".
 * Any other row whose number of fields is not the header's is malformed.
 */
export async function* readCsv(
  utf8: AsyncIterable<Buffer>,
  { file, delimiter, header, onMalformed }: ReadCsvOptions,
): AsyncGenerator<RecordAt> {
  const parser = parse({
    delimiter,
    relax_quotes: true,
    relax_column_count: true,
    skip_empty_lines: true,
    info: true,
    max_record_size: maxTextBytes,
  });
  const input = Readable.from(utf8, { objectMode: true, highWaterMark: 2 });
  input.on("error", (error) => parser.destroy(error)).pipe(parser);
  let columns = header ? [...header] : undefined;
  try {
    for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: Info }>) {
      if (!columns) {
        columns = record;
        continue;
      }
      const value = asObject(columns, record);
      if (value) yield { value, file, line: info.lines };
      else
        onMalformed({
          file,
          line: info.lines,
          detail: `${record.length} fields where the header has ${columns.length}`,
        });
    }
  } catch (error) {
    const { code, message, lines } = error as CsvError & { lines?: number };
    if (!code?.startsWith("CSV_")) throw error;
    onMalformed({ file, line: lines ?? 0, detail: `not CSV from here to the end: ${message}` });
  } finally {
    input.destroy();
  }
}

function asObject(columns: readonly string[], record: readonly string[]): Record<string, string> | undefined {
  const extra = record.length - columns.length;
  if (extra !== 0 && extra !== 1) return undefined;
  const entries = columns.map((name, index) => [name, record[index + extra]!] as const);
  return Object.fromEntries(extra ? [["", record[0]!], ...entries] : entries);
}
