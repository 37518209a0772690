import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { runBuffer, runReader, unindexed } from "./runs.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "runs-"));
});
afterEach(() => rm(folder, { recursive: true }));

// A buffer that grew by a passage at a time would copy 400 GB here.
it("grows far beyond its capacity, and writes all it was given", async () => {
  const passages = 20_000;
  const values = Int32Array.from({ length: 200 }, (_, i) => (i % 100) + 1);
  const buffer = runBuffer(1 << 10);
  for (let i = 0; i < passages; i++) buffer.add({ values, count: 200, known: 100 });
  expect(buffer.full).toBe(true);
  const { run, counts, length } = await buffer.write({ folder, name: "0", firstRow: 0, terms: 100 });
  expect(counts).toEqual(new Uint32Array(100).fill(passages));
  expect([run.postings, length]).toEqual([passages * 100, passages * 200]);
  const reader = runReader([run]);
  const { rows, frequencies } = reader.read(0, { from: 0, to: 2 });
  reader.close();
  expect([rows.length, rows[0], rows[passages - 1], rows[passages]]).toEqual([2 * passages, 0, passages - 1, 0]);
  expect(frequencies.every((frequency) => frequency === 2)).toBe(true);
});

it("numbers terms anew, leaves out what is not indexed, counts to 255, and starts anew", async () => {
  const buffer = runBuffer(1 << 10);
  const write = (name: string) => buffer.write({ folder, name, firstRow: 7, terms: 4 }, Uint32Array.from([3, 0, 1]));
  buffer.add({ values: Int32Array.from([1, unindexed, 3, 1]), count: 4, known: 3 });
  buffer.add({ values: new Int32Array(300).fill(1), count: 300, known: 3 });
  buffer.add({ values: new Int32Array(0), count: 0, known: 3 });
  const first = await write("0");
  expect(first).toMatchObject({ run: { postings: 3 }, counts: Uint32Array.from([0, 1, 0, 2]), length: 303 });
  buffer.add({ values: Int32Array.from([2]), count: 1, known: 3 });
  const second = await write("1");
  expect(second).toMatchObject({ run: { postings: 1 }, counts: Uint32Array.from([1, 0, 0, 0]), length: 1 });
  expect(second.lengthCodes).toEqual(Uint8Array.of(1));
  const reader = runReader([first.run, second.run]);
  expect(reader.read(0, { from: 1, to: 9 })).toEqual({
    starts: Uint32Array.from([0, 1, 1, 3]),
    rows: Uint16Array.from([0, 0, 1]),
    frequencies: Uint8Array.from([1, 2, 255]),
  });
  expect(reader.read(1, { from: 9, to: 12 }).rows.length).toBe(0);
  reader.close();
});
