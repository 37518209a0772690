/** One record and where it stands. */
export interface RecordAt {
  value: unknown;
  file: string;
  /** Line of a line-based file, else number of the record; counted from 1. */
  line: number;
}

/** A record that cannot be read. */
export interface MalformedRecord {
  file: string;
  line: number;
  detail: string;
  /** True where it is too long to be held in memory. */
  isTooLong?: boolean;
}
