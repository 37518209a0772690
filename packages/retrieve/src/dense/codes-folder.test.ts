import { chmod, mkdtemp, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { seededRandom } from "@rag-instruct/core";
import { writeVectorManifest, writeVectorShard } from "@rag-instruct/core/vectors";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openVectorIndex } from "./vector-index.ts";

const [count, dimensions] = [400, 20];
let folder: string;
const codes = (name = "") => join(folder, "int8", name);
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "codes-"));
  await writeVectors(1);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function writeVectors(seed: number): Promise<void> {
  const random = seededRandom(seed);
  const data = Float32Array.from({ length: count * dimensions }, () => random.next() - 0.5);
  const ids = Array.from({ length: count }, (_, row) => `p${row}`);
  const vectors = [{ data, count, dimensions }];
  const shard = await writeVectorShard({ to: folder, index: 0, count, dimensions, dtype: "float16", vectors, ids });
  await writeVectorManifest(folder, { embedderId: "made", dimensions, dtype: "float16", shards: [shard] });
}

const open = (options: { verify?: boolean } = {}) =>
  openVectorIndex({ vectors: folder, precision: "int8", threads: 1, ...options });

it("writes the codes once, and again for other vectors", async () => {
  const stages: string[] = [];
  const onProgress = ({ stage, done, total }: { stage: string; done: number; total?: number }) =>
    stages.push(`${stage} ${done}/${total}`);
  await (await openVectorIndex({ vectors: folder, precision: "int8", onProgress })).close();
  expect(stages).toEqual([`quantize ${count}/${count}`]);
  const first = await readFile(codes("codes.u8"));
  const { mtimeMs } = await stat(codes("codes.u8"));
  await (await open({ verify: true })).close();
  expect((await stat(codes("codes.u8"))).mtimeMs).toBe(mtimeMs);
  await writeVectors(2);
  await (await open({ verify: true })).close();
  expect(await readFile(codes("codes.u8"))).not.toEqual(first);
});

it("names a file that is cut short, damaged, missing or newer", async () => {
  await (await open()).close();
  const bytes = await readFile(codes("codes.u8"));
  bytes[77]! ^= 1;
  await writeFile(codes("codes.u8"), bytes);
  await expect(open({ verify: true })).rejects.toThrow(/int8.codes\.u8 does not match its checksum; delete its folder/);
  await truncate(codes("codes.u8"), 1000);
  await expect(open()).rejects.toThrow(/int8.codes\.u8 has 1000 bytes instead of 12800/);
  await rm(codes("scales.f32"));
  await writeFile(codes("codes.u8"), bytes);
  await expect(open()).rejects.toThrow(/int8.scales\.f32 is missing/);
  const manifest = JSON.parse(await readFile(codes("manifest.json"), "utf8"));
  await writeFile(codes("manifest.json"), JSON.stringify({ ...manifest, version: 9 }));
  await expect(open()).rejects.toThrow(/manifest\.json has version 9, and this release reads version 1/);
  await writeFile(codes("manifest.json"), "{");
  await expect(open()).rejects.toThrow(/manifest\.json is not a manifest of int8 vectors/);
});

it("refuses vectors that hold NaN or infinity, whatever the precision, and names the rows", async () => {
  const shard = join(folder, "00000.npy");
  const bytes = await readFile(shard);
  bytes.writeUInt16LE(0x7e00, bytes.length - count * dimensions * 2 + 123 * dimensions * 2);
  await writeFile(shard, bytes);
  await expect(open()).rejects.toThrow(/row 123 holds NaN/);
  for (const queries of [1, 50]) {
    await using index = await openVectorIndex({ vectors: folder, threads: 1 });
    const search = index.search(
      { data: new Float32Array(queries * dimensions), count: queries, dimensions },
      { limit: 2 },
    );
    await expect(search).rejects.toThrow(/rows 0 to 191 holds NaN or numbers too large/);
  }
});

it.skipIf(process.getuid?.() === 0)("says so where the codes cannot be written [not as root]", async () => {
  await chmod(folder, 0o500);
  await expect(open()).rejects.toMatchObject({ code: "file-unwritable" });
  await chmod(folder, 0o700);
});

it("writes the codes to a folder of their own where it is told to", async () => {
  const elsewhere = await mkdtemp(join(tmpdir(), "codes-"));
  await (await openVectorIndex({ vectors: folder, precision: "int8", codes: elsewhere, threads: 1 })).close();
  expect(await stat(join(elsewhere, "manifest.json"))).toBeTruthy();
  await expect(stat(codes())).rejects.toThrow(/ENOENT/);
  await rm(elsewhere, { recursive: true });
});
