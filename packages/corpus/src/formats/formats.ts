import { RagInstructError } from "@rag-instruct/core";
import { decodeHead, detectRecordFormat, extensionOf } from "@rag-instruct/core/node";
import type { FormatReader } from "./format.ts";

/** Formats of documents. `auto` looks at the first bytes and at the name. */
export type DocumentFormat =
  | "dpr-tsv"
  | "jsonl"
  | "json"
  | "csv"
  | "tsv"
  | "parquet"
  | "markdown"
  | "html"
  | "pdf"
  | "docx"
  | "trec"
  | "text";

const records = () => import("./records.ts");
const text = () => import("./text.ts");

/**
 * The reader of each format, loaded when it is first needed: who reads JSON lines does not wait for an HTML parser.
 * Another format is a file beside these and a line here.
 */
export const formatReaders: Record<DocumentFormat, () => Promise<FormatReader>> = {
  "dpr-tsv": async () => (await records()).readDprTsv,
  jsonl: async () => (await records()).recordReader("jsonl"),
  json: async () => (await records()).recordReader("json"),
  csv: async () => (await records()).recordReader("csv"),
  tsv: async () => (await records()).recordReader("tsv"),
  parquet: async () => (await records()).recordReader("parquet"),
  markdown: async () => (await import("./markdown.ts")).readMarkdown,
  html: async () => (await import("./html.ts")).readHtml,
  pdf: async () => (await import("./pdf.ts")).readPdf,
  docx: async () => (await import("./docx.ts")).readDocx,
  trec: async () => (await text()).readTrec,
  text: async () => (await text()).readPlainText,
};

const textExtensions = new Set(["", ..."txt text rst adoc asciidoc org tex log yaml yml readme".split(" ")]);
const byExtension: Record<string, DocumentFormat> = {
  md: "markdown",
  mdx: "markdown",
  markdown: "markdown",
  html: "html",
  htm: "html",
  xhtml: "html",
  jsonl: "jsonl",
  ndjson: "jsonl",
  json: "json",
  csv: "csv",
  tsv: "tsv",
  parquet: "parquet",
};

/** Tells a file's format by its first bytes, unpacked, and its name. Throws `unknown-format`. */
export function detectFormat(name: string, head: Uint8Array): DocumentFormat {
  const text = decodeHead(head);
  const extension = extensionOf(name);
  if (text.startsWith("PAR1")) return "parquet";
  if (text.startsWith("%PDF-")) return "pdf";
  if (text.startsWith("PK") && extension === "docx") return "docx";
  if (/^\s*<(!doctype html|html)\b/i.test(text)) return "html";
  if (/^\s*<doc>\s*<docno>/i.test(text)) return "trec";
  const known = byExtension[extension];
  if (known === "tsv" && looksLikeDprTsv(text)) return "dpr-tsv";
  if (known === "json" || known === "jsonl") return detectRecordFormat(name, head) as DocumentFormat;
  if (known) return known;
  if (textExtensions.has(extension) && !text.includes("\0")) return "text";
  throw new RagInstructError(
    "unknown-format",
    `${name} has no known format; if it is one of the formats that are read, name it`,
  );
}

/** A header `id, text, title`, or a first row of two or three columns that begins with a number. */
function looksLikeDprTsv(text: string): boolean {
  const [first = "", second] = text.split(/\r?\n/, 2);
  const columns = first.split("\t");
  if (columns[0] === "id" && columns[1] === "text") return columns.length <= 3;
  const begun = /^\d+\t/.test(first) && (second === undefined || second === "" || /^\d+\t/.test(second));
  return begun && columns.length >= 2 && columns.length <= 3;
}
