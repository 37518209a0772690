import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { seededRandom } from "@rag-instruct/core";
import {
  formatQrels,
  formatRun,
  measureRetrieval,
  parseQrels,
  parseRun,
  type RetrievalMeasure,
} from "@rag-instruct/eval";

// Retrieval measures against pytrec_eval (pip install pytrec-eval-terrier; RAG_INSTRUCT_BENCH_PYTHON): equal for every query
// and measure over made-up runs with ties, unjudged and unanswered queries, graded and negative judgements; and the time both take.

const measures: RetrievalMeasure[] = [
  "ndcg",
  "map",
  "recip_rank",
  ...[1, 5, 10, 100].flatMap(
    (cut) => [`ndcg_cut_${cut}`, `recall_${cut}`, `P_${cut}`, `map_cut_${cut}`, `success_${cut}`] as RetrievalMeasure[],
  ),
];
const random = seededRandom(1, "trec");
const documents = Array.from({ length: 2000 }, (_, i) => `doc-${i}${i % 97 === 0 ? "é" : ""}`);
const queries = Array.from({ length: 2000 }, (_, i) => `q${i}`);
// Coarse scores make many ties; fine ones differ beyond the precision of 32 bits.
const score = () => (random.next() < 0.5 ? random.integer(20) : random.next() * 1e-3 + 5);
const madeRun = new Map(
  queries.slice(0, 1900).map((query) => [
    query,
    random
      .shuffle(documents)
      .slice(0, 1 + random.integer(250))
      .map((id) => ({ id, score: score() })),
  ]),
);
const madeQrels = new Map(
  queries.slice(100).map((query) => [
    query,
    new Map(
      random
        .shuffle(documents)
        .slice(0, 40)
        .map((id) => [id, random.pick([-1, 0, 0, 1, 1, 2, 3])]),
    ),
  ]),
);

const folder = mkdtempSync(join(tmpdir(), "trec-"));
try {
  const runFile = join(folder, "run.txt");
  const qrelsFile = join(folder, "qrels.txt");
  writeFileSync(runFile, formatRun(madeRun));
  writeFileSync(qrelsFile, formatQrels(madeQrels));

  const started = performance.now();
  const run = parseRun(readFileSync(runFile, "utf8"));
  const qrels = parseQrels(readFileSync(qrelsFile, "utf8"));
  const report = measureRetrieval(run, qrels, { measures });
  const ours = (performance.now() - started) / 1000;

  const script = `import json, sys, time
import pytrec_eval
start = time.perf_counter()
with open(sys.argv[1], encoding="utf-8") as file: run = pytrec_eval.parse_run(file)
with open(sys.argv[2], encoding="utf-8") as file: qrels = pytrec_eval.parse_qrel(file)
names = {"ndcg", "map", "recip_rank"} | {f"{name}.1,5,10,100" for name in ("ndcg_cut", "recall", "P", "map_cut", "success")}
queries = pytrec_eval.RelevanceEvaluator(qrels, names).evaluate(run)
print(json.dumps({"seconds": time.perf_counter() - start, "queries": queries}))`;
  const python = process.env.RAG_INSTRUCT_BENCH_PYTHON ?? "python3";
  const { stdout, stderr } = spawnSync(python, ["-c", script, runFile, qrelsFile], {
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  if (stdout === "") throw new Error(`pytrec_eval did not run: ${stderr}`);
  const theirs = JSON.parse(stdout) as { seconds: number; queries: Record<string, Record<string, number>> };

  let largest = 0;
  for (const [query, figures] of report.queries) {
    for (const measure of measures)
      largest = Math.max(largest, Math.abs(figures[measure]! - theirs.queries[query]![measure]!));
  }
  console.log(
    `queries: ${report.queries.size} here, ${Object.keys(theirs.queries).length} there; measures: ${measures.length}`,
  );
  console.log(`largest difference of a figure: ${largest.toExponential(1)}`);
  console.log(
    `reading and measuring: ${ours.toFixed(2)} s here, ${theirs.seconds.toFixed(2)} s pytrec_eval (${(theirs.seconds / ours).toFixed(1)} times)`,
  );
  if (largest > 1e-9 || report.queries.size !== Object.keys(theirs.queries).length) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true });
}
