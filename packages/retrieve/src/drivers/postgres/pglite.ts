import type { Postgres, Statements } from "./connect.ts";

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
