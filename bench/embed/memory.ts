import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { embedPassages, onnxEmbedder } from "@rag-instruct/embed";

/**
 * Most memory while each tenth of a corpus is embedded:
 *   node --conditions=@rag-instruct/source bench/embed/memory.ts --passages 100000 --words 12
 * Few words a passage make it a matter of minutes; what is held at a time depends on the number of passages, not on their length.
 */
const { values } = parseArgs({
  options: {
    model: { type: "string", default: "../shared/models/all-MiniLM-L6-v2" },
    texts: { type: "string", default: "../shared/data/corpora/hipporag.2wikimultihopqa_corpus.json" },
    passages: { type: "string", default: "100000" },
    words: { type: "string", default: "12" },
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
const most = new Array<number>(10).fill(0);
let tenth = 0;
const sampling = setInterval(() => {
  most[tenth] = Math.max(most[tenth]!, process.memoryUsage.rss());
}, 100);
try {
  await using embedder = await onnxEmbedder({ model: values.model, quantized: true });
  const onProgress = ({ done }: { done: number }) => {
    tenth = Math.min(9, Math.floor((done * 10) / total));
  };
  await embedPassages({ passages: passages(), embedder, to, onProgress });
  const megabytes = most.map((bytes) => (bytes / 2 ** 20).toFixed(0)).join(" ");
  console.log(`${total} passages of ${length} words; MiB at most in each tenth: ${megabytes}`);
} finally {
  clearInterval(sampling);
  await rm(to, { recursive: true });
}
