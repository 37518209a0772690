import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type Closable, onAbort, RagInstructError } from "@rag-instruct/core";
import { importPeer } from "@rag-instruct/core/node";
import type { PoolClient } from "pg";

/** Runs statements on one connection. Values go as parameters, never into the text. */
export interface Statements {
  query<Row>(text: string, values?: readonly unknown[]): Promise<Row[]>;
  /** Feeds lines in PostgreSQL's text format to a `COPY … FROM STDIN`. */
  copy(text: string, lines: Iterable<string>): Promise<void>;
}

/** A PostgreSQL, as the drivers use it. */
export interface Postgres extends Statements, Closable {
  /** Runs statements in one transaction: all of them or none. When the signal aborts, the server cancels the statement that it is running. */
  transaction<T>(work: (statements: Statements) => Promise<T>, options?: { signal?: AbortSignal }): Promise<T>;
  /** Statements that it takes at the same time. */
  readonly connections: number;
}

/**
 * Connects to a server by URL, `postgres://user:password@host:port/database?sslmode=verify-full`, with the optional peers pg and
 * pg-copy-streams. Throws `peer-missing`, and `server-failed` when nothing answers; no message holds the password.
 * @param options.connections most connections at the same time. @default 4
 */
export async function connectPostgres(url: string, options: { connections?: number } = {}): Promise<Postgres> {
  const { connections = 4 } = options;
  const place = placeOf(url);
  const { default: pg } = await importPeer("pg", () => import("pg"));
  const { from } = await importPeer("pg-copy-streams", () => import("pg-copy-streams"));
  const pool = new pg.Pool({ connectionString: url, max: connections, connectionTimeoutMillis: 10_000 });
  // An idle connection that is lost is opened anew by the next statement.
  pool.on("error", () => {});

  const statementsOf = (client: Pick<PoolClient, "query">): Statements => ({
    query: async (text, values) => (await client.query(text, values as unknown[])).rows,
    copy: (text, lines) => pipeline(Readable.from(lines), client.query(from(text))),
  });
  async function onOne<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    const client = await pool.connect();
    // Without a listener a connection that is cut while in use would end the process; its statements reject anyway.
    const ignore = () => {};
    client.on("error", ignore);
    let broken = false;
    try {
      return await work(client);
    } catch (error) {
      broken = true;
      throw error;
    } finally {
      client.off("error", ignore);
      client.release(broken);
    }
  }
  /** A busy connection takes no command, so the server is told over another one, made for it because the pool may have none left. */
  async function cancel(processId: number): Promise<void> {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
    client.on("error", () => {});
    await client.connect();
    await client.query("SELECT pg_cancel_backend($1)", [processId]).finally(() => client.end());
  }
  /** Throws once aborted, even when the work has succeeded: the connection may still be cancelled and must not be used again. */
  async function cancelling<T>(client: PoolClient, run: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    let told: Promise<void> | undefined;
    const tell = () => {
      told = cancel((client as PoolClient & { processID: number }).processID).catch(() => {});
    };
    signal?.throwIfAborted();
    const stopListening = onAbort(signal, tell);
    try {
      const result = await run();
      signal?.throwIfAborted();
      return result;
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    } finally {
      stopListening();
      await told;
    }
  }
  const postgres: Postgres = {
    connections,
    query: async (text, values) => (await pool.query(text, values as unknown[])).rows,
    copy: (text, lines) => onOne((client) => statementsOf(client).copy(text, lines)),
    transaction: (work, { signal } = {}) =>
      onOne((client) => cancelling(client, () => inTransaction(client, () => work(statementsOf(client))), signal)),
    close: () => pool.end(),
    [Symbol.asyncDispose]: () => postgres.close(),
  };
  try {
    await postgres.query("SELECT 1");
  } catch (cause) {
    await postgres.close();
    const why = (cause as Error).message || (cause as NodeJS.ErrnoException).code;
    throw new RagInstructError(
      "server-failed",
      `cannot use PostgreSQL at ${place}: ${why}; check the URL and the password`,
    );
  }
  return postgres;
}

async function inTransaction<T>(client: PoolClient, work: () => Promise<T>): Promise<T> {
  await client.query("BEGIN");
  const result = await work();
  await client.query("COMMIT");
  return result;
}

function placeOf(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (!parsed || !/^postgres(?:ql)?:$/.test(parsed.protocol)) {
    throw new RagInstructError(
      "bad-option",
      "the address of PostgreSQL must be a URL such as postgres://user@127.0.0.1:5432/database",
    );
  }
  return `${parsed.host}${parsed.pathname}`;
}

/** What we use of a PGlite database. */
export interface PgliteLike {
  query(text: string, values?: unknown[], options?: { blob?: Blob }): Promise<{ rows: unknown[] }>;
  transaction<T>(work: (transaction: Omit<PgliteLike, "transaction">) => Promise<T>): Promise<T>;
}

/** A {@link Postgres} over a PGlite database, which runs inside this process; closing it is left to its owner. */
export function pglitePostgres(database: PgliteLike): Postgres {
  const statementsOf = (on: Omit<PgliteLike, "transaction">): Statements => ({
    query: async <Row>(text: string, values?: readonly unknown[]) =>
      (await on.query(text, values ? [...values] : [])).rows as Row[],
    async copy(text, lines) {
      await on.query(text.replace("FROM STDIN", "FROM '/dev/blob'"), [], { blob: new Blob([...lines]) });
    },
  });
  const postgres: Postgres = {
    ...statementsOf(database),
    connections: 1,
    transaction: (work) => database.transaction((transaction) => work(statementsOf(transaction))),
    close: async () => {},
    [Symbol.asyncDispose]: async () => {},
  };
  return postgres;
}

/** Where a driver keeps its rows. */
export interface TablePlace {
  /** @default "public" */
  schema?: string;
  table: string;
}

// What PostgreSQL takes without quotes, and short enough for names with a suffix.
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

const escapes: Readonly<Record<string, string>> = { "\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r" };

/**
 * One line of PostgreSQL's COPY text format; null stands for no value.
 * Throws `bad-input` and names the row where a text holds a NUL character or an unpaired surrogate, which PostgreSQL cannot store.
 */
export function copyLine(values: readonly (string | number | null)[], name: string): string {
  return `${values.map((value) => (value === null ? "\\N" : field(String(value), name))).join("\t")}\n`;
}

function field(text: string, name: string): string {
  if (text.includes("\0") || !text.isWellFormed()) {
    throw new RagInstructError(
      "bad-input",
      `${name} holds a NUL character or an unpaired surrogate, which PostgreSQL cannot store; remove it from the text`,
    );
  }
  return text.replace(/[\\\t\n\r]/g, (character) => escapes[character]!);
}
