import { rmSync, statSync } from "node:fs";
import { seededRandom } from "@rag-instruct/core";
import { ingest, openPassageStore, readDocuments } from "@rag-instruct/corpus";

// One measurement a process, so that its peak memory is its own: measure.ts read|ingest|get <psgs file> <store>
const [task = "", file = "", store = ""] = process.argv.slice(2);
const batches = 2000;
const idsInBatch = 250;
const tasks: Record<string, () => Promise<number>> = { read, ingest: write, get };

const begun = performance.now();
const begunCpu = process.cpuUsage();
const count = await tasks[task]!();
const seconds = (performance.now() - begun) / 1000;
const { user, system } = process.cpuUsage(begunCpu);
const cpuSeconds = (user + system) / 1e6;
const peakMb = process.resourceUsage().maxRSS / 1024;
const storeMb = task === "read" ? 0 : statSync(store).size / 1e6;
console.log(JSON.stringify({ task, count, seconds, cpuSeconds, peakMb, storeMb }));

async function read(): Promise<number> {
  let rows = 0;
  for await (const { text } of readDocuments(file)) rows += text.length > 0 ? 1 : 0;
  return rows;
}

async function write(): Promise<number> {
  for (const end of ["", "-wal", "-shm"]) rmSync(store + end, { force: true });
  const { written } = await ingest({ from: file, to: store, format: "dpr-tsv" });
  return written;
}

async function get(): Promise<number> {
  await using opened = await openPassageStore(store, { readOnly: true });
  const random = seededRandom(11);
  const { size } = opened;
  let found = 0;
  for (let batch = 0; batch < batches; batch++) {
    const ids = Array.from({ length: idsInBatch }, () => String(1 + random.integer(size)));
    for (const { text } of await opened.get(ids)) found += text.length > 0 ? 1 : 0;
  }
  return found;
}
