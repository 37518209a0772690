import type { UnreadReason, UnreadRecord } from "./raw-document.ts";

/**
 * What became of everything that was read: `read` = `written` + the sum of `skipped`. The unit is the passage; a record
 * that gave no document counts as one.
 */
export interface IngestReport {
  /** Files gone through, in this run and in those it resumed. */
  files: number;
  /** Files in folders and archives that are of no known format. */
  ignoredFiles: number;
  /** Documents read from them. */
  documents: number;
  read: number;
  written: number;
  skipped: Record<UnreadReason | "duplicate", number>;
  /** Bytes that were no text in their encoding and were left out. */
  invalidBytes: number;
  /** The first 100 records of each reason that gave no document. */
  unread: UnreadRecord[];
}

const unreadKept = 100;

/** A report on nothing yet. */
export function emptyReport(): IngestReport {
  return {
    files: 0,
    ignoredFiles: 0,
    documents: 0,
    read: 0,
    written: 0,
    skipped: { duplicate: 0, empty: 0, malformed: 0, "too-long": 0 },
    invalidBytes: 0,
    unread: [],
  };
}

/** Counts a record that gave no document. */
export function countUnread(report: IngestReport, record: UnreadRecord): void {
  report.read += 1;
  report.skipped[record.reason] += 1;
  if (report.skipped[record.reason] <= unreadKept) report.unread.push(record);
}
