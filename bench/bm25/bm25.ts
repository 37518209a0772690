/**
 * BM25 against bm25s (numba) and tantivy in one run, each step in a process of its own, once `pnpm run build` has run:
 *   RAG_INSTRUCT_BENCH_PYTHON=venv/bin/python pnpm exec node --conditions=@rag-instruct/source bench/bm25/bm25.ts
 * With `indexing` behind it, the indexing of ours and tantivy alone. The Python needs bm25s, numba and tantivy.
 */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { fileURLToPath } from "node:url";
import { makeCorpus } from "./make-corpus.ts";

interface Figures {
  indexing?: number;
  opening?: number;
  searching?: number;
  peak: number;
}

const here = fileURLToPath(new URL(".", import.meta.url));
const folder = fileURLToPath(new URL("../data/bm25", import.meta.url));
const python = process.env.RAG_INSTRUCT_BENCH_PYTHON;

function measure(program: string, args: string[]): Figures {
  return JSON.parse(execFileSync(program, args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }));
}
const ours = (task: string) => measure(process.execPath, [`${folder}/ours.js`, folder, task]);
const peer = (name: string, ...task: string[]) => measure(python!, [`${here}peers.py`, folder, name, ...task]);

await makeCorpus(folder);
// As it is installed: Node's TypeScript compiler, once a thread, would count in its time and memory.
writeFileSync(`${folder}/ours.js`, stripTypeScriptTypes(readFileSync(`${here}ours.ts`, "utf8")));
if (process.argv[2] === "indexing") compareIndexing();
else compareAll();

function compareIndexing(): void {
  const built = { ours: ours("build"), ...(python && { tantivy: peer("tantivy", "build") }) };
  console.log("| engine | passages/s | peak MB |");
  console.log("|---|---|---|");
  for (const [name, { indexing, peak }] of Object.entries(built)) {
    console.log(`| ${name} | ${Math.round(indexing!)} | ${Math.round(peak)} |`);
  }
}

function compareAll(): void {
  const rows: [string, Figures, Figures][] = [["ours", ours("build"), ours("2")]];
  rows.push(["ours, 1 thread", rows[0]![1], ours("1")]);
  if (python) for (const name of ["bm25s", "tantivy"]) rows.push([name, peer(name, "build"), peer(name)]);

  const [, built, searched] = rows[0]!;
  console.log("| engine | passages/s | ours | peak MB | opening s | queries/s | ours | peak MB |");
  console.log("|---|---|---|---|---|---|---|---|");
  for (const [name, build, search] of rows) {
    const indexing = `${Math.round(build.indexing!)} | ×${(built.indexing! / build.indexing!).toFixed(2)}`;
    const searching = `${Math.round(search.searching!)} | ×${(searched.searching! / search.searching!).toFixed(2)}`;
    const opening = search.opening!.toFixed(2);
    console.log(
      `| ${name} | ${indexing} | ${Math.round(build.peak)} | ${opening} | ${searching} | ${Math.round(search.peak)} |`,
    );
  }
}
