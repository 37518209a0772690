/**
 * Exact search of 100,000 × 768 random unit vectors to depth 250 on 2 threads, beside faiss-cpu in the same run:
 *   RAG_INSTRUCT_BENCH_PYTHON=venv/bin/python pnpm exec node --conditions=@rag-instruct/source bench/dense/dense.ts
 * FAISS is taken at the better of its defaults and its tuned setting, before and after ours. The Python needs faiss-cpu and
 * numpy. Vectors are made at the first run, in bench/data.
 */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { openVectorIndex } from "@rag-instruct/retrieve";
import { npyBytes, writeUnitVectors } from "./made-vectors.ts";

interface Peers {
  flat: Record<string, number>;
  gflops: number;
  gigabytes: number;
  [name: string]: number | Record<string, number>;
}

const [count, dimensions, limit] = [100_000, 768, 250];
const batches = [1, 16, 64, 256, 1024];
const folder = fileURLToPath(new URL("../data/dense", import.meta.url));
const python = process.env.RAG_INSTRUCT_BENCH_PYTHON ?? "python3";

await writeUnitVectors(`${folder}/float32`, { count, dimensions, dtype: "float32", seed: 29 });
await writeUnitVectors(`${folder}/float16`, { count, dimensions, dtype: "float16", seed: 29 });
await writeUnitVectors(`${folder}/queries`, { count: 1024, dimensions, dtype: "float32", seed: 31 });
const queryData = new Float32Array(npyBytes(`${folder}/queries/00000.npy`, 1024 * dimensions * 4));
if (process.argv.includes("--prepare")) process.exit(0);

const peers = (what: "flat" | "all"): Peers =>
  JSON.parse(
    execFileSync(python, [fileURLToPath(new URL("faiss_peers.py", import.meta.url)), folder, what], {
      encoding: "utf8",
    }),
  );

interface Ours {
  took: Record<string, number>;
  rows: Int32Array;
}

async function ours(precision: "float32" | "int8"): Promise<Ours> {
  const vectors = `${folder}/${precision === "int8" ? "float16" : "float32"}`;
  await using index = await openVectorIndex({ vectors, precision, memory: 2 ** 29, threads: 2 });
  const took: Record<string, number> = {};
  let rows: Int32Array = new Int32Array();
  for (const batch of batches) {
    const queries = { data: queryData.subarray(0, batch * dimensions), count: batch, dimensions };
    took[batch] = Number.POSITIVE_INFINITY;
    for (let round = batch < 64 ? 12 : batch < 1024 ? 5 : 3; round > 0; round--) {
      const start = performance.now();
      ({ rows } = await index.search(queries, { limit }));
      took[batch] = Math.min(took[batch]!, (performance.now() - start) / batch);
    }
  }
  return { took, rows };
}

/** Share of the rows of one list that the other one holds as well, over all queries. */
function recall(found: Int32Array, of: Int32Array): number {
  let same = 0;
  for (let start = 0; start < of.length; start += limit) {
    const wanted = new Set(of.subarray(start, start + limit));
    for (const row of found.subarray(start, start + limit)) if (wanted.has(row)) same++;
  }
  return same / of.length;
}

// The scalar quantizers take most of the time: --flat leaves them out.
const quantizers = !process.argv.includes("--flat");
const before = peers(quantizers ? "all" : "flat");
const float32 = await ours("float32");
const int8 = await ours("int8");
const after = peers("flat");
const flatHits = new Int32Array(npyBytes(`${folder}/flat-hits.npy`, 1024 * limit * 4));
const gflops = Math.max(before.gflops, after.gflops);
const gigabytes = Math.max(before.gigabytes, after.gigabytes);
// Both precisions go through codes, a byte a number.
const share = (ms: number, batch: number) => {
  const compute = (2 * count * dimensions) / (ms * 1e6) / gflops;
  const memory = (count * dimensions) / (ms * 1e6 * batch) / gigabytes;
  return `${Math.round(compute * 100)}% / ${Math.round(memory * 100)}%`;
};
console.log(`matrix product ${gflops.toFixed(0)} GFLOP/s, one thread reads ${gigabytes.toFixed(1)} GB/s`);
console.log(
  `recall@${limit} against FAISS flat: float32 ${recall(float32.rows, flatHits).toFixed(5)}, int8 ${recall(int8.rows, flatHits).toFixed(5)}`,
);
if (quantizers) console.log(`SQ8 ${before["SQ8 recall"]}, SQfp16 ${before["SQfp16 recall"]}`);
console.log(`int8 against float32 ${recall(int8.rows, float32.rows).toFixed(5)}`);
console.log("ms a query; shares: of the matrix product's speed / of the memory's");
console.log(
  "| batch | FAISS flat | SQ8 | SQfp16 | ours float32 | FAISS / ours | share | ours int8 | FAISS / ours | share |",
);
console.log("|---|---|---|---|---|---|---|---|---|---|");
for (const batch of batches) {
  const flat = Math.min(before.flat[batch]!, after.flat[batch]!);
  const [sq8, sq16] = ["SQ8", "SQfp16"].map((name) => (before[name] as Record<string, number> | undefined)?.[batch]);
  const [a, b] = [float32.took[batch]!, int8.took[batch]!];
  const cells = [
    batch,
    ...[flat, sq8, sq16, a].map((ms) => ms?.toFixed(2) ?? ""),
    (flat / a).toFixed(2),
    share(a, batch),
  ];
  console.log(`| ${[...cells, b.toFixed(2), (flat / b).toFixed(2), share(b, batch)].join(" | ")} |`);
}
