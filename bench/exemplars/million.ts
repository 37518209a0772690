// A million rows of LMSYS-chat-1M's shape in one Parquet file, read by `readExemplars` in a process of its own, with its peak memory:
// `pnpm exec node --conditions=@rag-instruct/source bench/exemplars/million.ts [rows] [rows of a row group]`.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readExemplars } from "@rag-instruct/simulate";
import { writeLmsysFile } from "./lmsys-file.ts";

const [first = "1000000", second] = process.argv.slice(2);
const megabytes = (bytes: number) => `${Math.round(bytes / 2 ** 20)} MB`;

if (first === "read") {
  const start = performance.now();
  let unread = 0;
  let read = 0;
  for await (const _ of readExemplars(second!, { onUnread: () => unread++ })) read++;
  const seconds = (performance.now() - start) / 1000;
  console.log(
    `${read} read and ${unread} refused in ${seconds.toFixed(1)} s, ${Math.round((read + unread) / seconds)} rows a second`,
  );
  console.log(`peak resident memory: ${megabytes(process.resourceUsage().maxRSS * 1024)}`);
} else {
  const folder = mkdtempSync(join(tmpdir(), "million-exemplars-"));
  try {
    const file = join(folder, "train.parquet");
    const start = performance.now();
    await writeLmsysFile(file, Number(first), second ? Number(second) : undefined);
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    console.log(`${first} rows, ${megabytes(statSync(file).size)}, written in ${seconds} s`);
    execFileSync(process.execPath, [...process.execArgv, import.meta.filename, "read", file], { stdio: "inherit" });
  } finally {
    rmSync(folder, { recursive: true });
  }
}
