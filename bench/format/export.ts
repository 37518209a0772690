import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type ExportFormat, exportExamples } from "@rag-instruct/format";
import { madeStream } from "./made-stream.ts";

/**
 * Exports examples of ten documents of 100 words each and prints time, size and the peak memory of this process:
 *   node --conditions=@rag-instruct/source bench/format/export.ts --examples 1000000 --formats messages,parquet
 */
const { values } = parseArgs({
  options: {
    examples: { type: "string", default: "100000" },
    formats: { type: "string", default: "messages" },
    template: { type: "string", default: "rag-instruct" },
  },
});
const folder = await mkdtemp(join(tmpdir(), "export-bench-"));
try {
  const formats = values.formats.split(",") as ExportFormat[];
  const begun = performance.now();
  const examples = madeStream(Number(values.examples));
  const report = await exportExamples({ examples, to: folder, formats, template: values.template });
  const seconds = (performance.now() - begun) / 1_000;
  const megabytes = report.files.reduce((sum, { bytes }) => sum + bytes, 0) / 1e6;
  const peak = process.resourceUsage().maxRSS / 1_024;
  const perSecond = Math.round(report.examples / seconds);
  console.log(
    "| examples | formats | seconds | examples/s | MB written | peak memory, MiB |\n|---|---|---|---|---|---|",
  );
  console.log(
    `| ${report.examples} | ${formats.join(" + ")} | ${seconds.toFixed(1)} | ${perSecond} | ${megabytes.toFixed(0)} | ${peak.toFixed(0)} |`,
  );
} finally {
  await rm(folder, { recursive: true });
}
