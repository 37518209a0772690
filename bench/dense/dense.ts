/**
 * Exact search of 100,000 × 768 random unit vectors to depth 250 on 2 threads, beside faiss-cpu in the same run:
 *   RAG_INSTRUCT_BENCH_PYTHON=venv/bin/python pnpm exec node --conditions=@rag-instruct/source bench/dense/dense.ts
 * FAISS is taken at the better of its defaults and its tuned setting (distance_compute_blas_threshold = 1, one thread at
 * batch 1). The Python needs faiss-cpu and numpy.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { seededRandom, type Vectors } from "@rag-instruct/core";
import { writeVectorManifest, writeVectorShard } from "@rag-instruct/core/vectors";
import { openVectorIndex } from "@rag-instruct/retrieve";

const [count, dimensions, limit] = [100_000, 768, 250];
const batches = [1, 16, 64, 256, 1024];
// Two floating-point operations a multiplication; measured on the machine of DESIGN's table.
const peakGflops = 235;
const folder = fileURLToPath(new URL("../data/dense", import.meta.url));
const random = seededRandom(29);

function unitVectors(rows: number): Vectors {
  const data = new Float32Array(rows * dimensions);
  for (let row = 0; row < rows; row++) {
    let squares = 0;
    for (let i = row * dimensions; i < (row + 1) * dimensions; i++) {
      data[i] = Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
      squares += data[i]! ** 2;
    }
    for (let i = row * dimensions; i < (row + 1) * dimensions; i++) data[i]! /= Math.sqrt(squares);
  }
  return { data, count: rows, dimensions };
}

async function writeFolder(to: string, vectors: Iterable<Vectors>, rows: number): Promise<void> {
  if (existsSync(`${to}/manifest.json`)) return;
  const ids = Array.from({ length: rows }, (_, row) => String(row));
  const shard = await writeVectorShard({ to, index: 0, count: rows, dimensions, dtype: "float32", vectors, ids });
  await writeVectorManifest(to, { embedderId: "random", dimensions, dtype: "float32", shards: [shard] });
}

await writeFolder(
  `${folder}/passages`,
  Array.from({ length: 100 }, () => unitVectors(count / 100)),
  count,
);
await writeFolder(`${folder}/queries`, [unitVectors(1024)], 1024);
const stored = readFileSync(`${folder}/queries/00000.npy`);
const queryData = new Float32Array(new Uint8Array(stored.subarray(stored.length - 1024 * dimensions * 4)).buffer);

const python = process.env.RAG_INSTRUCT_BENCH_PYTHON;
const peer: Record<string, number> = python
  ? JSON.parse(
      execFileSync(python, [fileURLToPath(new URL("faiss_flat.py", import.meta.url)), folder], { encoding: "utf8" }),
    )
  : {};

await using index = await openVectorIndex({ vectors: `${folder}/passages`, memory: 2 ** 29, threads: 2 });
console.log("| batch | ours, ms a query | FAISS flat, the better setting | ours / FAISS | share of peak |");
console.log("|---|---|---|---|---|");
for (const batch of batches) {
  const queries = { data: queryData.subarray(0, batch * dimensions), count: batch, dimensions };
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 5; round++) {
    const start = performance.now();
    await index.search(queries, { limit });
    best = Math.min(best, (performance.now() - start) / batch);
  }
  const share = (2 * count * dimensions) / (best / 1000) / 1e9 / peakGflops;
  const theirs = peer[batch];
  const ratio = theirs ? `${theirs.toFixed(2)} | ×${(best / theirs).toFixed(2)}` : "– | –";
  console.log(`| ${batch} | ${best.toFixed(2)} | ${ratio} | ${Math.round(share * 100)}% |`);
}
