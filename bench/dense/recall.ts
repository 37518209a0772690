/**
 * Recall@250 of int8 against float32 on vectors of real text: texts of 40 characters and more from every JSON, JSONL, TSV and
 * Markdown file under a folder, embedded by a model folder (int8, 64 tokens) once and kept in bench/data; 1,000 of them are the queries.
 *   pnpm exec node --conditions=@rag-instruct/source bench/dense/recall.ts TEXTS MODEL [--count 12000]
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { gunzipSync } from "node:zlib";
import { type Passage, seededRandom } from "@rag-instruct/core";
import { openVectorFolder } from "@rag-instruct/core/vectors";
import { embedPassages, onnxEmbedder } from "@rag-instruct/embed";
import { openVectorIndex } from "@rag-instruct/retrieve";

const { values, positionals } = parseArgs({
  options: { count: { type: "string", default: "12000" } },
  allowPositionals: true,
});
const [texts, model] = positionals;
if (!texts || !model) throw new Error("name a folder of texts and a model folder");
const count = Number(values.count);
const [limit, heldOut] = [250, 1000];

function* stringsIn(value: unknown): Generator<string> {
  if (typeof value === "string") yield value;
  else if (value && typeof value === "object") for (const one of Object.values(value)) yield* stringsIn(one);
}

function* textsOf(path: string): Generator<string> {
  const bytes = readFileSync(path);
  // Data sets hold files called .gz that are none.
  const text = (bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes).toString();
  const name = path.replace(/\.gz$/, "");
  if (/\.(md|tsv|txt|xml)$/.test(name)) yield* text.split(/\n\s*\n|\t/);
  else if (/\.jsonl?$/.test(name)) {
    for (const record of name.endsWith("l") ? text.split("\n") : [text]) {
      try {
        yield* stringsIn(JSON.parse(record));
      } catch {
        // Not JSON: no text to be had of it.
      }
    }
  }
}

function distinctTexts(): string[] {
  const all = new Set<string>();
  for (const entry of readdirSync(texts!, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    for (const text of textsOf(join(entry.parentPath, entry.name))) {
      if (text.trim().length >= 40) all.add(text.trim().slice(0, 1000));
    }
  }
  return seededRandom(5).shuffle([...all].sort());
}

async function embedOnce(name: string, some: readonly string[]): Promise<string> {
  await using embedder = await onnxEmbedder({ model: model!, quantized: true, maxTokens: 64 });
  const passages: Passage[] = some.map((text, row) => ({ id: String(row), title: "", text }));
  const to = fileURLToPath(new URL(`../data/recall-${count}/${name}`, import.meta.url));
  await embedPassages({ passages, embedder, to, shardRows: 1024 });
  return to;
}

const all = distinctTexts();
console.log(`${all.length} texts found`);
const queriesAt = await embedOnce("queries", all.slice(0, heldOut));
const vectors = await embedOnce("passages", all.slice(heldOut, heldOut + count));
await using queryFolder = await openVectorFolder(queriesAt);
const queries = await queryFolder.rows(Array.from({ length: queryFolder.count }, (_, row) => row));
await using exact = await openVectorIndex({ vectors });
await using int8 = await openVectorIndex({ vectors, precision: "int8" });
const [wanted, found] = [await exact.search(queries, { limit }), await int8.search(queries, { limit })];
let [same, worst] = [0, limit];
for (let start = 0; start < wanted.rows.length; start += limit) {
  const rows = new Set(wanted.rows.subarray(start, start + limit));
  const here = found.rows.subarray(start, start + limit).filter((row) => rows.has(row)).length;
  same += here;
  worst = Math.min(worst, here);
}
console.log(
  `${exact.size} vectors x ${exact.dimensions}, ${queries.count} queries: recall@${limit} ${(same / wanted.rows.length).toFixed(6)}, ` +
    `of the worst query ${(worst / limit).toFixed(3)}`,
);
