import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs, promisify } from "node:util";
import { exportExamples, readExamples } from "@rag-instruct/format";
import { madeStream } from "./made-stream.ts";

/**
 * Reads examples.jsonl and writes messages and Parquet: this package, which checks every example, against Python's json
 * and pyarrow, which do not. RAG_INSTRUCT_BENCH_PYTHON names the Python:
 *   node --conditions=@rag-instruct/source bench/format/convert.ts --examples 40000
 */
const { values } = parseArgs({ options: { examples: { type: "string", default: "40000" } } });
const python = process.env.RAG_INSTRUCT_BENCH_PYTHON;
if (!python) throw new Error("RAG_INSTRUCT_BENCH_PYTHON must name a Python with pyarrow");
const folder = await mkdtemp(join(tmpdir(), "convert-bench-"));
try {
  const source = join(folder, "examples.jsonl");
  await exportExamples({ examples: madeStream(Number(values.examples)), to: folder, formats: ["examples"] });
  const begun = performance.now();
  const to = join(folder, "out");
  const { examples } = await exportExamples({ examples: readExamples(source), to, formats: ["messages", "parquet"] });
  const ours = (performance.now() - begun) / 1_000;
  const { stdout } = await promisify(execFile)(python, [join(import.meta.dirname, "convert_peer.py"), source, folder]);
  const theirs = JSON.parse(stdout) as { examples: number; seconds: number; peak: number };
  const rows = [
    ["@rag-instruct/format, checking", examples, ours, process.resourceUsage().maxRSS / 1_024],
    ["json and pyarrow, not checking", theirs.examples, theirs.seconds, theirs.peak],
  ] as const;
  console.log(
    "| who | examples | seconds | examples/s | time against the peer | peak memory, MiB |\n|---|---|---|---|---|---|",
  );
  for (const [who, count, seconds, peak] of rows) {
    const cells = [
      who,
      count,
      seconds.toFixed(1),
      Math.round(count / seconds),
      (seconds / theirs.seconds).toFixed(2),
      peak.toFixed(0),
    ];
    console.log(`| ${cells.join(" | ")} |`);
  }
} finally {
  await rm(folder, { recursive: true });
}
