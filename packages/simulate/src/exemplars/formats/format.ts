import type { Exemplar } from "@rag-instruct/core";

/** What a format finds in a record: an exemplar without its id, or why there is none. */
export type FormatResult = (Omit<Exemplar, "id"> & { id?: string }) | { problem: string };

/** One dataset format: how to know it, and how to read one record of it. */
export interface ExemplarFormat {
  name: string;
  /** Whether a record looks like this format. */
  matches(record: Record<string, unknown>): boolean;
  read(record: Record<string, unknown>): FormatResult;
}
