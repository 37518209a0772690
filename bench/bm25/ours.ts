// Builds and searches in a process of its own, so that its memory is its own. Prints one line of JSON.
import { createReadStream, readFileSync, rmSync, writeFileSync } from "node:fs";
import { readLines } from "@rag-instruct/core/node";
import { buildBm25Index, openBm25Index } from "@rag-instruct/retrieve";

const [folder, task] = process.argv.slice(2) as [string, string];
const timed = async <T>(run: () => Promise<T>): Promise<[T, number]> => {
  const start = performance.now();
  return [await run(), (performance.now() - start) / 1000];
};

async function* passages() {
  let id = 0;
  for await (const { text } of readLines(createReadStream(`${folder}/passages.txt`))) {
    yield { id: String(id++), title: "", text: text! };
  }
}

if (task === "build") {
  // As for tantivy: to remove the index of the last run is no indexing.
  rmSync(`${folder}/ours`, { recursive: true, force: true });
  const [built, seconds] = await timed(() =>
    buildBm25Index({ passages: passages(), to: `${folder}/ours`, analyzer: "simple", threads: 2 }),
  );
  report({ indexing: built.passages / seconds });
} else {
  const queries = readFileSync(`${folder}/queries.txt`, "utf8").trim().split("\n");
  const [index, opening] = await timed(() => openBm25Index(`${folder}/ours`, { threads: Number(task) }));
  await index.search(queries.slice(0, 100), { limit: 250 });
  const rounds: number[] = [];
  for (let round = 0; round < 5; round++) {
    const [hits, seconds] = await timed(() => index.search(queries, { limit: 250 }));
    rounds.push(queries.length / seconds);
    if (round === 0) writeFileSync(`${folder}/ours.rows`, new Uint8Array(hits.rows.buffer));
  }
  report({ opening, searching: Math.max(...rounds) });
  await index.close();
}

function report(figures: Record<string, number>): void {
  const peak = Number(/VmHWM:\s+(\d+)/.exec(readFileSync("/proc/self/status", "utf8"))![1]) / 1024;
  console.log(JSON.stringify({ ...figures, peak }));
}
