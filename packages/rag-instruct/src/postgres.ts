import { readFile } from "node:fs/promises";
import { type PassageStore, RagInstructError, type VectorIndex } from "@rag-instruct/core";
import { openPassageStore } from "@rag-instruct/corpus";
import type { Postgres } from "@rag-instruct/retrieve/pgvector";
import type { PostgresChoice, ResolvedConfig } from "./config.ts";
import type { RunFolder } from "./run-folder.ts";

/** Name of the file in the run folder that says what of it lies in PostgreSQL. It holds no address. */
export const sharedFile = "postgres.json";

/** What of a run lies in PostgreSQL. */
export interface Shared {
  schema: string;
  passages: { table: string; count: number };
  vectors?: { table: string; embedderId: string };
}

/** Connects to the server of a choice. Throws as `connectPostgres` does, and `bad-option` where no address is given. */
export async function connectChoice({ url, connections = 4 }: PostgresChoice): Promise<Postgres> {
  const address = url ?? process.env.RAG_INSTRUCT_POSTGRES_URL;
  if (address === undefined) {
    throw new RagInstructError(
      "bad-option",
      "name the PostgreSQL of the run: --postgres, or RAG_INSTRUCT_POSTGRES_URL",
    );
  }
  const { connectPostgres } = await import("@rag-instruct/retrieve/pgvector");
  return connectPostgres(address, { connections });
}

/** A URL as it may be kept in a file: without its password. */
export function withoutPassword(choice: PostgresChoice): PostgresChoice {
  if (choice.url === undefined || !URL.canParse(choice.url)) return choice;
  const url = new URL(choice.url);
  url.password = "";
  url.searchParams.delete("password");
  return { ...choice, url: url.href };
}

/** The passages of a run: from PostgreSQL where it shares them, else from its folder. Throws `file-missing`. */
export async function openPassages(
  { postgres: choice }: Pick<ResolvedConfig, "postgres">,
  folder: RunFolder,
): Promise<PassageStore & AsyncDisposable> {
  if (!choice) return openPassageStore(folder.path("corpus.sqlite"), { readOnly: true });
  const { openPostgresPassages } = await import("@rag-instruct/retrieve/pgvector");
  const { schema, passages } = await readShared(folder);
  return onConnection(choice, async (postgres) => {
    const { size, get, all } = await openPostgresPassages({ postgres, schema, table: passages.table });
    if (size === passages.count) return { size, get, all };
    throw new RagInstructError(
      "file-missing",
      `${schema}.${passages.table} holds ${size} of ${passages.count} passages; remove ${folder.path(sharedFile)} and run again`,
    );
  });
}

/** The vectors of a run that shares them. Throws `file-missing`. */
export async function openSharedVectors(
  choice: PostgresChoice,
  folder: RunFolder,
): Promise<VectorIndex & AsyncDisposable> {
  const { openPgvectorIndex } = await import("@rag-instruct/retrieve/pgvector");
  const { schema, vectors } = await readShared(folder);
  if (!vectors) throw new RagInstructError("file-missing", "the run's vectors are not in PostgreSQL; run it once more");
  return onConnection(choice, (postgres) => openPgvectorIndex({ postgres, schema, table: vectors.table }));
}

async function readShared(folder: RunFolder): Promise<Shared> {
  return JSON.parse(await readFile(folder.path(sharedFile), "utf8"));
}

/** What is opened on a connection of its own, which is closed with it. */
async function onConnection<T extends object>(
  choice: PostgresChoice,
  open: (postgres: Postgres) => Promise<T>,
): Promise<T & AsyncDisposable> {
  const postgres = await connectChoice(choice);
  try {
    return { ...(await open(postgres)), [Symbol.asyncDispose]: () => postgres.close() };
  } catch (error) {
    await postgres.close();
    throw error;
  }
}
