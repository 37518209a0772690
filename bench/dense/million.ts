/**
 * One million × 768 vectors of float16 searched from disk in 256 MiB, 256 queries to depth 250 on 2 threads, with the page
 * cache dropped and not, beside FAISS over a mapped file where RAG_INSTRUCT_BENCH_PYTHON names a Python with faiss-cpu:
 *   pnpm exec node --conditions=@rag-instruct/source bench/dense/million.ts
 * Each search runs in a process of its own, whose peak of resident memory is what the system says. Dropping the cache needs
 * root; without it, "cold" is left out. Writes 8 GB to bench/data at the first run.
 */
import { execFileSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { seededRandom, type Vectors } from "@rag-instruct/core";
import { writeVectorManifest, writeVectorShard } from "@rag-instruct/core/vectors";
import { openVectorIndex } from "@rag-instruct/retrieve";
import { npyBytes, unitVectors, writeUnitVectors } from "./made-vectors.ts";

const [count, dimensions, limit, batch] = [1_000_000, 768, 250, 256];
const folder = fileURLToPath(new URL("../data/dense", import.meta.url));
const vectors = `${folder}/million`;
const [command, precision] = process.argv.slice(2);

/** Windows of one long row of random numbers: as good as random rows, and made in seconds. */
function* windows(): Generator<Vectors> {
  const [pool] = unitVectors(1000, dimensions, 7);
  const random = seededRandom(9);
  const rows = 5000;
  const data = new Float32Array(rows * dimensions);
  for (let done = 0; done < count; done += rows) {
    for (let row = 0; row < rows; row++) {
      const start = Math.floor(random.next() * 999 * dimensions);
      data.set(pool!.data.subarray(start, start + dimensions), row * dimensions);
    }
    yield { data, count: rows, dimensions };
  }
}

async function writeMillion(): Promise<void> {
  if (existsSync(`${vectors}/manifest.json`)) return;
  const ids = Array.from({ length: count }, (_, row) => String(row));
  const shard = { to: vectors, index: 0, count, dimensions, dtype: "float16" as const, vectors: windows(), ids };
  await writeVectorManifest(vectors, {
    embedderId: "random",
    dimensions,
    dtype: "float16",
    shards: [await writeVectorShard(shard)],
  });
}

async function search(): Promise<void> {
  const queryData = new Float32Array(npyBytes(`${folder}/queries/00000.npy`, 1024 * dimensions * 4));
  const queries = { data: queryData.subarray(0, batch * dimensions), count: batch, dimensions };
  const options = { vectors, precision: precision as "float32" | "int8", memory: 2 ** 28, threads: 2 };
  await using index = await openVectorIndex(options);
  const start = performance.now();
  await index.search(queries, { limit });
  const ms = (performance.now() - start) / batch;
  console.log(`${ms.toFixed(2)} ms a query, peak ${Math.round(process.resourceUsage().maxRSS / 1024)} MiB`);
}

function dropCaches(): boolean {
  try {
    execFileSync("sync");
    writeFileSync("/proc/sys/vm/drop_caches", "3");
    return true;
  } catch {
    return false;
  }
}

function inProcess(name: string, file: string, args: readonly string[]): void {
  for (const cold of [true, false]) {
    if (cold && !dropCaches()) continue;
    const output = execFileSync(file, args, { encoding: "utf8" }).trim();
    console.log(`${name}, ${cold ? "cold" : "warm"}: ${output}`);
  }
}

if (command === "search") await search();
else {
  await writeMillion();
  await writeUnitVectors(`${folder}/queries`, { count: 1024, dimensions, dtype: "float32", seed: 31 });
  const start = performance.now();
  await (await openVectorIndex({ vectors, precision: "int8" })).close();
  console.log(`codes: ${((performance.now() - start) / 1000).toFixed(1)} s`);
  if (command !== "prepare") {
    for (const kind of ["float32", "int8"]) {
      inProcess(kind, process.execPath, [...process.execArgv, fileURLToPath(import.meta.url), "search", kind]);
    }
    const python = process.env.RAG_INSTRUCT_BENCH_PYTHON;
    const script = fileURLToPath(new URL("faiss_mapped.py", import.meta.url));
    if (python) inProcess("FAISS flat, mapped", python, [script, folder]);
  }
}
