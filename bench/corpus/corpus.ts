import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { makePsgsFile } from "./psgs-file.ts";

/** Reads, ingests and fetches rows of a file like DPR's, beside Python's gzip, csv and sqlite3 at the same work. */
const here = import.meta.dirname;
const data = join(here, "../data/corpus");
const shared = process.env.RAG_INSTRUCT_SHARED_DATA ?? join(here, "../../../shared/data");
const python = process.env.RAG_INSTRUCT_BENCH_PYTHON ?? "python3";
const sizes = (process.argv[2] ?? "200000,2000000").split(",").map(Number);
const wikipediaRows = 21_015_324;

interface Measured {
  task: string;
  count: number;
  seconds: number;
  /** Processor time of all threads: unlike the clock, it does not depend on what else the machine does. */
  cpuSeconds: number;
  peakMb: number;
  storeMb: number;
}

const sources = ["corpora/hipporag.2wikimultihopqa_corpus.json", "corpora/r1searcher.filtered_kilt_sample_100.jsonl"];
for (const rows of sizes) {
  const file = join(data, `psgs-${rows}.tsv.gz`);
  await makePsgsFile(file, { rows, from: sources.map((name) => join(shared, name)) });
  console.log(`\n${rows} rows`);
  console.log("task        ours/s  python/s ratio  ours CPU s  python CPU s  ours MB  python MB");
  for (const task of ["read", "ingest", "get"]) {
    const ours = measure(process.execPath, [
      "--conditions=@rag-instruct/source",
      join(here, "measure.ts"),
      task,
      file,
      join(data, "ours.sqlite"),
    ]);
    const peer = measure(python, [join(here, "peer.py"), task, file, join(data, "python.sqlite")]);
    if (ours.count !== peer.count) throw new Error(`${task}: ${ours.count} of ours, ${peer.count} of Python's`);
    printRow(task, ours, peer);
    if (task === "ingest") estimate(ours);
  }
}

function measure(command: string, args: readonly string[]): Measured {
  return JSON.parse(execFileSync(command, args, { encoding: "utf8" })) as Measured;
}

function printRow(task: string, ours: Measured, peer: Measured): void {
  const [rate, peerRate] = [ours, peer].map(({ count, seconds }) => count / seconds) as [number, number];
  const cells = [rate.toFixed(0), peerRate.toFixed(0), (rate / peerRate).toFixed(2)];
  const cpu = [ours, peer].map(({ cpuSeconds }) => cpuSeconds.toFixed(1));
  const memory = [ours, peer].map(({ peakMb }) => peakMb.toFixed(0));
  const widths = [9, 9, 5, 11, 13, 8, 10];
  console.log(task.padEnd(8), [...cells, ...cpu, ...memory].map((cell, at) => cell.padStart(widths[at]!)).join(" "));
}

function estimate({ count, seconds, storeMb }: Measured): void {
  const scale = wikipediaRows / count;
  console.log(
    `         store ${storeMb.toFixed(0)} MB; 21 million rows by these figures: ${((seconds * scale) / 60).toFixed(1)} min, ${((storeMb * scale) / 1000).toFixed(1)} GB`,
  );
}
