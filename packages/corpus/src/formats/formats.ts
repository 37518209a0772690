import { RagInstructError } from "@rag-instruct/core";
import { decodeHead, detectRecordFormat, extensionOf } from "@rag-instruct/core/node";
import type { FormatReader } from "./format.ts";
import { looksLikePassageRows } from "./passage-rows.ts";

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
  | "mediawiki"
  | "text";

const records = () => import("./records.ts");

/**
 * The reader of each format, loaded when it is first needed: who reads JSON lines does not wait for an HTML parser.
 * Another format is a file beside these and a line here.
 */
export const formatReaders: Record<DocumentFormat, () => Promise<FormatReader>> = {
  "dpr-tsv": async () => (await import("./passage-rows.ts")).readPassageRows,
  jsonl: async () => (await records()).recordReader("jsonl"),
  json: async () => (await records()).recordReader("json"),
  csv: async () => (await records()).recordReader("csv"),
  tsv: async () => (await records()).recordReader("tsv"),
  parquet: async () => (await records()).recordReader("parquet"),
  markdown: async () => (await import("./markdown.ts")).readMarkdown,
  html: async () => (await import("./html.ts")).readHtml,
  pdf: async () => (await import("./pdf.ts")).readPdf,
  docx: async () => (await import("./docx.ts")).readDocx,
  trec: async () => (await import("./doc-elements.ts")).readDocElements,
  mediawiki: async () => (await import("./mediawiki.ts")).readMediaWiki,
  text: async () => (await import("./text.ts")).readPlainText,
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
  if (/^\s*(<!--[\s\S]*?-->\s*)?<doc(>\s*<docno>|\s[^>]*\bid\s*=)/i.test(text)) return "trec";
  if (/^\s*(<\?xml[^>]*>\s*)?<mediawiki\b/i.test(text)) return "mediawiki";
  const known = byExtension[extension];
  if (known === "tsv" && looksLikePassageRows(text)) return "dpr-tsv";
  if (known === "json" || known === "jsonl") return detectRecordFormat(name, head) as DocumentFormat;
  if (known) return known;
  if (extension === "" && /^\s*[[{]\s*["{]/.test(text)) return detectRecordFormat(name, head) as DocumentFormat;
  if (textExtensions.has(extension) && !text.includes("\0")) return "text";
  throw new RagInstructError(
    "unknown-format",
    `${name} has no known format; if it is one of the formats that are read, name it`,
  );
}
