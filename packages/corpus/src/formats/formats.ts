import type { DocumentFormat } from "./detect.ts";
import { readDprTsv } from "./dpr-tsv.ts";
import type { FormatReader } from "./format.ts";
import { readMarkdown } from "./markdown.ts";
import { recordReader } from "./records.ts";
import { readPlainText } from "./text.ts";

/** The reader of each format. Another format is a file beside these and a line here. */
export const formatReaders: Record<DocumentFormat, FormatReader> = {
  "dpr-tsv": readDprTsv,
  jsonl: recordReader("jsonl"),
  json: recordReader("json"),
  csv: recordReader("csv"),
  tsv: recordReader("tsv"),
  parquet: recordReader("parquet"),
  markdown: readMarkdown,
  text: readPlainText,
};
