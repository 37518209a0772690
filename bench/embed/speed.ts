import { execFileSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { onnxEmbedder } from "@rag-instruct/embed";

/**
 * Passages a second of this package, sentence-transformers and ONNX Runtime in Python, on the same passages of 100 words:
 *   RAG_INSTRUCT_BENCH_PYTHON=venv/bin/python node --conditions=@rag-instruct/source bench/embed/speed.ts --model FOLDER --texts FILE
 * FILE holds JSON records with a `text`; the venv has sentence-transformers and onnxruntime. Without the variable ours alone.
 */
const { values } = parseArgs({
  options: {
    model: { type: "string", default: "../shared/models/all-MiniLM-L6-v2" },
    texts: { type: "string", default: "../shared/data/corpora/hipporag.2wikimultihopqa_corpus.json" },
    passages: { type: "string", default: "384" },
    batchTokens: { type: "string", default: "2048" },
  },
});
const wordsInPassage = 100;
const records = JSON.parse(await readFile(values.texts, "utf8")) as { text: string }[];
const words = records.flatMap(({ text }) => text.split(/\s+/)).slice(0, Number(values.passages) * wordsInPassage);
const passages = Array.from({ length: words.length / wordsInPassage }, (_, i) =>
  words.slice(i * wordsInPassage, (i + 1) * wordsInPassage).join(" "),
);

async function ours(quantized: boolean): Promise<number> {
  await using embedder = await onnxEmbedder({
    model: values.model,
    quantized,
    batchTokens: Number(values.batchTokens),
  });
  await embedder.embed(passages.slice(0, 32), { kind: "passage" });
  const begun = performance.now();
  await embedder.embed(passages, { kind: "passage" });
  return passages.length / ((performance.now() - begun) / 1000);
}

async function peers(): Promise<Record<string, number>> {
  const python = process.env.RAG_INSTRUCT_BENCH_PYTHON;
  if (!python) return {};
  const folder = await mkdtemp(join(tmpdir(), "embed-bench-"));
  try {
    const file = join(folder, "passages.json");
    await writeFile(file, JSON.stringify(passages));
    const script = join(import.meta.dirname, "peers.py");
    const printed = execFileSync(python, [script, values.model, file], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    return JSON.parse(printed.trim().split("\n").at(-1)!);
  } finally {
    await rm(folder, { recursive: true });
  }
}

const rates: Record<string, number> = {
  "ours, float32": await ours(false),
  "ours, int8": await ours(true),
  ...(await peers()),
};
const base = rates["sentence-transformers, PyTorch float32"] ?? rates["ours, float32"]!;
console.log(`${passages.length} passages of ${wordsInPassage} words\n| | passages/s | ratio |\n|---|---|---|`);
for (const [name, rate] of Object.entries(rates)) {
  console.log(`| ${name} | ${rate.toFixed(1)} | ${(rate / base).toFixed(2)} |`);
}
