import { execFileSync } from "node:child_process";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { importContriever, importEmbeddings } from "@rag-instruct/embed";

/**
 * Time and peak memory of importing one published-style shard, written by Python (a venv with numpy):
 *   RAG_INSTRUCT_BENCH_PYTHON=venv/bin/python node --conditions=@rag-instruct/source bench/embed/import.ts --rows 1310720 --dtype f2 --pack tar.gz
 */
const { values } = parseArgs({
  options: {
    rows: { type: "string", default: "1310720" },
    dtype: { type: "string", default: "f2" },
    /** none, tar or tar.gz */
    pack: { type: "string", default: "none" },
    /** Check the ids against passages of the same ids, as an import into a run does; "mixed" gives these in another order. */
    passages: { type: "string" },
  },
});
const folder = await mkdtemp(join(tmpdir(), "import-bench-"));
try {
  const pickle = join(folder, "passages_00");
  const from = values.pack === "none" ? pickle : `${pickle}.${values.pack}`;
  const script = `import numpy as n, os, pickle, tarfile
r = ${Number(values.rows)}
a = n.random.default_rng(1).standard_normal((r, 768), dtype="f4").astype("${values.dtype}")
with open("${pickle}", "wb") as f: pickle.dump(([str(i) for i in range(r)], a), f, protocol=4)
if "${values.pack}" != "none":
    more = {"compresslevel": 1} if "${values.pack}" == "tar.gz" else {}
    with tarfile.open("${from}", "w:gz" if more else "w", **more) as t: t.add("${pickle}", "wikipedia_embeddings/passages_00")
    os.remove("${pickle}")`;
  execFileSync(process.env.RAG_INSTRUCT_BENCH_PYTHON ?? "python3", ["-c", script]);
  const { size } = await stat(from);
  const begun = performance.now();
  const to = join(folder, "vectors");
  const { count } =
    values.passages === undefined
      ? await importContriever({ from, to, embedderId: "contriever" })
      : await importEmbeddings({ from, to, passages: passages(), embedder: { id: "contriever", dimensions: 768 } });
  const seconds = (performance.now() - begun) / 1000;
  const peak = process.resourceUsage().maxRSS / 1024;
  console.log("| rows | GB read | seconds | GB/s | peak memory, MiB |\n|---|---|---|---|---|");
  console.log(
    `| ${count} | ${(size / 1e9).toFixed(2)} | ${seconds.toFixed(1)} | ${(size / 1e9 / seconds).toFixed(2)} | ${peak.toFixed(0)} |`,
  );
} finally {
  await rm(folder, { recursive: true });
}

/** Passages without text. In another order each is as far from its neighbours as can be. */
function passages() {
  const size = Number(values.rows);
  async function* all() {
    for (let i = 0; i < size; i++)
      yield { id: String(values.passages === "mixed" ? (i * 514_229) % size : i), title: "", text: "" };
  }
  return { size, all };
}
