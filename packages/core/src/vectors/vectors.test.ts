import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { RagInstructError } from "../errors.ts";
import { hashText } from "../hash.ts";
import { seededRandom } from "../random.ts";
import { openVectorFolder, type VectorDtype, writeVectorManifest, writeVectorShard } from "./index.ts";
import { decodeFloat16, encodeFloat16, parseNpyHeader } from "./npy.ts";

const python = process.env.RAG_INSTRUCT_PYTHON ?? "";
let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "vectors-"));
});
afterEach(() => rm(folder, { recursive: true }));

const dimensions = 3;
const rowOf = (row: number) => [row, row / 2, -row];

async function writeFolder({ counts, dtype = "float16" }: { counts: number[]; dtype?: VectorDtype }): Promise<void> {
  let first = 0;
  const shards = [];
  for (const [index, count] of counts.entries()) {
    const rows = Array.from({ length: count }, (_, i) => first + i);
    const vectors = rows.map((row) => ({ data: Float32Array.from(rowOf(row)), count: 1, dimensions }));
    const ids = rows.map((row) => `p-${row}-é`);
    shards.push(await writeVectorShard({ to: folder, index, count, dimensions, dtype, vectors, ids }));
    first += count;
  }
  await writeVectorManifest(folder, { embedderId: "made", dimensions, dtype, shards });
}

function half(value: number): number {
  const bits = new Uint16Array(1);
  encodeFloat16(Float32Array.of(value), bits);
  return bits[0]!;
}

describe("float16", () => {
  it("brings every half-precision number there and back", () => {
    const bits = Uint16Array.from({ length: 65_536 }, (_, i) => i).filter(
      (i) => (i & 0x7c00) !== 0x7c00 || !(i & 0x3ff),
    );
    const values = new Float32Array(bits.length);
    const again = new Uint16Array(bits.length);
    decodeFloat16(bits, values);
    encodeFloat16(values, again);
    expect(again).toEqual(bits);
  });
  it("rounds to the nearest, ties to even, at every border between two halves", () => {
    const [low, high] = [new Float32Array(1), new Float32Array(1)];
    for (let bits = 0; bits < 0x7bff; bits++) {
      decodeFloat16(Uint16Array.of(bits), low);
      decodeFloat16(Uint16Array.of(bits + 1), high);
      const middle = (low[0]! + high[0]!) / 2;
      const nudge = middle * 2 ** -22;
      expect([half(middle - nudge), half(middle), half(middle + nudge)]).toEqual([bits, bits + (bits & 1), bits + 1]);
    }
  });
  it("makes what is out of range infinite and keeps signs and NaN", () => {
    expect([65_519, 65_520, -1e9, -0, 1e-9].map(half)).toEqual([0x7bff, 0x7c00, 0xfc00, 0x8000, 0]);
    expect(half(Number.NaN) & 0x7fff).toBe(0x7e00);
  });
});

describe("openVectorFolder", () => {
  it.each(["float16", "float32"] as const)(
    "reads %s blocks of equal size over the borders of shards",
    async (dtype) => {
      await writeFolder({ counts: [5, 0, 1, 7], dtype });
      await using opened = await openVectorFolder(folder, { verify: true });
      expect(opened).toMatchObject({ embedderId: "made", count: 13, dimensions, dtype });
      const sizes: number[] = [];
      for await (const { firstRow, count, data } of opened.blocks({ rows: 4 })) {
        sizes.push(count);
        for (let i = 0; i < count; i++) {
          expect([...data.subarray(i * dimensions, (i + 1) * dimensions)]).toEqual(rowOf(firstRow + i));
          expect(opened.idOf(firstRow + i)).toBe(`p-${firstRow + i}-é`);
        }
      }
      expect(sizes).toEqual([4, 4, 4, 1]);
    },
  );
  it("gives rows in the order of the list, doubled and far apart ones too", async () => {
    await writeFolder({ counts: [20_000, 20_000] });
    await using opened = await openVectorFolder(folder);
    const list = [39_999, 0, 39_999, 20_000, 19_999, 7];
    const { data, count } = await opened.rows(list);
    const stored = list.flatMap((row) => {
      const value = new Float32Array(dimensions);
      const bits = new Uint16Array(dimensions);
      encodeFloat16(Float32Array.from(rowOf(row)), bits);
      decodeFloat16(bits, value);
      return [...value];
    });
    expect([count, ...data]).toEqual([6, ...stored]);
    await expect(opened.rows([40_000])).rejects.toThrow("row 40000 is not one of the 40000 rows");
    expect(() => opened.idOf(-1)).toThrow("row -1 is not one of");
  });
  it("reads rows as they are stored, and names corpus and content", async () => {
    await writeFolder({ counts: [5, 4], dtype: "float32" });
    await using opened = await openVectorFolder(folder);
    const rows = new Float32Array(6 * dimensions);
    await opened.read(new Uint8Array(rows.buffer), { firstRow: 2, count: 6 });
    expect([...rows]).toEqual([2, 3, 4, 5, 6, 7].flatMap((row) => [...Float32Array.from(rowOf(row))]));
    const ids = Array.from({ length: 9 }, (_, row) => `p-${row}-é\n`).join("");
    expect(opened.corpus).toBe(hashText(ids));
    const { fingerprint } = opened;
    await writeFolder({ counts: [9], dtype: "float16" });
    await using other = await openVectorFolder(folder);
    expect(other.corpus).toBe(opened.corpus);
    expect(other.fingerprint).not.toBe(fingerprint);
  });
  it("can be left in the middle of the blocks and closed twice", async () => {
    await writeFolder({ counts: [10] });
    const opened = await openVectorFolder(folder);
    for await (const block of opened.blocks({ rows: 2 })) if (block.firstRow === 2) break;
    await opened.close();
    await opened.close();
  });
  it("opens a folder of no rows", async () => {
    await writeFolder({ counts: [] });
    await using opened = await openVectorFolder(folder);
    expect(await Array.fromAsync(opened.blocks())).toEqual([]);
  });

  async function refusal(): Promise<[string, string]> {
    const error: RagInstructError = await openVectorFolder(folder, { verify: true }).then(
      () => expect.unreachable(),
      (reason) => reason,
    );
    return [error.code, error.message.replace(`${folder}/`, "")];
  }
  it("names a file that is cut off", async () => {
    await writeFolder({ counts: [5, 5] });
    await truncate(join(folder, "00001.npy"), 150);
    expect(await refusal()).toEqual([
      "file-corrupt",
      expect.stringMatching(/^00001\.npy has 150 bytes where 158 belong/),
    ]);
  });
  it.each(["00001.npy", "00001.ids.txt"])("names %s when a byte of it has changed", async (name) => {
    await writeFolder({ counts: [5, 5] });
    const bytes = await readFile(join(folder, name));
    bytes[bytes.length - 2]! ^= 1;
    await writeFile(join(folder, name), bytes);
    expect(await refusal()).toEqual([
      "file-corrupt",
      `${name} does not have the checksum of the manifest; write the folder again`,
    ]);
  });
  it.each([
    ["file-missing", () => rm(join(folder, "00000.npy")), /^00000\.npy is not there/],
    ["file-missing", () => rm(join(folder, "manifest.json")), /^manifest\.json is not there/],
    ["unsupported-version", () => change({ version: 2 }), /^manifest\.json is of version 2, .* up to 1; update/],
    ["unknown-format", () => change({ format: "other" }), /^manifest\.json is not a manifest/],
    ["file-corrupt", () => change({ count: 4 }), /^manifest\.json lacks fields or its counts/],
    ["file-corrupt", () => change({ dimensions: 4 }), /^00000\.npy holds <f2 of shape 5,3 where .* <f2 of 5,4/],
    ["file-corrupt", () => change({ dimensions: 0 }), /^manifest\.json lacks fields/],
    ["file-corrupt", () => change({ dtype: "constructor" }), /^manifest\.json lacks fields/],
    ["file-corrupt", () => change({ dtype: "float32" }), /^00000\.npy holds <f2 of shape 5,3 where .* <f4 of 5,3/],
    ["file-corrupt", () => change({ shards: [null] }), /^manifest\.json lacks fields/],
    ["file-corrupt", () => changeShard({ file: ".." }), /^manifest\.json lacks fields/],
    ["file-corrupt", () => changeShard({ count: -5 }, -5), /^manifest\.json lacks fields/],
    ["file-corrupt", () => changeShard({ count: 4 }, 4), /^00000\.ids\.txt holds 5 ids, not 4/],
    ["file-corrupt", () => changeShard({ sha256: "0".repeat(64) }), /^00000\.npy does not have the checksum/],
    ["file-missing", () => rm(join(folder, "00000.ids.txt")), /^00000\.ids\.txt is not there/],
    ["file-corrupt", () => writeFile(join(folder, "manifest.json"), "{"), /^manifest\.json is not JSON/],
  ])("refuses with %s what has been tampered with (%#)", async (code, tamper, message) => {
    await writeFolder({ counts: [5] });
    await tamper();
    expect(await refusal()).toEqual([code, expect.stringMatching(message)]);
  });
  async function changeShard(fields: object, count = 5): Promise<void> {
    const { shards } = JSON.parse(await readFile(join(folder, "manifest.json"), "utf8"));
    await change({ count, shards: [{ ...shards[0], ...fields }] });
  }
  async function change(fields: object): Promise<void> {
    const path = join(folder, "manifest.json");
    await writeFile(path, JSON.stringify({ ...JSON.parse(await readFile(path, "utf8")), ...fields }));
  }
});

describe("writeVectorShard", () => {
  const write = (values: number[], { dtype = "float16" as VectorDtype, ids = ["a", "b"] } = {}) =>
    writeVectorShard({
      to: folder,
      index: 0,
      count: 2,
      dimensions: 2,
      dtype,
      vectors: [{ data: Float32Array.from(values), count: values.length / 2, dimensions: 2 }],
      ids,
    });
  it.each([
    ["NaN", [0, 1, Number.NaN, 1], {}, /the value NaN in row 1 is not finite/],
    [
      "an infinite value",
      [Infinity, 1, 0, 1],
      { dtype: "float32" as const },
      /the value Infinity in row 0 is not finite/,
    ],
    ["a value too large for float16", [0, 1, 0, 7e4], {}, /the value 70000 in row 1 is too large for float16/],
    ["another number of rows", [0, 1], {}, /1 rows, not 2/],
    ["another number of ids", [0, 1, 0, 1], { ids: ["a"] }, /1 ids for the 2 rows/],
    ["an id with a line feed", [0, 1, 0, 1], { ids: ["a\nb", "c"] }, /the id "a\\nb" holds a line feed/],
  ])("refuses %s and leaves no .npy behind", async (_, values, options, message) => {
    await expect(write(values, options)).rejects.toThrow(message);
    expect(existsSync(join(folder, "00000.npy"))).toBe(false);
  });
  it.skipIf(!python)("writes what NumPy reads (needs RAG_INSTRUCT_PYTHON)", async () => {
    const random = seededRandom("npy");
    const values = Float32Array.from(
      { length: 2000 * dimensions },
      () => (random.next() - 0.5) * 10 ** (random.next() * 9 - 6),
    );
    const vectors = [{ data: values, count: 2000, dimensions }];
    const ids = Array.from({ length: 2000 }, (_, i) => `${i}`);
    const shape = { to: folder, count: 2000, dimensions, vectors, ids };
    await writeVectorShard({ ...shape, index: 0, dtype: "float32" });
    await writeVectorShard({ ...shape, index: 1, dtype: "float16" });
    const script = `import numpy as n
a, b = n.load("00000.npy"), n.load("00001.npy")
assert a.shape == b.shape == (2000, 3) and b.dtype == n.float16
assert (a.astype(n.float16).view(n.uint16) == b.view(n.uint16)).all()
n.save("two.npy", a[:2].astype(">f8"), allow_pickle=False)`;
    execFileSync(python, ["-c", script], { cwd: folder });
    const header = parseNpyHeader(await readFile(join(folder, "two.npy")), "two.npy");
    expect(header).toEqual({ descr: ">f8", fortranOrder: false, shape: [2, 3], dataOffset: 128 });
  });
});
