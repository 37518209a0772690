import type { Vectors } from "@rag-instruct/core";
import type { Postgres } from "./connect.ts";
import type { TableNames } from "./names.ts";

/** What the table beside the vectors says of them. */
export interface Meta {
  embedder_id: string;
  dimensions: number;
  type: "halfvec" | "vector";
  count: string | number;
  hnsw: boolean;
  corpus: string;
}

/** Reads what an index says of itself; undefined when it has not been begun. Rejects when there is no such table. */
export async function readMeta(postgres: Postgres, names: TableNames): Promise<Meta | undefined> {
  const [meta] = await postgres.query<Meta>(`SELECT * FROM ${names.of("meta")}`);
  return meta;
}

/** A row as pgvector writes it. */
export function literalOf({ data, dimensions }: Vectors, row: number): string {
  return `[${data.subarray(row * dimensions, (row + 1) * dimensions).join(",")}]`;
}
