// Near-duplicates: speed beside Python's datasketch on the same texts, and both beside exact Jaccard similarity.
//   RAG_INSTRUCT_BENCH_PYTHON=/path/to/python node --conditions=@rag-instruct/source bench/verify/duplicates.ts
//   … duplicates.ts --million     a million pairs, with the memory it takes
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { jaccard, type Pair, shingles } from "@rag-instruct/core";
import { dropDuplicates } from "@rag-instruct/simulate";
import { madePairs, madeTexts } from "./made-pairs.ts";

const threshold = 0.8;

if (process.argv.includes("--million")) await measureMillion();
else await measureBesidePeer(20_000);

async function measureMillion(): Promise<void> {
  const start = performance.now();
  let kept = 0;
  let all = 0;
  for await (const { status } of dropDuplicates({ pairs: () => madePairs(1_000_000, 1), threshold })) {
    all++;
    if (status === "accepted") kept++;
  }
  const seconds = (performance.now() - start) / 1000;
  const gigabytes = process.resourceUsage().maxRSS / 2 ** 20;
  console.log(
    `${all} pairs, questions and pairs: ${seconds.toFixed(0)} s, ${kept} kept, ${gigabytes.toFixed(2)} GB at most`,
  );
}

async function measureBesidePeer(count: number): Promise<void> {
  const texts = [...madeTexts(count, { words: 100, seed: 1 })];
  const pairs = texts.map(
    (question, i): Pair => ({
      id: String(i),
      paradigm: "p",
      exemplarId: "e",
      question,
      answer: "x",
      documents: [],
      model: "m",
    }),
  );
  const start = performance.now();
  const dropped = new Set<number>();
  for await (const { status, id } of dropDuplicates({ pairs, threshold, over: ["question"] })) {
    if (status === "rejected") dropped.add(Number(id));
  }
  const ours = (performance.now() - start) / 1000;
  const peer = runPeer(texts);
  const exact = exactDuplicates(texts);
  const rows = [{ name: "rag-instruct", seconds: ours, dropped }, ...(peer ? [{ name: "datasketch", ...peer }] : [])];
  console.log(
    `${count} texts of 100 words; ${exact.size} are near-duplicates of an earlier one by exact Jaccard >= ${threshold}`,
  );
  for (const { name, seconds, dropped } of rows) {
    const right = [...dropped].filter((i) => exact.has(i)).length;
    const share = (part: number, of: number) => (of === 0 ? "–" : (part / of).toFixed(4));
    const ratio = peer ? `  ${(peer.seconds / seconds).toFixed(1)}x` : "";
    console.log(
      `${name.padEnd(14)}${seconds.toFixed(2)} s  ${Math.round(count / seconds)} a second  recall ${share(right, exact.size)}  precision ${share(right, dropped.size)}${ratio}`,
    );
  }
  if (!peer) console.log("datasketch: not measured; name a Python that has it in RAG_INSTRUCT_BENCH_PYTHON");
}

function runPeer(texts: readonly string[]): { seconds: number; dropped: Set<number> } | undefined {
  const python = process.env.RAG_INSTRUCT_BENCH_PYTHON;
  if (!python) return undefined;
  const folder = mkdtempSync(join(tmpdir(), "duplicates-"));
  try {
    writeFileSync(join(folder, "texts"), texts.join("\n"));
    const script = join(import.meta.dirname, "duplicates.py");
    const { seconds, dropped } = JSON.parse(
      execFileSync(python, [script, join(folder, "texts")], { encoding: "utf8" }),
    );
    return { seconds, dropped: new Set(dropped) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Greedily in order, through an inverted index of all shingles: no approximation. */
function exactDuplicates(texts: readonly string[]): Set<number> {
  const kept = new Map<number, number[]>();
  const sets: Set<number>[] = [];
  const found = new Set<number>();
  for (const [i, text] of texts.entries()) {
    const set = shingles(text);
    sets.push(set);
    const shared = new Map<number, number>();
    for (const shingle of set)
      for (const other of kept.get(shingle) ?? []) shared.set(other, (shared.get(other) ?? 0) + 1);
    const isNear = [...shared.keys()].some((other) => jaccard(sets[other]!, set) >= threshold);
    if (isNear) found.add(i);
    else for (const shingle of set) kept.set(shingle, [...(kept.get(shingle) ?? []), i]);
  }
  return found;
}
