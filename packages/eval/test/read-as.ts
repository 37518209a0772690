import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { EvalItem } from "../src/item.ts";
import { type ReadBenchmarkOptions, readBenchmark } from "../src/read-benchmark.ts";

/** Writes a file into a folder, text as it is and anything else as JSON, and reads it as a benchmark. */
export async function readAs(
  folder: string,
  benchmark: ReadBenchmarkOptions["benchmark"],
  content: unknown,
  { name = "data.json", ...options }: { name?: string } & Partial<ReadBenchmarkOptions> = {},
): Promise<EvalItem[]> {
  const path = join(folder, name);
  await writeFile(path, typeof content === "string" ? content : JSON.stringify(content));
  return Array.fromAsync(readBenchmark({ benchmark, from: path, ...options }));
}

/** Records as JSON lines. */
export function jsonLines(...records: unknown[]): string {
  return records.map((record) => `${JSON.stringify(record)}\n`).join("");
}
