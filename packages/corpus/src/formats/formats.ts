import type { DocumentFormat } from "./detect.ts";
import type { FormatReader } from "./format.ts";

const records = () => import("./records.ts");

/**
 * The reader of each format, loaded when it is first needed: who reads JSON lines does not wait for an HTML parser.
 * Another format is a file beside these and a line here.
 */
export const formatReaders: Record<DocumentFormat, () => Promise<FormatReader>> = {
  "dpr-tsv": async () => (await import("./dpr-tsv.ts")).readDprTsv,
  jsonl: async () => (await records()).recordReader("jsonl"),
  json: async () => (await records()).recordReader("json"),
  csv: async () => (await records()).recordReader("csv"),
  tsv: async () => (await records()).recordReader("tsv"),
  parquet: async () => (await records()).recordReader("parquet"),
  markdown: async () => (await import("./markdown.ts")).readMarkdown,
  html: async () => (await import("./html.ts")).readHtml,
  pdf: async () => (await import("./pdf.ts")).readPdf,
  docx: async () => (await import("./docx.ts")).readDocx,
  trec: async () => (await import("./trec.ts")).readTrec,
  text: async () => (await import("./text.ts")).readPlainText,
};
