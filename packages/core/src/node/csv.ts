import { readDelimited } from "./delimited.ts";
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
 * Reads CSV or TSV as objects of strings. Rows that have one field more than the header begin with an unnamed index, as pandas
 * and R write it: its name is "". Any other row whose number of fields is not the header's is malformed.
 */
export async function* readCsv(
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
