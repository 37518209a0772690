import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import {
  type CheckOutcome,
  type Closable,
  checkOutcome,
  isLoopback,
  onAbort,
  RagInstructError,
} from "@rag-instruct/core";
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

const minServer = 13;
const minPgvector = [0, 8] as const;

interface Server {
  version: string;
  database: string;
  tls: boolean | null;
  superuser: boolean;
  may_create: boolean;
}

interface Extension {
  available: string;
  installed: string | null;
}

/** What {@link checkPostgres} looks at. */
export interface CheckPostgresOptions {
  postgres: Postgres;
  /** Host of the server; empty for a socket of this machine. */
  host: string;
  /** Schema of the tables. @default "public" */
  schema?: string;
  /** Whether vectors are kept there. @default true */
  hasVectors?: boolean;
}

/** A server's version, whether TLS is on, what its user may do, and pgvector. Changes nothing. Rejects when a query does. */
export async function checkPostgres({
  postgres,
  host,
  schema = "public",
  hasVectors = true,
}: CheckPostgresOptions): Promise<CheckOutcome[]> {
  const [server] = await postgres.query<Server>(serverQuery, [schema]);
  const [extension] = await postgres.query<Extension>(extensionQuery);
  const checks = [checkDatabase(server!, { host, schema })];
  if (hasVectors) checks.push(checkPgvector(extension, server!));
  return checks;
}

const serverQuery = `
  SELECT current_setting('server_version') AS version, current_database() AS database,
    (SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()) AS tls,
    (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) AS superuser,
    CASE WHEN to_regnamespace(quote_ident($1)) IS NULL THEN has_database_privilege(current_database(), 'CREATE')
      ELSE has_schema_privilege($1, 'CREATE') END AS may_create`;

const extensionQuery = `
  SELECT default_version AS available, installed_version AS installed
  FROM pg_available_extensions WHERE name = 'vector'`;

function checkDatabase(server: Server, { host, schema }: { host: string; schema: string }): CheckOutcome {
  const found = `PostgreSQL ${server.version} at ${host}, database ${server.database}, ${server.tls ? "TLS" : "no TLS"}`;
  if (Number.parseInt(server.version, 10) < minServer)
    return checkOutcome.failed("postgres", found, `install PostgreSQL ${minServer} or newer`);
  if (!server.may_create)
    return checkOutcome.failed(
      "postgres",
      `${found}; its user may not create tables in ${schema}`,
      "GRANT CREATE to it",
    );
  if (!server.tls && host !== "" && !isLoopback(host))
    return checkOutcome.warning("postgres", found, "add ?sslmode=verify-full to the URL outside one network of yours");
  return checkOutcome.ok("postgres", found);
}

function checkPgvector(extension: Extension | undefined, { superuser }: Server): CheckOutcome {
  if (!extension)
    return checkOutcome.failed("pgvector", "not installed on the server", "install pgvector 0.8 or newer there");
  const { available, installed } = extension;
  const [major = 0, minor = 0] = (installed ?? available).split(".").map(Number);
  const found = `${installed ?? available}${installed ? "" : ", not in this database yet"}`;
  if (major < minPgvector[0] || (major === minPgvector[0] && minor < minPgvector[1]))
    return checkOutcome.failed("pgvector", found, "install pgvector 0.8 or newer, and ALTER EXTENSION vector UPDATE");
  if (!installed && !superuser)
    return checkOutcome.failed("pgvector", found, "have an administrator run CREATE EXTENSION vector in this database");
  return checkOutcome.ok("pgvector", found);
}
