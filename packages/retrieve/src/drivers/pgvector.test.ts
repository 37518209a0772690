import { execFileSync } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import { vector } from "@electric-sql/pglite-pgvector";
import { type Passage, seededRandom, type Vectors } from "@rag-instruct/core";
import { writeVectorManifest, writeVectorShard } from "@rag-instruct/core/vectors";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { postgresFolder, type TestPostgres, testPostgres } from "../../test/postgres-server.ts";
import { tlsFront } from "../../test/tls-front.ts";
import { openVectorIndex } from "../index.ts";
import {
  buildPgvectorIndex,
  connectPostgres,
  openPgvectorIndex,
  openPostgresPassages,
  type Postgres,
  pglitePostgres,
} from "./pgvector.ts";

const dimensions = 24;
const count = 3000;
let folder: string;
let queries: Vectors;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "pgvector-"));
  const random = seededRandom(7);
  const made = (rows: number): Vectors => ({
    data: Float32Array.from({ length: rows * dimensions }, () => random.next() - 0.5),
    count: rows,
    dimensions,
  });
  const shard = async (index: number) => {
    const ids = Array.from({ length: count / 2 }, (_, row) => `p${index * (count / 2) + row}`);
    const part = { to: folder, index, count: count / 2, dimensions, dtype: "float16" as const };
    return writeVectorShard({ ...part, vectors: [made(count / 2)], ids });
  };
  const shards = [await shard(0), await shard(1)];
  await writeVectorManifest(folder, { embedderId: "made", dimensions, dtype: "float16", shards });
  queries = made(20);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const passages = (n: number): Passage[] =>
  Array.from({ length: n }, (_, i) => ({
    id: `d${i}`,
    title: `Title\t${i}`,
    text: `Line one \\ of ${i}\nline two: \u{1F600} \u05D0`,
    metadata: i % 2 ? { page: i, note: 'a "quoted" word' } : undefined,
  }));

/** What every PostgreSQL must do, whichever way it is reached. */
function contract(open: () => Promise<Postgres>): void {
  let postgres: Postgres;
  beforeAll(async () => {
    postgres = await open();
  });
  afterAll(() => postgres.close());

  it("finds exactly what the exact search of the folder finds", async () => {
    const built = await buildPgvectorIndex({ postgres, vectors: folder, table: "exact" });
    expect(built).toEqual({ rows: count, written: count });
    await using exact = await openVectorIndex({ vectors: folder });
    await using index = await openPgvectorIndex({ postgres, table: "exact" });
    const expected = await exact.search(queries, { limit: 50 });
    const hits = await index.search(queries, { limit: 50 });
    expect(hits.rows).toEqual(expected.rows);
    expect(Math.max(...hits.scores.map((score, i) => Math.abs(score - expected.scores[i]!)))).toBeLessThan(1e-3);
    expect(index.idOf(hits.rows[0]!)).toBe(`p${hits.rows[0]}`);
    expect(index).toMatchObject({ embedderId: "made", size: count });
  });

  it("finds nearly the same with a graph, deeper than the graph's own breadth too", async () => {
    await buildPgvectorIndex({ postgres, vectors: folder, table: "graph", schema: "rag", hnsw: {} });
    await using graph = await openPgvectorIndex({ postgres, table: "graph", schema: "rag" });
    await using exact = await openPgvectorIndex({ postgres, table: "graph", schema: "rag", exact: true });
    const expected = await exact.search(queries, { limit: 250 });
    const hits = await graph.search(queries, { limit: 250 });
    let common = 0;
    for (let q = 0; q < queries.count; q++) {
      const rows = new Set(expected.rows.subarray(q * 250, (q + 1) * 250));
      common += hits.rows.subarray(q * 250, (q + 1) * 250).filter((row) => rows.has(row)).length;
    }
    expect(common / (250 * queries.count)).toBeGreaterThan(0.9);
  });

  it("goes on with an index that was cut short", async () => {
    const controller = new AbortController();
    // Over more connections the last block may be in before the first one is told of.
    const cut = buildPgvectorIndex({
      postgres: { ...postgres, connections: 1 },
      vectors: folder,
      table: "cut",
      signal: controller.signal,
      onProgress: ({ done }) => done >= 2000 && controller.abort(new Error("cut")),
    });
    await expect(cut).rejects.toThrow("cut");
    await expect(openPgvectorIndex({ postgres, table: "cut" })).rejects.toThrow(/no finished index/);
    const { rows, written } = await buildPgvectorIndex({ postgres, vectors: folder, table: "cut" });
    expect(rows).toBe(count);
    expect(written).toBeLessThan(count);
    await using index = await openPgvectorIndex({ postgres, table: "cut" });
    expect(index.size).toBe(count);
  });

  it("refuses names that are no names, queries of another size, and numbers that are none", async () => {
    for (const table of ['x"; DROP TABLE y', "Upper", "", "a".repeat(60)])
      await expect(openPostgresPassages({ postgres, table })).rejects.toThrow(/cannot be the name/);
    await using index = await openPgvectorIndex({ postgres, table: "exact" });
    const wrong = { data: new Float32Array(3), count: 1, dimensions: 3 };
    await expect(index.search(wrong, { limit: 1 })).rejects.toThrow(/3 dimensions and the index 24/);
    const none = { data: new Float32Array(24).fill(Number.NaN), count: 1, dimensions: 24 };
    await expect(index.search(none, { limit: 1 })).rejects.toThrow(/query 0 holds NaN/);
    const graph = buildPgvectorIndex({ postgres, vectors: folder, table: "exact", hnsw: { m: 1e9 } });
    await expect(graph).rejects.toThrow(/out of range/);
  });

  it("keeps passages as they are, in their order, and finds them by id", async () => {
    const store = await openPostgresPassages({ postgres, table: "corpus" });
    const given = passages(6_345);
    expect(await store.add(given)).toEqual({ read: 6_345, written: 6_345 });
    expect(await Array.fromAsync(store.all())).toEqual(given);
    expect(await store.get(["d7", "d6000", "d7"])).toEqual([given[7], given[6_000], given[7]]);
    await expect(store.get(["d7", "nobody"])).rejects.toThrow(/does not hold nobody/);
    expect((await openPostgresPassages({ postgres, table: "corpus" })).size).toBe(6_345);
  });

  it("goes on with passages that were cut short, and refuses others", async () => {
    const given = passages(6_345);
    async function* cut() {
      yield* given.slice(0, 5_500);
      throw new Error("cut");
    }
    const store = await openPostgresPassages({ postgres, table: "resumed" });
    await expect(store.add(cut())).rejects.toThrow("cut");
    const { written } = await store.add(given);
    expect(written).toBeLessThan(6_345);
    expect(await Array.fromAsync(store.all())).toEqual(given);
    await expect(store.add(given.toReversed())).rejects.toThrow(/holds other passages/);
  });

  it("names what it cannot keep", async () => {
    const store = await openPostgresPassages({ postgres, table: "refused" });
    const bad = { id: "nul", title: "", text: "a\0b" };
    await expect(store.add([bad])).rejects.toThrow(/the passage nul holds a NUL/);
    const [one] = passages(1);
    await expect(store.add([one!, one!])).rejects.toThrow(/same id/);
    expect(await Array.fromAsync(store.all())).toEqual([]);
  });
}

describe("PGlite", () => {
  contract(async () => {
    const database = await PGlite.create({ extensions: { vector } });
    const postgres = pglitePostgres(database);
    return { ...postgres, close: () => database.close() };
  });
});

describe.skipIf(!postgresFolder)("a PostgreSQL server with pgvector (needs RAG_INSTRUCT_POSTGRES)", () => {
  let server: TestPostgres;
  beforeAll(async () => {
    server = await testPostgres();
  });
  afterAll(() => server[Symbol.asyncDispose]());
  contract(() => connectPostgres(server.url, { connections: 2 }));

  it("needs its password, and no error tells it", async () => {
    const wrong = server.url.replace("open-sesame-1", "wrong-secret-2");
    const error = await connectPostgres(wrong).catch((error: Error) => error);
    expect(String(error)).toMatch(
      /cannot use PostgreSQL at 127\.0\.0\.1:\d+\/postgres: password authentication failed/,
    );
    expect(JSON.stringify([error, (error as Error).stack])).not.toMatch(/wrong-secret|open-sesame/);
  });

  it("is reached by TLS where its certificate is trusted, and only there", async () => {
    const place = await mkdtemp(join(tmpdir(), "pg-tls-"));
    const files = { key: join(place, "key.pem"), certificate: join(place, "certificate.pem") };
    const subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"];
    const out = ["-keyout", files.key, "-out", files.certificate];
    execFileSync("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", ...subject, ...out], {
      stdio: "ignore",
    });
    const [key, certificate] = await Promise.all([readFile(files.key), readFile(files.certificate)]);
    await using front = await tlsFront(Number(new URL(server.url).port), { key, certificate });
    const url = server.url.replace(/:(\d+)\//, `:${front.port}/`);
    await expect(connectPostgres(`${url}?sslmode=verify-full`)).rejects.toThrow(/self-signed certificate/);
    await expect(connectPostgres(url)).rejects.toThrow(/cannot use PostgreSQL/);
    await using trusted = await connectPostgres(`${url}?sslmode=verify-full&sslrootcert=${files.certificate}`);
    expect(await trusted.query("SELECT 1 AS one")).toEqual([{ one: 1 }]);
    await rm(place, { recursive: true });
  });

  it("is named, without the password, when it cannot be used", async () => {
    const elsewhere = server.url.replace(/:(\d+)\//, ":1/");
    const error = await connectPostgres(elsewhere).catch((error: Error) => error);
    expect(String(error)).toMatch(/cannot use PostgreSQL at 127\.0\.0\.1:1\/postgres/);
    expect(String(error)).not.toContain("open-sesame");
    await expect(connectPostgres("mysql://x")).rejects.toThrow(/must be a URL such as postgres/);
  });
});
