import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { seededRandom } from "@rag-instruct/core";
import { writeVectorManifest, writeVectorShard } from "@rag-instruct/core/vectors";
import { afterAll, beforeAll, expect, it } from "vitest";
import { growthInFifty } from "../../test/memory-growth.ts";
import { openVectorIndex } from "./vector-index.ts";

const [count, dimensions] = [20_000, 128];
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "released-"));
  const random = seededRandom(1);
  const data = Float32Array.from({ length: count * dimensions }, () => random.next() - 0.5);
  const ids = Array.from({ length: count }, (_, row) => String(row));
  const vectors = [{ data, count, dimensions }];
  const shard = await writeVectorShard({ to: folder, index: 0, count, dimensions, dtype: "float32", vectors, ids });
  await writeVectorManifest(folder, { embedderId: "made", dimensions, dtype: "float32", shards: [shard] });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const same = (count: number) => ({ data: new Float32Array(count * dimensions).fill(0.1), count, dimensions });
const queries = same(2);

it("gives its memory back: opened, searched or left, and closed again and again", async () => {
  const once = async (round: number) => {
    const index = await openVectorIndex({ vectors: folder, threads: 1, precision: round % 2 ? "int8" : "float32" });
    const stop = new AbortController();
    // Every tenth time enough of them for ONNX Runtime, which each thread loads anew.
    const search = index.search(round % 10 < 9 ? queries : same(64), { limit: 10, signal: stop.signal });
    if (round % 5 === 0) stop.abort();
    await Promise.allSettled([search]);
    await index.close();
  };
  // Each round touches some 15 MiB: fifty of them would leave 750.
  expect(await growthInFifty(once, 150)).toBeLessThan(150);
});
