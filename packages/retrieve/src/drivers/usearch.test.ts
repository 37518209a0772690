import { mkdtemp, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { madeVectors } from "../../test/made-vectors.ts";
import { growthInFifty } from "../../test/memory-growth.ts";
import { writeVectorFolder } from "../../test/vector-folder.ts";
import { openVectorIndex, recallOf } from "../index.ts";
import { buildUsearchIndex, openUsearchIndex } from "./usearch.ts";

const dimensions = 32;
const queries = madeVectors(40, dimensions, 2).vectors;
let place: string;
let vectors: string;
beforeAll(async () => {
  place = await mkdtemp(join(tmpdir(), "usearch-"));
  vectors = join(place, "vectors");
  await writeVectorFolder(vectors, madeVectors(5000, dimensions));
});
afterAll(() => rm(place, { recursive: true, force: true }));

it("reports the recall that a search against exact search shows", async () => {
  const to = join(place, "reported");
  const { rows, written, recall } = await buildUsearchIndex({ vectors, to });
  expect([rows, written, recall!.limit, recall!.queries]).toEqual([5000, 5000, 250, 200]);
  expect(recall!.value).toBeGreaterThan(0.5);
  await using exact = await openVectorIndex({ vectors });
  const measured = async (expansionSearch: number) => {
    await using index = await openUsearchIndex(to, { expansionSearch });
    expect(index.recall).toEqual(recall);
    return await recallOf({ index, exact, queries, limit: 250 });
  };
  const [narrow, wide] = [await measured(250), await measured(2000)];
  expect(Math.abs(narrow - recall!.value)).toBeLessThan(0.1);
  expect(wide).toBeGreaterThan(Math.max(narrow, 0.97));
  expect(await buildUsearchIndex({ vectors, to })).toEqual({ rows: 5000, written: 0, recall });
});

it("goes on where it was cut short", async () => {
  const [to, many] = [join(place, "cut"), join(place, "many")];
  await writeVectorFolder(many, madeVectors(60_000, 4));
  const stop = new AbortController();
  const options = { vectors: many, to, connectivity: 4, expansionAdd: 8 };
  const onProgress = ({ done }: { done: number }) => done > 55_000 && stop.abort(new Error("cut"));
  await expect(buildUsearchIndex({ ...options, onProgress, signal: stop.signal })).rejects.toThrow("cut");
  await expect(openUsearchIndex(to)).rejects.toThrow(/no finished index/);
  await expect(buildUsearchIndex({ ...options, connectivity: 8 })).rejects.toMatchObject({ code: "index-mismatch" });
  const { rows, written } = await buildUsearchIndex(options);
  expect([rows, written < 10_000]).toEqual([60_000, true]);
  await using index = await openUsearchIndex(to);
  expect([index.size, index.idOf(59_999)]).toEqual([60_000, "p59999"]);
  await expect(buildUsearchIndex({ ...options, vectors })).rejects.toMatchObject({ code: "file-exists" });
});

it("names files that are cut short or changed", async () => {
  const to = join(place, "damaged");
  await buildUsearchIndex({ vectors, to });
  for (const name of ["index.usearch", "ids.txt"]) {
    const bytes = await readFile(join(to, name));
    await writeFile(join(to, name), Buffer.from(bytes).fill(bytes[99]! ^ 1, 99, 100));
    await expect(openUsearchIndex(to)).rejects.toThrow(new RegExp(`${name} does not match the checksum`));
    await truncate(join(to, name), 900);
    await expect(openUsearchIndex(to, { verify: false })).rejects.toThrow(
      new RegExp(`${name} has 900 bytes instead of`),
    );
    await writeFile(join(to, name), bytes);
  }
  const manifest = JSON.parse(await readFile(join(to, "manifest.json"), "utf8"));
  await truncate(join(to, "index.usearch"), 5000);
  manifest.files["index.usearch"].bytes = 5000;
  await writeFile(join(to, "manifest.json"), JSON.stringify(manifest));
  await expect(openUsearchIndex(to, { verify: false })).rejects.toThrow(/USearch cannot read .*index\.usearch/);
});

it("refuses settings out of range", async () => {
  await expect(buildUsearchIndex({ vectors, to: join(place, "no"), connectivity: 0 })).rejects.toThrow(
    /connectivity is 0/,
  );
  await expect(openUsearchIndex(place, { expansionSearch: -1 })).rejects.toThrow(/expansionSearch is -1/);
});

it.each([true, false])("gives its memory back when closed (mapped: %s)", async (mapped) => {
  const [to, large] = [join(place, "large"), join(place, "large-vectors")];
  await writeVectorFolder(large, madeVectors(15_000, 128));
  await buildUsearchIndex({ vectors: large, to, connectivity: 4, expansionAdd: 4 });
  const round = async () => {
    await using index = await openUsearchIndex(to, { mapped, verify: false });
    await index.search(madeVectors(1, 128).vectors, { limit: 1 });
  };
  // Fifty of them would be 250 MB.
  expect(await growthInFifty(round, 75)).toBeLessThan(75);
});
