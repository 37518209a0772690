import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { embedPassages, onnxEmbedder } from "@rag-instruct/embed";

/**
 * Memory while a corpus is embedded, at every tenth of it:
 *   node --conditions=@rag-instruct/source bench/embed/memory.ts --passages 100000 --words 5
 * Few words a passage make it a matter of minutes; what is held at a time depends on the number of passages, not on their length.
 */
const { values } = parseArgs({
  options: {
    model: { type: "string", default: "../shared/models/all-MiniLM-L6-v2" },
    texts: { type: "string", default: "../shared/data/corpora/hipporag.2wikimultihopqa_corpus.json" },
    passages: { type: "string", default: "100000" },
    words: { type: "string", default: "5" },
  },
});
const [total, length] = [Number(values.passages), Number(values.words)];
const records = JSON.parse(await readFile(values.texts, "utf8")) as { text: string }[];
const words = records.flatMap(({ text }) => text.split(/\s+/));

function* passages() {
  for (let i = 0; i < total; i++) {
    const start = (i * length) % (words.length - length);
    yield { id: String(i), title: "", text: words.slice(start, start + length).join(" ") };
  }
}

const to = await mkdtemp(join(tmpdir(), "embed-memory-"));
const megabytes: string[] = [];
try {
  await using embedder = await onnxEmbedder({ model: values.model, quantized: true });
  await embedPassages({
    passages: passages(),
    embedder,
    to,
    onProgress({ done }) {
      if (done >= (megabytes.length * total) / 10) megabytes.push((process.memoryUsage().rss / 2 ** 20).toFixed(0));
    },
  });
  console.log(`${total} passages of ${length} words; MiB at each tenth: ${megabytes.join(" ")}`);
} finally {
  await rm(to, { recursive: true });
}
