/**
 * Tens of thousands of queries to depth 250 over a million passages, of which ranks 201 to 250 are read, as noise sampling asks:
 *   pnpm exec node --conditions=@rag-instruct/source bench/retrieve/depth.ts make
 *   pnpm exec node --conditions=@rag-instruct/source bench/retrieve/depth.ts bm25 dense hybrid
 * `make` writes passages, store, index and vectors into bench/data/depth (4 GB) once. DEPTH_PASSAGES (1000000), DEPTH_QUERIES (40000) and
 * DEPTH_DENSE_QUERIES (2048, from which the time of all is reckoned) change the sizes.
 */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
const sizes = {
  passages: Number(process.env.DEPTH_PASSAGES ?? 1_000_000),
  queries: Number(process.env.DEPTH_QUERIES ?? 40_000),
};
const denseQueries = Number(process.env.DEPTH_DENSE_QUERIES ?? 2048);
const folder = fileURLToPath(new URL(`../data/depth-${sizes.passages}`, import.meta.url));

interface Figures {
  queries: number;
  read: number;
  seconds: number;
  /** Resident megabytes: when opened, and the most in each fifth of the run. */
  opened: number;
  fifths: number[];
  /** Milliseconds from the order to stop to its rejection, the longest of several. */
  stopped: number;
}

function inProcess(task: string, queries: number): string {
  const args = ["--conditions=@rag-instruct/source", `${here}depth-task.ts`, folder, task, String(queries)];
  return execFileSync(process.execPath, args, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
}

for (const task of process.argv.slice(2)) {
  if (task === "make") {
    process.stdout.write(inProcess(task, sizes.passages));
    continue;
  }
  const queries = task === "bm25" ? sizes.queries : Math.min(denseQueries, sizes.queries);
  const { read, seconds, opened, fifths, stopped }: Figures = JSON.parse(inProcess(task, queries));
  const all =
    queries === sizes.queries
      ? ""
      : `; ${sizes.queries} take ${Math.round((seconds / queries) * sizes.queries)} s at this rate`;
  console.log(
    `${task}: ${queries} queries in ${seconds.toFixed(1)} s (${Math.round(queries / seconds)}/s), ${read} passages read${all}`,
  );
  console.log(`  resident MB: ${opened} when opened, at most ${fifths.join(", ")} in each fifth of the run`);
  console.log(`  told to stop in the middle, it had stopped after at most ${stopped} ms`);
}
