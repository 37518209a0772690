import type { Exemplar } from "@rag-instruct/core";

/** Why a row gives no exemplar. */
export type UnreadReason =
  | "not-json"
  | "not-an-object"
  | "unknown-shape"
  | "no-human-turn"
  | "empty"
  | "not-text"
  | "bad-documents"
  | "bad-task"
  | "flagged"
  | "redacted";

/** What a format finds in a row: an exemplar without what all have alike, or why there is none. */
export type FormatResult =
  | (Pick<Exemplar, "question"> & Partial<Exemplar>)
  | { unread: Exclude<UnreadReason, "not-json" | "not-an-object">; detail: string };

/** A row of a dataset. */
export type Row = Readonly<Record<string, unknown>>;

/** One dataset format: how to know it, and how to read one row of it. */
export interface ExemplarFormat {
  name: string;
  /** Whether a row can be of no other format, as its keys go. */
  matches(row: Row): boolean;
  /** Reads any row: one of another shape is unread as `unknown-shape`. */
  read(row: Row): FormatResult;
}

/** A row whose keys are not those of the format. */
export function otherShape(row: Row, wanted: string): FormatResult {
  const keys = Object.keys(row).slice(0, 8).join(", ") || "none";
  return { unread: "unknown-shape", detail: `it has no ${wanted}; its keys are ${keys}` };
}
