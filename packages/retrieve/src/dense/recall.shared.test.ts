import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseNpyHeader, writeVectorManifest, writeVectorShard } from "@rag-instruct/core/vectors";
import { expect, it } from "vitest";
import { openVectorIndex } from "./vector-index.ts";

const data = process.env.RAG_INSTRUCT_SHARED_DATA ?? join(import.meta.dirname, "../../../../../shared/data");
const source = join(data, "embeddings/scifact-minilm");
const name = `int8 finds what float32 finds among MiniLM vectors of real text${existsSync(source) ? "" : ` (needs ${source})`}`;

it.skipIf(!existsSync(source))(name, async () => {
  const file = await readFile(join(source, "scifact_qemb.npy"));
  const { shape, dataOffset, descr } = parseNpyHeader(file, source);
  expect(descr).toBe("<f4");
  const [count, dimensions] = shape as [number, number];
  const vectors = { data: new Float32Array(new Uint8Array(file.subarray(dataOffset)).buffer), count, dimensions };
  const folder = await mkdtemp(join(tmpdir(), "recall-"));
  const ids = Array.from({ length: count }, (_, row) => String(row));
  const shard = { to: folder, index: 0, count, dimensions, dtype: "float16" as const, vectors: [vectors], ids };
  const shards = [await writeVectorShard(shard)];
  await writeVectorManifest(folder, { embedderId: "minilm", dimensions, dtype: "float16", shards });
  await using exact = await openVectorIndex({ vectors: folder });
  await using int8 = await openVectorIndex({ vectors: folder, precision: "int8" });
  expect(await int8.search(vectors, { limit: 250 })).toEqual(await exact.search(vectors, { limit: 250 }));
  await rm(folder, { recursive: true });
});
