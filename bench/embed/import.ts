import { execFileSync } from "node:child_process";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { importContriever } from "@rag-instruct/embed";

/**
 * Time and peak memory of importing one published-style shard, written by Python (a venv with numpy):
 *   RAG_INSTRUCT_BENCH_PYTHON=venv/bin/python node --conditions=@rag-instruct/source bench/embed/import.ts --rows 1310720 --dtype f2
 */
const { values } = parseArgs({
  options: { rows: { type: "string", default: "1310720" }, dtype: { type: "string", default: "f2" } },
});
const folder = await mkdtemp(join(tmpdir(), "import-bench-"));
try {
  const from = join(folder, "passages_00");
  const script = `import numpy as n, pickle
r = ${Number(values.rows)}
a = n.random.default_rng(1).standard_normal((r, 768), dtype="f4").astype("${values.dtype}")
pickle.dump(([str(i) for i in range(r)], a), open("${from}", "wb"), protocol=4)`;
  execFileSync(process.env.RAG_INSTRUCT_BENCH_PYTHON ?? "python3", ["-c", script]);
  const { size } = await stat(from);
  const begun = performance.now();
  const { count } = await importContriever({ from, to: join(folder, "vectors"), embedderId: "contriever" });
  const seconds = (performance.now() - begun) / 1000;
  const peak = process.resourceUsage().maxRSS / 1024;
  console.log("| rows | GB read | seconds | GB/s | peak memory, MiB |\n|---|---|---|---|---|");
  console.log(
    `| ${count} | ${(size / 1e9).toFixed(2)} | ${seconds.toFixed(1)} | ${(size / 1e9 / seconds).toFixed(2)} | ${peak.toFixed(0)} |`,
  );
} finally {
  await rm(folder, { recursive: true });
}
