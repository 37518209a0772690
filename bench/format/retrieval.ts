import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Passage, Retriever, TrainingExample } from "@rag-instruct/core";
import { exportRetrieval } from "@rag-instruct/format";

/**
 * Peak memory and time of the exports for retrievers, over a corpus that is made while it is read:
 *   node --conditions=@rag-instruct/source bench/format/retrieval.ts --examples 40000 --passages 1000000
 */
const { values } = parseArgs({
  options: { examples: { type: "string", default: "40000" }, passages: { type: "string", default: "1000000" } },
});
const [examples, size] = [Number(values.examples), Number(values.passages)];

function passage(number: number): Passage {
  const words = Array.from({ length: 100 }, (_, i) => `word${(number * 31 + i * 17) % 9_973}`);
  return { id: `p${number}`, title: `Title ${number}`, text: words.join(" ") };
}

const retriever: Retriever = {
  id: "made",
  async retrieve(queries, { limit }) {
    return queries.map((query) =>
      Array.from({ length: limit }, (_, i) => {
        const place = (Number(query) * 7 + i) % size;
        return { passage: passage(place), score: limit - i, rank: i + 1 };
      }),
    );
  },
};

async function* made(): AsyncGenerator<TrainingExample> {
  for (let i = 0; i < examples; i++) {
    const documents = [{ ...passage((i * 7) % size), role: "source" as const }];
    yield { id: `e${i}`, paradigm: "single-doc-answer", question: String(i), answer: `Answer ${i}`, documents };
  }
}

async function* all(): AsyncGenerator<Passage> {
  for (let i = 0; i < size; i++) yield passage(i);
}

const to = await mkdtemp(join(tmpdir(), "retrieval-"));
let peak = 0;
const watch = setInterval(() => {
  peak = Math.max(peak, process.memoryUsage.rss());
}, 50);
try {
  const start = performance.now();
  const formats = ["triplets", "labelled-pairs", "labelled-lists", "beir", "msmarco"] as const;
  const report = await exportRetrieval({
    splits: { train: made() },
    to,
    formats,
    retriever,
    passages: { all },
    documents: "any",
  });
  const seconds = (performance.now() - start) / 1000;
  const sizes = await Promise.all(report.files.map(async ({ path }) => (await stat(path)).size));
  const bytes = sizes.reduce((a, b) => a + b);
  console.log(
    `${examples} examples, ${size} passages: ${seconds.toFixed(1)} s, peak ${Math.round(peak / 2 ** 20)} MiB, ${(bytes / 1e9).toFixed(2)} GB written`,
  );
} finally {
  clearInterval(watch);
  await rm(to, { recursive: true });
}
