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

/** Why a record gave no document. */
export type UnreadReason = "empty" | "malformed" | "too-long";

/** A record that gave no document, and where it stands. */
export interface UnreadRecord {
  reason: UnreadReason;
  file: string;
  /** Line of a line-based file, else number of the record; counted from 1. */
  line: number;
  detail: string;
}

/** What a reader gives for each record, in order: a document or the reason why there is none. */
export type ReadEvent = { document: RawDocument; line: number } | { unread: UnreadRecord };
