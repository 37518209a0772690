import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Passage, seededRandom } from "@rag-instruct/core";
import { writeVectorManifest, writeVectorShard } from "@rag-instruct/core/vectors";
import {
  buildPgvectorIndex,
  connectPostgres,
  openPgvectorIndex,
  openPostgresPassages,
} from "@rag-instruct/retrieve/pgvector";
import { postgresFolder, testPostgres } from "../../packages/retrieve/test/postgres-server.ts";

// What copying into PostgreSQL takes, beside psql's own \copy of the same rows in one session: passages of 100 words, and
// vectors of 768 numbers as halfvec; then exact searches. Needs RAG_INSTRUCT_POSTGRES.

const passageCount = 200_000;
const vectorCount = 20_000;
const dimensions = 768;
const folder = mkdtempSync(join(tmpdir(), "bench-postgres-"));
const seconds = async (work: () => Promise<unknown>) => {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
};

const words = Array.from({ length: 5000 }, (_, i) => `word${i}`);
const random = seededRandom("bench");
const texts = Array.from({ length: 1000 }, () => Array.from({ length: 100 }, () => random.pick(words)).join(" "));
function* passages(): Generator<Passage> {
  for (let i = 0; i < passageCount; i++) yield { id: `p${i}`, title: `Title ${i}`, text: `${i} ${texts[i % 1000]}` };
}

await using server = await testPostgres();
const { port, password } = new URL(server.url);
try {
  const file = join(folder, "passages.tsv");
  writeFileSync(
    file,
    [...passages()].map(({ id, title, text }, i) => `${i}\t${id}\t${title}\t${text}\t\\N\n`).join(""),
  );
  const psql = (sql: string) => {
    const args = ["-h", "127.0.0.1", "-p", port, "-U", "rag", "-d", "postgres", "-q", "-c", sql];
    const env = {
      ...process.env,
      PGPASSWORD: password,
      LD_LIBRARY_PATH: `${postgresFolder}/libs:${postgresFolder}/pginstall/lib`,
    };
    const { status, stderr } = spawnSync(`${postgresFolder}/pginstall/bin/psql`, args, { env, encoding: "utf8" });
    if (status !== 0) throw new Error(stderr);
  };
  psql(
    "CREATE TABLE peer (position bigint PRIMARY KEY, id text NOT NULL UNIQUE, title text NOT NULL, text text NOT NULL, metadata json)",
  );
  const peer = await seconds(async () => psql(`\\copy peer FROM '${file}'`));
  console.log(`psql \\copy: ${(passageCount / peer).toFixed(0)} passages a second`);
  for (const connections of [1, 2, 4]) {
    await using postgres = await connectPostgres(server.url, { connections });
    const store = await openPostgresPassages({ postgres, table: `copied_${connections}` });
    const took = await seconds(() => store.add(passages()));
    console.log(
      `passages, ${connections} connections: ${(passageCount / took).toFixed(0)} a second, ${(peer / took).toFixed(2)} x psql`,
    );
  }
  const data = Float32Array.from({ length: vectorCount * dimensions }, () => random.next() - 0.5);
  const shard = await writeVectorShard({
    ...{ to: folder, index: 0, count: vectorCount, dimensions, dtype: "float16" as const },
    vectors: [{ data, count: vectorCount, dimensions }],
    ids: Array.from({ length: vectorCount }, (_, i) => `p${i}`),
  });
  await writeVectorManifest(folder, { embedderId: "bench", dimensions, dtype: "float16", shards: [shard] });
  for (const connections of [1, 2, 4]) {
    await using postgres = await connectPostgres(server.url, { connections });
    const table = `vectors_${connections}`;
    const took = await seconds(() => buildPgvectorIndex({ postgres, vectors: folder, table }));
    console.log(`vectors of ${dimensions}, ${connections} connections: ${(vectorCount / took).toFixed(0)} a second`);
  }
  await using postgres = await connectPostgres(server.url, { connections: 2 });
  await using index = await openPgvectorIndex({ postgres, table: "vectors_2" });
  const queries = { data: data.subarray(0, 20 * dimensions), count: 20, dimensions };
  const took = await seconds(() => index.search(queries, { limit: 250 }));
  console.log(`exact search of ${vectorCount}: ${((took / 20) * 1000).toFixed(0)} ms a question`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
