// Precision and recall of the lexical level on pairs that real models wrote, by paradigm, with 95% Wilson intervals, as Markdown.
//   node --conditions=@rag-instruct/source bench/verify/real.ts [--all] [--mistakes]
// Half of the pairs is kept for this alone; --all counts both halves.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Exemplar, type Pair, wilsonInterval } from "@rag-instruct/core";
import { paradigmById } from "@rag-instruct/paradigms";
import { checkLexically } from "@rag-instruct/simulate";

interface RealPair extends Pick<Pair, "id" | "paradigm" | "question" | "answer" | "options" | "documents"> {
  /** The model, or `repair` for a pair rewritten so that it is good. */
  by: string;
  exemplar?: string;
  /** `good`, or what is wrong with it. */
  label: string;
  kept: boolean;
}

const folder = join(import.meta.dirname, "real");
const exemplars = new Map(read<Exemplar>("exemplars.jsonl").map((exemplar) => [exemplar.id, exemplar]));
const isAll = process.argv.includes("--all");
const rows = read<RealPair>("pairs.jsonl")
  .filter(({ kept }) => kept || isAll)
  .map((pair) => {
    const { by, exemplar, paradigm } = pair;
    const verdict = checkLexically(
      { ...pair, exemplarId: exemplar ?? "none", model: by },
      { paradigm: paradigmById(paradigm), exemplar: exemplar === undefined ? undefined : exemplars.get(exemplar) },
    );
    return { pair, isGood: pair.label === "good", verdict, isShown: verdict.evidence.relation === "shown" };
  });

type Row = (typeof rows)[number];

console.log(
  "| paradigm | written by models | of these accepted | of these good | precision | bad ones rejected | good pairs, with repairs | accepted | recall |",
);
console.log("|---|---|---|---|---|---|---|---|---|");
for (const [paradigm, of] of Object.entries(Object.groupBy(rows, ({ pair }) => pair.paradigm))) line(paradigm, of!);
line("all", rows);
line("relation shown by words", rows, ({ isShown }) => isShown);
line("relation unproved", rows, ({ isShown }) => !isShown);
if (process.argv.includes("--mistakes")) {
  for (const { pair, isGood, verdict } of rows) {
    if (isGood === verdict.ok) continue;
    console.log(
      `${verdict.ok ? "accepted" : verdict.reason}, ${pair.label} (${pair.paradigm}): ${pair.question} => ${pair.answer}`,
    );
  }
}

function line(name: string, of: readonly Row[], counts: (row: Row) => boolean = () => true): void {
  const written = of.filter(({ pair }) => pair.by !== "repair");
  const accepted = written.filter((row) => row.verdict.ok && counts(row));
  const right = accepted.filter(({ isGood }) => isGood).length;
  const all = written.filter(({ verdict }) => verdict.ok).length;
  const bad = written.filter(({ isGood }) => !isGood);
  const refused = bad.filter(({ verdict }) => !verdict.ok).length;
  const good = of.filter(({ isGood }) => isGood);
  const found = good.filter((row) => row.verdict.ok && counts(row)).length;
  const share = (part: number, whole: number) => {
    if (whole === 0) return "–";
    const { low, high } = wilsonInterval({ successes: part, trials: whole });
    return `${(part / whole).toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)})`;
  };
  console.log(
    `| ${name} | ${written.length} | ${accepted.length} | ${right} | ${share(right, accepted.length)} | ${accepted.length === all ? share(refused, bad.length) : "–"} | ${good.length} | ${found} | ${share(found, good.length)} |`,
  );
}

function read<T>(file: string): T[] {
  return readFileSync(join(folder, file), "utf8")
    .trim()
    .split("\n")
    .map((text) => JSON.parse(text));
}
