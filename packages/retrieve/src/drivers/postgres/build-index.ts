import { mapOrdered, type OnProgress, RagInstructError, type Vectors } from "@rag-instruct/core";
import { openVectorFolder, type VectorFolder } from "@rag-instruct/core/vectors";
import type { Postgres } from "./connect.ts";
import { copyLine } from "./copy-text.ts";
import { literalOf, readMeta } from "./index-meta.ts";
import { namesOf, type TableNames, type TablePlace } from "./names.ts";

/** Options of {@link buildPgvectorIndex}. */
export interface BuildPgvectorOptions extends TablePlace {
  postgres: Postgres;
  /** A vector folder, as `embedPassages` writes it. */
  vectors: string;
  /** How numbers are kept: halfvec takes half the room. @default "halfvec" */
  type?: "halfvec" | "vector";
  /** Builds an HNSW graph for approximate search. @default none: searches are exact */
  hnsw?: { m?: number; efConstruction?: number };
  signal?: AbortSignal;
  onProgress?: OnProgress;
}

const rowsAtOnce = 2_000;

/**
 * Copies a vector folder into a table of PostgreSQL with pgvector, over all connections at once; cut short, it goes on
 * where it was. Throws `server-failed` without pgvector, and `index-mismatch` when the table holds vectors of another folder.
 */
export async function buildPgvectorIndex(options: BuildPgvectorOptions): Promise<{ rows: number; written: number }> {
  const { postgres, vectors, type = "halfvec", hnsw, signal, onProgress } = options;
  const names = namesOf(options);
  await using folder = await openVectorFolder(vectors, signal ? { signal } : {});
  await begin(folder, { postgres, names, type, hnsw: hnsw !== undefined });
  const firsts = await postgres.query<{ first_row: number }>(`SELECT first_row FROM ${names.of("blocks")}`);
  const there = new Set(firsts.map(({ first_row }) => first_row));
  const sum = { rows: 0, written: 0 };

  async function copyBlock({ firstRow, count, lines }: BlockLines): Promise<number> {
    if (there.has(firstRow)) return count;
    await postgres.transaction(async (statements) => {
      await statements.copy(`COPY ${names.of()} (row, id, embedding) FROM STDIN`, lines);
      await statements.query(`INSERT INTO ${names.of("blocks")} VALUES ($1)`, [firstRow]);
    });
    sum.written += count;
    return count;
  }
  const copied = mapOrdered(blocksOf(folder, there, signal), copyBlock, {
    concurrency: postgres.connections,
    signal,
  });
  for await (const count of copied) {
    sum.rows += count;
    onProgress?.({ stage: "index", done: sum.rows, total: folder.count });
  }
  if (hnsw) await buildGraph(postgres, { names, type, ...hnsw });
  return sum;
}

/** Makes the tables, or checks that those that are there were begun with the same folder. */
async function begin(
  { embedderId, dimensions, count, corpus }: VectorFolder,
  { postgres, names, type, hnsw }: { postgres: Postgres; names: TableNames; type: string; hnsw: boolean },
): Promise<void> {
  await ensureExtension(postgres);
  for (const statement of [
    `CREATE SCHEMA IF NOT EXISTS ${names.schema}`,
    `CREATE TABLE IF NOT EXISTS ${names.of()} (row int PRIMARY KEY, id text NOT NULL, embedding ${type}(${dimensions}) NOT NULL)`,
    `CREATE TABLE IF NOT EXISTS ${names.of("blocks")} (first_row int PRIMARY KEY)`,
    `CREATE TABLE IF NOT EXISTS ${names.of("meta")} (embedder_id text, dimensions int, type text, count bigint, hnsw boolean, corpus text)`,
  ])
    await postgres.query(statement);
  const begun = await readMeta(postgres, names);
  if (!begun) {
    const values = [embedderId, dimensions, type, count, hnsw, corpus];
    await postgres.query(`INSERT INTO ${names.of("meta")} VALUES ($1, $2, $3, $4, $5, $6)`, values);
  } else if (begun.embedder_id !== embedderId || begun.corpus !== corpus || begun.type !== type) {
    throw new RagInstructError(
      "index-mismatch",
      `the table ${names.of()} holds ${begun.count} ${begun.type} of ${begun.embedder_id}, the folder ${count} of ${embedderId} for passages of its own; choose another table`,
    );
  } else if (hnsw) await postgres.query(`UPDATE ${names.of("meta")} SET hnsw = true`);
}

async function ensureExtension(postgres: Postgres): Promise<void> {
  try {
    await postgres.query("CREATE EXTENSION IF NOT EXISTS vector");
  } catch (cause) {
    throw new RagInstructError(
      "server-failed",
      `this PostgreSQL has no pgvector, or its user may not create it: ${(cause as Error).message}; install pgvector 0.8 and run CREATE EXTENSION vector`,
      { cause },
    );
  }
}

async function buildGraph(
  postgres: Postgres,
  {
    names,
    type,
    m = 16,
    efConstruction = 64,
  }: { names: TableNames; type: string; m?: number; efConstruction?: number },
): Promise<void> {
  for (const number of [m, efConstruction]) {
    if (!Number.isInteger(number) || number < 2 || number > 1000)
      throw new RagInstructError("bad-option", `${number} is out of range for HNSW: a whole number from 2 to 1000`);
  }
  const graph = names.of("hnsw").split(".")[1];
  await postgres.query(
    `CREATE INDEX IF NOT EXISTS ${graph} ON ${names.of()} USING hnsw (embedding ${type}_ip_ops) WITH (m = ${m}, ef_construction = ${efConstruction})`,
  );
}

interface BlockLines {
  firstRow: number;
  count: number;
  lines: string[];
}

/** The lines of each block, made at once: the folder reads the next block into the same memory. */
async function* blocksOf(
  folder: VectorFolder,
  there: ReadonlySet<number>,
  signal: AbortSignal | undefined,
): AsyncGenerator<BlockLines> {
  for await (const block of folder.blocks({ rows: rowsAtOnce, signal })) {
    const { firstRow, count } = block;
    yield { firstRow, count, lines: there.has(firstRow) ? [] : linesOf(block, firstRow, folder) };
  }
}

function linesOf(block: Vectors, firstRow: number, folder: VectorFolder): string[] {
  return Array.from({ length: block.count }, (_, i) => {
    const row = firstRow + i;
    return copyLine([row, folder.idOf(row), literalOf(block, i)], `the vector ${row}`);
  });
}
