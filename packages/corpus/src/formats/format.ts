import type { OpenText } from "@rag-instruct/core/node";
import type { LeftOutReason, UnreadRecordReason } from "../left-out.ts";

/** Formats of documents. */
export const documentFormats = [
  "dpr-tsv",
  "jsonl",
  "json",
  "csv",
  "tsv",
  "parquet",
  "markdown",
  "html",
  "pdf",
  "docx",
  "office",
  "epub",
  "notebook",
  "email",
  "subtitles",
  "trec",
  "mediawiki",
  "image",
  "text",
] as const;

/** A format of documents. */
export type DocumentFormat = (typeof documentFormats)[number];

/** A heading inside a document's text. */
export interface Heading {
  /** Where it begins, as an index into `text`. */
  at: number;
  /** 1 for the highest. */
  depth: number;
  title: string;
}

/** A document as it was read, before it is split. */
export interface RawDocument {
  /** The source's own id, or the path of a file within its folder. */
  id?: string;
  /** May be empty. */
  title: string;
  text: string;
  /** Front matter, further fields of a record, and the `source` of a file. */
  metadata?: Record<string, unknown>;
  /** Where the text has headings, in order. */
  headings?: Heading[];
  /** True where the source is made of passages already, which are then not split. */
  isPassage?: boolean;
}

/** A record that gave no document, and where it stands. */
export interface UnreadRecord {
  reason: UnreadRecordReason;
  file: string;
  /** Line of a line-based file, else number of the record; counted from 1. */
  line: number;
  detail: string;
}

/** What a reader gives for each record, in order: a document or the reason why there is none. */
export type ReadEvent = { document: RawDocument; line: number } | { unread: UnreadRecord };

/** One file, unpacked, as a format reads it. */
export interface FormatInput {
  /** Path in messages. */
  name: string;
  /** Path within its folder, which a file's document carries as metadata. */
  source: string;
  bytes: AsyncIterable<Uint8Array>;
  /** The path, where the file lies on disk and is not packed. */
  path?: string;
}

/** Names of the fields of a record; dots lead into nested objects, as in `fields.text`. */
export interface FieldNames {
  id?: string;
  title?: string;
  text?: string;
}

/** A picture of text. */
export interface PageImage {
  /** The picture's file: of a page a PNG, else the file as it was found. */
  bytes: Uint8Array;
  mediaType: "image/png" | "image/jpeg" | "image/gif" | "image/tiff" | "image/webp" | "image/bmp";
  /** Its file, as in messages. */
  file: string;
  /** The page of a PDF, counted from 1. */
  page?: number;
  signal?: AbortSignal;
}

/** Reads the text of a picture: a library or service of your own. */
export type Ocr = (image: PageImage) => string | Promise<string>;

/** What the reader of every format is given. */
export interface FormatOptions {
  fields: FieldNames;
  /** Adds to the bytes that were no text in their encoding and were left out. */
  onInvalidBytes: (count: number) => void;
  /** Called for what is left out and is not a record: how much of it, and where in the file, as in messages. */
  onLeftOut: (reason: LeftOutReason, found?: { count?: number; at?: number | string }) => void;
  /** Keeps running headers and footers and the numbers of pages of a PDF. */
  keepPageHeaders?: boolean;
  /** Reads the text of scanned pages and pictures. */
  ocr?: Ocr;
  signal?: AbortSignal;
}

/** Reads one file as events in order, several at a time. */
export type FormatReader = (input: FormatInput, options: FormatOptions) => AsyncIterable<ReadEvent[]>;

/** The event of a record that gave no document. */
export function unread(reason: UnreadRecordReason, file: string, line: number, detail: string): ReadEvent {
  return { unread: { reason, file, line, detail } };
}

/** Passes the text on and reports its invalid bytes at the end. */
export async function* countingInvalid(
  { utf8, report }: OpenText,
  { onInvalidBytes }: FormatOptions,
): AsyncGenerator<Buffer> {
  yield* utf8;
  onInvalidBytes(report.invalidBytes);
}
