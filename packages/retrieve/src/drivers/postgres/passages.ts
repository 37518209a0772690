import {
  type Closable,
  inBatches,
  mapOrdered,
  type OnProgress,
  type Passage,
  type PassageStore,
  RagInstructError,
  type Source,
} from "@rag-instruct/core";
import { copyLine, namesOf, type Postgres, type TablePlace } from "./connect.ts";

/** A corpus in a table of PostgreSQL that many machines share. */
export interface PostgresPassages extends PassageStore, Closable {
  /**
   * Copies passages in, over all connections at once. Called again with the same passages it goes on where it was cut
   * short. Throws `duplicate-id` and `bad-input`, and `bad-option` when the passages are others than those it began with.
   */
  add(
    passages: Source<Passage>,
    options?: { signal?: AbortSignal; onProgress?: OnProgress },
  ): Promise<{ read: number; written: number }>;
}

interface PassageRow {
  id: string;
  title: string;
  text: string;
  metadata: Passage["metadata"] | null;
}

const batchSize = 5_000;
const pageSize = 2_000;
const columns = "id, title, text, metadata";

/** Opens the table, and makes it where it is not there. Closing leaves the connection to its owner. */
export async function openPostgresPassages(options: TablePlace & { postgres: Postgres }): Promise<PostgresPassages> {
  const { postgres } = options;
  const names = namesOf(options);
  await postgres.query(`CREATE SCHEMA IF NOT EXISTS ${names.schema}`);
  await postgres.query(
    `CREATE TABLE IF NOT EXISTS ${names.of()} (position bigint PRIMARY KEY, id text NOT NULL UNIQUE, title text NOT NULL, text text NOT NULL, metadata json)`,
  );
  await postgres.query(
    `CREATE TABLE IF NOT EXISTS ${names.of("batches")} (batch bigint PRIMARY KEY, first_id text NOT NULL, count int NOT NULL)`,
  );
  let size = await countOf();

  async function countOf(): Promise<number> {
    const sum = `SELECT coalesce(sum(count), 0)::bigint AS count FROM ${names.of("batches")}`;
    const [row] = await postgres.query<{ count: string | number }>(sum);
    return Number(row!.count);
  }
  async function addBatch(passages: readonly Passage[], batch: number): Promise<number> {
    const first = batch * batchSize;
    const lines = passages.map(({ id, title, text, metadata }, i) =>
      copyLine([first + i, id, title, text, metadata ? JSON.stringify(metadata) : null], `the passage ${id}`),
    );
    try {
      await postgres.transaction(async (statements) => {
        await statements.copy(`COPY ${names.of()} (position, ${columns}) FROM STDIN`, lines);
        const record = `INSERT INTO ${names.of("batches")} VALUES ($1, $2, $3)`;
        await statements.query(record, [batch, passages[0]!.id, passages.length]);
      });
    } catch (error) {
      throw explained(error);
    }
    return passages.length;
  }
  async function known(): Promise<Map<number, { firstId: string; count: number }>> {
    const rows = await postgres.query<{ batch: string | number; first_id: string; count: number }>(
      `SELECT batch, first_id, count FROM ${names.of("batches")}`,
    );
    return new Map(rows.map(({ batch, first_id, count }) => [Number(batch), { firstId: first_id, count }]));
  }

  const store: PostgresPassages = {
    get size() {
      return size;
    },
    async get(ids) {
      const wanted = `SELECT ${columns} FROM ${names.of()} WHERE id = ANY($1::text[])`;
      const rows = await postgres.query<PassageRow>(wanted, [[...new Set(ids)]]);
      const byId = new Map(rows.map((row) => [row.id, toPassage(row)]));
      const missing = ids.filter((id) => !byId.has(id));
      if (missing.length > 0) {
        throw new RagInstructError("passage-missing", `the store does not hold ${missing.slice(0, 5).join(", ")}`);
      }
      return ids.map((id) => byId.get(id)!);
    },
    async *all() {
      const page = `SELECT position, ${columns} FROM ${names.of()} WHERE position > $1 ORDER BY position LIMIT ${pageSize}`;
      for (let last = -1; ; ) {
        const rows = await postgres.query<PassageRow & { position: string | number }>(page, [last]);
        for (const row of rows) yield toPassage(row);
        if (rows.length < pageSize) return;
        last = Number(rows.at(-1)!.position);
      }
    },
    async add(passages, { signal, onProgress } = {}) {
      const done = await known();
      const sum = { read: 0, written: 0 };
      let number = 0;
      const addOne = (batch: readonly Passage[]): Promise<number> | number => {
        const mine = number++;
        const before = done.get(mine);
        if (!before) return addBatch(batch, mine);
        if (before.firstId === batch[0]!.id && before.count === batch.length) return 0;
        throw new RagInstructError(
          "bad-option",
          `the table holds other passages from position ${mine * batchSize} on; add the same ones in the same order, or choose another table`,
        );
      };
      const batches = inBatches(passages, batchSize);
      const added = mapOrdered(
        counted(batches, (count) => (sum.read += count)),
        async (batch) => addOne(batch),
        { concurrency: postgres.connections, signal },
      );
      for await (const written of added) {
        sum.written += written;
        onProgress?.({ stage: "add", done: sum.read });
      }
      size = await countOf();
      return sum;
    },
    close: async () => {},
    [Symbol.asyncDispose]: async () => {},
  };
  return store;
}

async function* counted(
  batches: AsyncIterable<Passage[]>,
  onBatch: (count: number) => void,
): AsyncGenerator<Passage[]> {
  for await (const batch of batches) {
    onBatch(batch.length);
    yield batch;
  }
}

function toPassage({ id, title, text, metadata }: PassageRow): Passage {
  return { id, title, text, metadata: metadata || undefined };
}

function explained(error: unknown): unknown {
  const { code, detail } = error as { code?: string; detail?: string };
  if (code !== "23505") return error;
  return new RagInstructError(
    "duplicate-id",
    `two passages have the same id: ${detail ?? "PostgreSQL does not tell which"}`,
    {
      cause: error,
    },
  );
}
