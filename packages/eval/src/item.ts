import type { Passage } from "@rag-instruct/core";

/** One question of a benchmark. */
export interface EvalItem {
  /** The benchmark's own id, else a hash of the content. */
  id: string;
  question: string;
  /** Every accepted answer; of a multiple-choice question the letters of the right options, counted from A. */
  golds: string[];
  /** Choices in order, without their letters. */
  options?: string[];
  /** The file's own labels of the choices, where they are no letters from A: the published scorer goes by them. */
  optionLabels?: string[];
  /** Documents that the file brings along, best first. */
  documents?: Passage[];
  /** A text that the question is about and that is always shown: a report page, an abstract. */
  context?: string;
  /** Earlier turns of the conversation, oldest first, each with its answer where it is known. */
  turns?: string[];
  /** What to break results down by, such as `{ type: "bridge", hops: "2" }`. */
  groups?: Record<string, string>;
}

/** Why a record of a benchmark file gives no item. */
export type ReadReason =
  | "malformed-record"
  | "unknown-layout"
  | "missing-question"
  | "missing-gold"
  | "missing-option"
  | "duplicate-id";

/** A record that gives no item, and where it stands. */
export interface RejectedRecord {
  file: string;
  /** Line of a line-based file, else number of the record; counted from 1. */
  line: number;
  reason: ReadReason;
  detail: string;
}

/** One record of a benchmark file, as it was parsed. */
export type Fields = Readonly<Record<string, unknown>>;

/** An item whose id may still have to be made from its content. */
export type DraftItem = Omit<EvalItem, "id"> & { id?: string };

/** What a layout makes of a record: items, the reason why there is none, or undefined when the record is of another layout. */
export type Reading = DraftItem | DraftItem[] | { reason: ReadReason; detail: string } | undefined;

/** Reads one way of writing a benchmark's records. */
export type Layout = (fields: Fields) => Reading;
