import {
  type MalformedRecord,
  openBytes,
  openText,
  peekBytes,
  type RecordAt,
  readLines,
  readRecords,
} from "@rag-instruct/core/node";

/** Options of {@link openRecords}. */
export interface OpenRecordsOptions {
  onMalformed: (record: MalformedRecord) => void;
  signal: AbortSignal | undefined;
}

/** Enough to see the first line. */
const headBytes = 1 << 16;
const jsonOrParquet = /^\uFEFF?\s*[[{]|^PAR1/;
// DPR's question files have no header: a question, a tab, and a Python list, perhaps in double quotes.
const dprLine = /^[^\t\n]+\t"?\[.*\]"?\r?(?:\n|$)/;
const tableName = /\.(?:csv|tsv)(?:\.gz|\.zst)?$/i;

/**
 * The records of a benchmark file: whatever `readRecords` reads, DPR's tables without a header, and of any other text its
 * lines, each a question.
 */
export async function* openRecords(
  path: string,
  { onMalformed, signal }: OpenRecordsOptions,
): AsyncGenerator<RecordAt> {
  const options = { onMalformed, signal };
  const opened = openBytes(path, signal ? { signal } : {});
  const { head, bytes } = await peekBytes(opened.bytes, headBytes);
  const source = { name: opened.name, bytes };
  const text = Buffer.from(head).toString("utf8");
  if (text.startsWith("PAR1") && path !== "-") {
    // Parquet is read from its end, so from the file itself.
    await bytes.return(undefined);
    yield* readRecords(path, options);
  } else if (dprLine.test(text)) {
    for await (const { value, ...at } of readRecords(source, {
      ...options,
      format: "tsv",
      header: ["question", "answers"],
    })) {
      yield { value: withoutQuotes(value as Record<string, string>), ...at };
    }
  } else if (jsonOrParquet.test(text) || tableName.test(path)) {
    yield* readRecords(source, options);
  } else {
    for await (const { text: value, line } of readLines(openText(source).utf8)) {
      if (value !== undefined && value.trim() !== "") yield { value, file: opened.name, line };
    }
  }
}

// Some of DPR's questions are quoted twice over.
function withoutQuotes({ question = "", ...rest }: Record<string, string>): Record<string, string> {
  const isQuoted =
    question.length > 2 && question.startsWith('"') && question.endsWith('"') && question.slice(1, -1).includes('""');
  return { ...rest, question: isQuoted ? question.slice(1, -1).replaceAll('""', '"') : question };
}
