import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { onnxEmbedder } from "@rag-instruct/embed";

/**
 * Passages a second of this package, sentence-transformers and ONNX Runtime in Python, on the same passages of 100 words:
 *   RAG_INSTRUCT_BENCH_PYTHON=venv/bin/python node --conditions=@rag-instruct/source bench/embed/speed.ts --model FOLDER --texts FILE
 * FILE holds JSON records with a `text`; the venv has sentence-transformers and onnxruntime. Without the variable ours alone.
 * All take turns, as often as each other, so that a machine that slows down slows all of them; the best pass of each counts.
 */
const { values } = parseArgs({
  options: {
    model: { type: "string", default: "../shared/models/all-MiniLM-L6-v2" },
    texts: { type: "string", default: "../shared/data/corpora/hipporag.2wikimultihopqa_corpus.json" },
    passages: { type: "string", default: "96" },
    rounds: { type: "string", default: "3" },
  },
});
const wordsInPassage = 100;
const records = JSON.parse(await readFile(values.texts, "utf8")) as { text: string }[];
const words = records.flatMap(({ text }) => text.split(/\s+/)).slice(0, Number(values.passages) * wordsInPassage);
const passages = Array.from({ length: words.length / wordsInPassage }, (_, i) =>
  words.slice(i * wordsInPassage, (i + 1) * wordsInPassage).join(" "),
);

type Pass = () => Promise<number>;

interface Contestant {
  name: string;
  /** Three passes over all passages, a peer's in three batch sizes; each gives the seconds it took. */
  passes: Pass[];
}

await using rivals = await startPeers();
const contestants: Contestant[] = [
  { name: "this package, float32", passes: repeat(await ours(false)) },
  { name: "this package, int8", passes: repeat(await ours(true)) },
  ...(rivals
    ? [
        peer("sentence-transformers, PyTorch float32", "sentence-transformers", [8, 16, 32]),
        peer("ONNX Runtime in Python, float32", "onnxruntime-float32", [4, 8, 16]),
        peer("ONNX Runtime in Python, int8", "onnxruntime-int8", [4, 8, 16]),
      ]
    : []),
];
const best = new Map<string, number>();
for (let round = 0; round < Number(values.rounds); round++) {
  for (const { name, passes } of contestants) {
    for (const pass of passes) best.set(name, Math.max(best.get(name) ?? 0, passages.length / (await pass())));
  }
}
const base = best.get("sentence-transformers, PyTorch float32") ?? best.get("this package, float32")!;
console.log(`${passages.length} passages of ${wordsInPassage} words\n\n| | passages/s | ratio |\n|---|---|---|`);
for (const [name, rate] of best) console.log(`| ${name} | ${rate.toFixed(1)} | ${(rate / base).toFixed(2)} |`);
if (rivals) {
  const peak = await rivals.ask("peak");
  const work = (await gigaflopsOfPassage()) * best.get("this package, float32")!;
  console.log(
    `\nfloat32 computes ${work.toFixed(0)} GFLOP/s, ${((100 * work) / peak).toFixed(0)}% of the ${peak.toFixed(0)} of large products`,
  );
}

async function ours(quantized: boolean): Promise<Pass> {
  const embedder = await onnxEmbedder({ model: values.model, quantized });
  await embedder.embed(passages.slice(0, 32), { kind: "passage" });
  return async () => {
    const begun = performance.now();
    await embedder.embed(passages, { kind: "passage" });
    return (performance.now() - begun) / 1000;
  };
}

function repeat(pass: Pass): Pass[] {
  return [pass, pass, pass];
}

function peer(name: string, id: string, sizes: readonly number[]): Contestant {
  return { name, passes: sizes.map((size) => () => rivals!.ask(`${id} ${size}`)) };
}

/** Multiplications and additions of the encoder's matrix products for a passage, by the model's config and tokens. */
async function gigaflopsOfPassage(): Promise<number> {
  const {
    hidden_size: width,
    intermediate_size: inner,
    num_hidden_layers: layers,
  } = JSON.parse(await readFile(join(values.model, "config.json"), "utf8"));
  const tokens = await rivals!.ask("tokens");
  return (tokens * layers * (2 * width * (4 * width + 2 * inner) + 4 * tokens * width)) / 1e9;
}

/** Python's side, which answers one line with one number. */
async function startPeers(): Promise<({ ask(line: string): Promise<number> } & AsyncDisposable) | undefined> {
  const python = process.env.RAG_INSTRUCT_BENCH_PYTHON;
  if (!python) return undefined;
  const folder = await mkdtemp(join(tmpdir(), "embed-bench-"));
  const file = join(folder, "passages.json");
  await writeFile(file, JSON.stringify(passages));
  const child = spawn(python, [join(import.meta.dirname, "peers.py"), values.model, file], {
    stdio: ["pipe", "pipe", "ignore"],
  });
  const answers = createInterface(child.stdout)[Symbol.asyncIterator]();
  return {
    async ask(line) {
      child.stdin.write(`${line}\n`);
      const { value, done } = await answers.next();
      if (done) throw new Error(`${python} ended before it answered ${JSON.stringify(line)}`);
      return Number(value);
    },
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      await rm(folder, { recursive: true });
    },
  };
}
