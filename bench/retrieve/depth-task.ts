// One task of depth.ts in a process of its own, so that its memory is its own: depth-task.ts <folder> make|bm25|dense|hybrid <count>
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import {
  type Embedder,
  type Passage,
  type Retriever,
  type SeededRandom,
  seededRandom,
  type Vectors,
} from "@rag-instruct/core";
import { writeVectorManifest, writeVectorShard } from "@rag-instruct/core/vectors";
import { openPassageStore } from "@rag-instruct/corpus";
import {
  bm25Retriever,
  buildBm25Index,
  denseRetriever,
  hybridRetriever,
  openBm25Index,
  openVectorIndex,
  retrieveAll,
} from "@rag-instruct/retrieve";

const [folder, task, given] = process.argv.slice(2) as [string, string, string];
const count = Number(given);
const dimensions = 768;
const depth = { limit: 250, skip: 200 };

// As in bench/bm25: words drawn by Zipf's law, here by the inverse of its integral, passages of 100 and queries of 8 to 12.
const words = 100_000;
const vocabulary = Array.from({ length: words }, (_, i) => `${(i + 36).toString(36)}q`);

function textOf(random: SeededRandom, length: number): string {
  let text = vocabulary[Math.floor(words ** random.next()) - 1]!;
  for (let i = 1; i < length; i++) text += ` ${vocabulary[Math.floor(words ** random.next()) - 1]!}`;
  return text;
}

function* passages(): Generator<Passage> {
  const random = seededRandom(17, "passages");
  for (let id = 1; id <= count; id++) yield { id: String(id), title: "", text: textOf(random, 100) };
}

function* queries(): Generator<string> {
  const random = seededRandom(17, "queries");
  for (let i = 0; i < count; i++) yield textOf(random, 8 + random.integer(5));
}

const pool = Float32Array.from(
  { length: 2 ** 20 },
  (
    (random) => () =>
      (random.next() - 0.5) * Math.sqrt(12 / dimensions)
  )(seededRandom(1)),
);

/** Vectors of about length 1: stretches of a pool of random numbers. */
function madeVectors(rows: number, seed: number): Vectors {
  const random = seededRandom(seed);
  const data = new Float32Array(rows * dimensions);
  for (let row = 0; row < rows; row++) {
    const start = random.integer(pool.length - dimensions);
    data.set(pool.subarray(start, start + dimensions), row * dimensions);
  }
  return { data, count: rows, dimensions };
}

const embedder: Embedder = {
  id: "made",
  dimensions,
  embed: async (texts) => madeVectors(texts.length, texts.length),
};

async function make(): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const timed = async (name: string, run: () => Promise<unknown>): Promise<void> => {
    const start = performance.now();
    await run();
    console.log(`${name}: ${Math.round((performance.now() - start) / 1000)} s`);
  };
  if (!existsSync(`${folder}/store.sqlite`)) {
    await timed("store", async () => {
      const draft = `${folder}/draft.sqlite`;
      rmSync(draft, { force: true });
      const store = await openPassageStore(draft);
      await store.add(passages(), { dedupe: "id" });
      await store.close();
      renameSync(draft, `${folder}/store.sqlite`);
    });
  }
  if (!existsSync(`${folder}/bm25`)) {
    await timed("bm25", () => buildBm25Index({ passages: passages(), to: `${folder}/bm25`, analyzer: "simple" }));
  }
  if (!existsSync(`${folder}/vectors/manifest.json`)) await timed("vectors", makeVectors);
}

async function makeVectors(): Promise<void> {
  const rows = 10_000;
  function* blocks() {
    for (let at = 0; at < count; at += rows) yield madeVectors(Math.min(rows, count - at), at);
  }
  const to = `${folder}/vectors`;
  const ids = Array.from({ length: count }, (_, i) => String(i + 1));
  const shard = await writeVectorShard({ to, index: 0, count, dimensions, dtype: "float16", vectors: blocks(), ids });
  await writeVectorManifest(to, { embedderId: embedder.id, dimensions, dtype: "float16", shards: [shard] });
}

const resident = (): number => Math.round(process.memoryUsage.rss() / 1e6);

async function run(retriever: Retriever): Promise<object> {
  const opened = resident();
  const fifths = [0, 0, 0, 0, 0];
  let [done, read] = [0, 0];
  const sample = () => {
    const fifth = Math.min(4, Math.floor((done / count) * 5));
    fifths[fifth] = Math.max(fifths[fifth]!, resident());
  };
  const sampler = setInterval(sample, 20);
  const start = performance.now();
  const onProgress = (progress: { done: number }) => {
    done = progress.done;
    sample();
  };
  const batchSize = task === "bm25" ? 256 : 1024;
  for await (const ranking of retrieveAll({
    retriever,
    queries: queries(),
    total: count,
    batchSize,
    ...depth,
    onProgress,
  })) {
    read += ranking.length;
  }
  const seconds = (performance.now() - start) / 1000;
  clearInterval(sampler);
  return { queries: done, read, seconds, opened, fifths, stopped: await stopping(retriever) };
}

/** The longest of several times from the order to stop to the rejection. */
async function stopping(retriever: Retriever): Promise<number> {
  const some: string[] = [];
  for (const query of queries()) if (some.push(query) === 1024) break;
  let longest = 0;
  for (const wait of [50, 100, 200, 400, 800]) {
    const stop = new AbortController();
    const search = retriever.retrieve(some, { ...depth, signal: stop.signal }).catch(() => performance.now());
    await sleep(wait);
    const told = performance.now();
    stop.abort();
    const ended = await search;
    if (typeof ended === "number") longest = Math.max(longest, ended - told);
  }
  return Math.round(longest);
}

if (task === "make") await make();
else {
  await using store = await openPassageStore(`${folder}/store.sqlite`, { readOnly: true });
  await using lexical = task === "dense" ? undefined : await openBm25Index(`${folder}/bm25`);
  await using vectors = task === "bm25" ? undefined : await openVectorIndex({ vectors: `${folder}/vectors` });
  const parts: Retriever[] = [];
  if (lexical) parts.push(bm25Retriever({ index: lexical, passages: store }));
  if (vectors) parts.push(denseRetriever({ index: vectors, embedder, passages: store }));
  console.log(JSON.stringify(await run(parts.length > 1 ? hybridRetriever(parts) : parts[0]!)));
}
