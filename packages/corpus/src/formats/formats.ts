import { RagInstructError } from "@rag-instruct/core";
import { decodeHead, detectRecordFormat, extensionOf } from "@rag-instruct/core/node";
import type { DocumentFormat, FormatReader } from "./format.ts";
import { mediaTypeOf, readImage } from "./image.ts";
import { looksLikePassageRows, readPassageRows } from "./passage-rows.ts";

const records = () => import("./records.ts");

/**
 * The reader of each format, loaded when it is first needed: who reads JSON lines does not wait for an HTML parser.
 * Another format is a file beside these and a line here.
 */
export const formatReaders: Record<DocumentFormat, () => Promise<FormatReader>> = {
  "dpr-tsv": async () => readPassageRows,
  jsonl: async () => (await records()).recordReader("jsonl"),
  json: async () => (await records()).recordReader("json"),
  csv: async () => (await records()).recordReader("csv"),
  tsv: async () => (await records()).recordReader("tsv"),
  parquet: async () => (await records()).recordReader("parquet"),
  markdown: async () => (await import("./markdown.ts")).readMarkdown,
  html: async () => (await import("./html.ts")).readHtml,
  pdf: async () => (await import("./pdf.ts")).readPdf,
  docx: async () => (await import("./docx.ts")).readDocx,
  office: async () => (await import("./office.ts")).readOffice,
  epub: async () => (await import("./epub.ts")).readEpub,
  notebook: async () => (await import("./notebook.ts")).readNotebook,
  email: async () => (await import("./email.ts")).readEmail,
  subtitles: async () => (await import("./subtitles.ts")).readSubtitles,
  trec: async () => (await import("./doc-elements.ts")).readDocElements,
  mediawiki: async () => (await import("./mediawiki.ts")).readMediaWiki,
  image: async () => readImage,
  text: async () => (await import("./plain-text.ts")).readPlainText,
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
  ipynb: "notebook",
  eml: "email",
  mbox: "email",
  mht: "email",
  mhtml: "email",
  vtt: "subtitles",
  srt: "subtitles",
};

/** The beginning of what Word, Excel and PowerPoint wrote before 2007 (MS-CFB). */
const oldOffice = Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]);

// A comment, or the declaration and the root of an XML file, may stand before the first document.
const trecStart =
  /^\s*(?:<\?xml[^>]*>\s*)?(?:<!--[\s\S]*?-->\s*)?(?:<[a-z][\w.-]*>\s*)?<doc(?:>\s*<docno>|\s[^>]*\bid\s*=)/i;

/** Tells a file's format by its first bytes, unpacked, and its name. Throws `unknown-format`. */
export function detectFormat(name: string, head: Uint8Array): DocumentFormat {
  const text = decodeHead(head);
  const extension = extensionOf(name);
  if (text.startsWith("PAR1")) return "parquet";
  // Bytes before the head are allowed (ISO 32000-2, annex C.2).
  if (text.startsWith("%PDF-") || (extension === "pdf" && text.slice(0, 1024).includes("%PDF-"))) return "pdf";
  if (mediaTypeOf(head)) return "image";
  const packed = zipDocument(head, extension);
  if (packed) return packed;
  if (text.startsWith("{\\rtf")) return "office";
  if (/^WEBVTT\b/.test(text)) return "subtitles";
  if (oldOffice.equals(head.subarray(0, oldOffice.length))) throw isOldOffice(name, extension);
  if (/^\s*<(!doctype html|html)\b/i.test(text)) return "html";
  if (trecStart.test(text)) return "trec";
  if (/^\s*(<\?xml[^>]*>\s*)?<mediawiki\b/i.test(text)) return "mediawiki";
  const known = byExtension[extension];
  if (known === "tsv" && looksLikePassageRows(text)) return "dpr-tsv";
  if (known === "json" || known === "jsonl") return detectRecordFormat(name, head) as DocumentFormat;
  if (known && !(ofProse.has(known) && isNoText(head))) return known;
  if (extension === "" && /^\s*[[{]\s*["{]/.test(text)) return detectRecordFormat(name, head) as DocumentFormat;
  if (textExtensions.has(extension) && !text.includes("\0")) return "text";
  throw new RagInstructError(
    "unknown-format",
    `${name} has no known format; if it is one of the formats that are read, name it`,
  );
}

const ofProse: ReadonlySet<DocumentFormat> = new Set<DocumentFormat>(["markdown", "html", "subtitles"]);

/** Whether what is named like a text is a program or the like: bytes of no encoding, with NULs between them. UTF-16 has a mark, or is UTF-8 too. */
function isNoText(head: Uint8Array): boolean {
  if (/^(?:255,254|254,255)$/.test(String(head.subarray(0, 2)))) return false;
  const text = Buffer.from(head.buffer, head.byteOffset, head.length).toString("utf8");
  const least = text.length / 200;
  return ["\0", "\uFFFD"].every((mark) => text.split(mark).length - 1 > least);
}

/** Documents that are ZIP files: which format reads one, by the first bytes and the name; undefined where it is an archive of files. */
export function zipDocument(head: Uint8Array, extension: string): "docx" | "office" | "epub" | undefined {
  const text = Buffer.from(head.buffer, head.byteOffset, head.length).toString("latin1");
  if (!text.startsWith("PK")) return undefined;
  // OpenDocument and EPUB say what they are in a first file, unpacked.
  const [, type = ""] = /^[\s\S]{30}mimetype(?:[\s\S]{0,64}?)(application\/[\w.+-]+)/.exec(text.slice(0, 300)) ?? [];
  if (type.startsWith("application/epub+zip")) return "epub";
  if (type.startsWith("application/vnd.oasis.opendocument")) return "office";
  if (/^(docx|docm|dotx)$/.test(extension)) return "docx";
  if (/^(pptx|pptm|ppsx|xlsx|xlsm|odt|odp|ods)$/.test(extension)) return "office";
  if (extension === "epub") return "epub";
  if (!/\[Content_Types\]\.xml|_rels\/\.rels/.test(text)) return undefined;
  if (/word\/(document|styles|_rels)/.test(text)) return "docx";
  return /(ppt|xl)\/(presentation|workbook|slides|worksheets|_rels)/.test(text) ? "office" : undefined;
}

function isOldOffice(name: string, extension: string): RagInstructError {
  const now = { doc: "docx", ppt: "pptx", xls: "xlsx" }[extension] ?? "docx";
  return new RagInstructError(
    "unknown-format",
    `${name} is of an Office before 2007, which is not read; save it as .${now}, or: soffice --headless --convert-to ${now} ${name}`,
  );
}
