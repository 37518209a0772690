import { embedPassages, onnxEmbedder } from "../src/index.ts";
import { madePassages } from "./made-passages.ts";

// Embeds made passages into a folder, for tests that kill it: node embed-child.ts MODEL FOLDER PASSAGES [INDEX COUNT]
const [model = "", to = "", passages = "", index = "0", count = "1"] = process.argv.slice(2);
await using embedder = await onnxEmbedder({ model, threads: 1 });
const report = await embedPassages({
  passages: madePassages(Number(passages)),
  embedder,
  to,
  shardRows: 200,
  shard: { index: Number(index), count: Number(count) },
});
process.stdout.write(JSON.stringify(report));
