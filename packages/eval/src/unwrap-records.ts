import type { RecordAt } from "@rag-instruct/core/node";
import type { Benchmark, Fields } from "./benchmark.ts";
import { isFields } from "./layouts/fields.ts";

/** A record and where it stands; `undefined` fields stand for a value that is no object. */
export interface FieldsAt {
  fields: Fields | undefined;
  file: string;
  line: number;
}

/** What {@link unwrapRecord} found. */
export interface Unwrapped {
  records: FieldsAt[];
  /** Keys of an object of lists that belong to other benchmarks, and were passed over. */
  others: string[];
}

/**
 * The records inside one value of a file: an object of lists by source (the method's own evaluation file; lists of other
 * benchmarks are passed over), TriviaQA's `{ Data: [] }`, an object of records by id (PubMedQA), a line of text, or the record itself.
 */
export function unwrapRecord({ value, file, line }: RecordAt, benchmark: Benchmark): Unwrapped {
  const numbered = (list: readonly unknown[]) =>
    list.map((entry, i) => ({ fields: isFields(entry) ? entry : undefined, file, line: i + 1 }));
  if (typeof value === "string") return { records: [{ fields: { question: value }, file, line }], others: [] };
  if (!isFields(value)) return { records: [{ fields: undefined, file, line }], others: [] };
  if (Array.isArray(value.Data)) return { records: numbered(value.Data), others: [] };
  const entries = Object.entries(value);
  if (entries.length > 0 && entries.every(([, list]) => Array.isArray(list) && list.every(isFields))) {
    const own = entries.filter(([key]) => benchmark.sources === undefined || benchmark.sources.includes(key));
    const others = entries.filter((entry) => !own.includes(entry)).map(([key]) => key);
    return { records: own.flatMap(([, list]) => numbered(list as unknown[])), others };
  }
  if (entries.length > 0 && entries.every(([key, entry]) => /^\d+$/.test(key) && isFields(entry))) {
    return { records: numbered(entries.map(([id, entry]) => ({ id, ...(entry as Fields) }))), others: [] };
  }
  return { records: [{ fields: value, file, line }], others: [] };
}
