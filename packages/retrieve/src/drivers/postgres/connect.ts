import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type Closable, RagInstructError } from "@rag-instruct/core";
import { importPeer } from "@rag-instruct/core/node";
import type { PoolClient } from "pg";

/** One connection's worth of statements. Values go as parameters, never into the text. */
export interface Statements {
  query<Row>(text: string, values?: readonly unknown[]): Promise<Row[]>;
  /** Feeds lines in PostgreSQL's text format to a `COPY … FROM STDIN`. */
  copy(text: string, lines: Iterable<string>): Promise<void>;
}

/** A PostgreSQL, as the drivers use it. */
export interface Postgres extends Statements, Closable {
  /** Runs statements in one transaction: all of them or none. The signal has the server leave the one that it is at. */
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
  /** A connection takes no word while it works, so the server is told over another one, which the pool may not have to give. */
  async function cancel(processId: number): Promise<void> {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
    client.on("error", () => {});
    await client.connect();
    await client.query("SELECT pg_cancel_backend($1)", [processId]).finally(() => client.end());
  }
  /** Once aborted it throws, so that the connection, which the order to cancel may still reach, is not used again. */
  async function cancelling<T>(client: PoolClient, run: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    let told: Promise<void> | undefined;
    const tell = () => {
      told = cancel((client as PoolClient & { processID: number }).processID).catch(() => {});
    };
    signal?.throwIfAborted();
    signal?.addEventListener("abort", tell, { once: true });
    try {
      const result = await run();
      signal?.throwIfAborted();
      return result;
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    } finally {
      signal?.removeEventListener("abort", tell);
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
