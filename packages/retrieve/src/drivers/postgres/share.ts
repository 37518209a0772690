import { type OnProgress, type PassageStore, RagInstructError } from "@rag-instruct/core";
import type { Postgres } from "./connect.ts";
import { openPostgresPassages } from "./passages.ts";

/** Where the passages of a run, and perhaps its vectors, lie in PostgreSQL. It holds no address. */
export interface SharedCorpus {
  schema: string;
  passages: { table: string; count: number };
  vectors?: { table: string; embedderId: string };
}

/** Options of {@link sharePassages}. */
export interface SharePassagesOptions {
  postgres: Postgres;
  /** @default "public" */
  schema?: string;
  table: string;
  passages: PassageStore;
  signal?: AbortSignal;
  onProgress?: OnProgress;
}

/**
 * Copies passages into a table over all connections at once; what is there from an earlier copy, of this machine or another, is not
 * copied again. Gives where they lie, and how many were copied. Throws `index-mismatch` where the table holds another number of
 * passages, and what `openPostgresPassages` throws.
 */
export async function sharePassages({
  postgres,
  schema = "public",
  table,
  passages,
  signal,
  onProgress = () => {},
}: SharePassagesOptions): Promise<{ shared: SharedCorpus; written: number }> {
  const count = passages.size;
  const there = await openPostgresPassages({ postgres, schema, table });
  const { written } = await there.add(passages.all(), {
    signal,
    onProgress: ({ done }) => onProgress({ stage: "share", done, total: count, note: "passages" }),
  });
  if (there.size !== count) {
    const message = `${schema}.${table} has ${there.size} passages and this corpus has ${count}; choose another table`;
    throw new RagInstructError("index-mismatch", message);
  }
  return { shared: { schema, passages: { table, count } }, written };
}

/** The passages of a shared corpus. Throws `file-missing` where the table does not hold all of them any more. */
export async function openSharedPassages(
  postgres: Postgres,
  { schema, passages }: SharedCorpus,
): Promise<PassageStore> {
  const { table, count } = passages;
  const { size, get, all } = await openPostgresPassages({ postgres, schema, table });
  if (size === count) return { size, get, all };
  const message = `${schema}.${table} holds ${size} of ${count} passages; copy them once more`;
  throw new RagInstructError("file-missing", message);
}
