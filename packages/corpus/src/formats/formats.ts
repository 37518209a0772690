import type { DocumentFormat } from "./detect.ts";
import { readDocx } from "./docx.ts";
import { readDprTsv } from "./dpr-tsv.ts";
import type { FormatReader } from "./format.ts";
import { readHtml } from "./html.ts";
import { readMarkdown } from "./markdown.ts";
import { readPdf } from "./pdf.ts";
import { recordReader } from "./records.ts";
import { readPlainText } from "./text.ts";
import { readTrec } from "./trec.ts";

/** The reader of each format. Another format is a file beside these and a line here. */
export const formatReaders: Record<DocumentFormat, FormatReader> = {
  "dpr-tsv": readDprTsv,
  jsonl: recordReader("jsonl"),
  json: recordReader("json"),
  csv: recordReader("csv"),
  tsv: recordReader("tsv"),
  parquet: recordReader("parquet"),
  markdown: readMarkdown,
  html: readHtml,
  pdf: readPdf,
  docx: readDocx,
  trec: readTrec,
  text: readPlainText,
};
