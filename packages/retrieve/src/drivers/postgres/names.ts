import { RagInstructError } from "@rag-instruct/core";

/** Where a driver keeps its rows. */
export interface TablePlace {
  /** @default "public" */
  schema?: string;
  table: string;
}

// What PostgreSQL takes without quotes, short enough for the names that are derived from it.
const plainName = /^[a-z_][a-z0-9_]{0,47}$/;

/** Quoted names, ready for a statement. */
export interface TableNames {
  schema: string;
  /** The table itself, or one that belongs to it. */
  of(suffix?: string): string;
}

/** The quoted names of a table and of those that belong to it. Throws `bad-option` for a name that is not plain. */
export function namesOf({ schema = "public", table }: TablePlace): TableNames {
  for (const name of [schema, table]) {
    if (plainName.test(name)) continue;
    throw new RagInstructError(
      "bad-option",
      `${JSON.stringify(name)} cannot be the name of a schema or table; use lower-case letters, digits and _, at most 48`,
    );
  }
  return {
    schema: `"${schema}"`,
    of: (suffix) => `"${schema}"."${table}${suffix === undefined ? "" : `_${suffix}`}"`,
  };
}
