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
  /** Runs statements in one transaction: all of them or none. */
  transaction<T>(work: (statements: Statements) => Promise<T>): Promise<T>;
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
  const postgres: Postgres = {
    connections,
    query: async (text, values) => (await pool.query(text, values as unknown[])).rows,
    copy: (text, lines) => onOne((client) => statementsOf(client).copy(text, lines)),
    transaction: (work) =>
      onOne(async (client) => {
        await client.query("BEGIN");
        const result = await work(statementsOf(client));
        await client.query("COMMIT");
        return result;
      }),
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
