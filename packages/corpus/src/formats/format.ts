import type { OpenText } from "@rag-instruct/core/node";
import type { ReadEvent, UnreadReason } from "../raw-document.ts";

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

/** What all formats are told. */
export interface FormatOptions {
  fields: FieldNames;
  /** Adds to the bytes that were no text in their encoding and were left out. */
  onInvalidBytes: (count: number) => void;
  signal?: AbortSignal;
}

/** Reads one file as events in order, several at a time. */
export type FormatReader = (input: FormatInput, options: FormatOptions) => AsyncIterable<ReadEvent[]>;

/** The event of a record that gave no document. */
export function unread(reason: UnreadReason, file: string, line: number, detail: string): ReadEvent {
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
