import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { openVectorFolder } from "@rag-instruct/core/vectors";
import { packTar } from "modern-tar";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { cosine, sharedData } from "../../test/shared-data.ts";
import { importContriever } from "../index.ts";

const python = process.env.RAG_INSTRUCT_PYTHON ?? "";
const fixtures = join(sharedData, "embeddings/contriever-format-made-here");
let folder = "";
let to = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "contriever-"));
  to = join(folder, "vectors");
});
afterEach(() => rm(folder, { recursive: true }));

async function run(from: string, dtype: "float16" | "float32" = "float32") {
  const report = await importContriever({ from, to, embedderId: "contriever", dtype });
  await using opened = await openVectorFolder(to, { verify: true });
  const ids = Array.from({ length: opened.count }, (_, row) => opened.idOf(row));
  return { report, ids, data: (await opened.rows(ids.map((_, row) => row))).data };
}

/** Runs Python; its script writes files named passages_… into the test's folder. */
function python_(script: string): void {
  execFileSync(python, ["-c", `import numpy as n, pickle\n${script}`], { cwd: folder });
}

describe.skipIf(!existsSync(fixtures))(`published-style pickles, needs ${fixtures}`, () => {
  it.each(["numpy1.proto2", "numpy1.proto4", "numpy1.proto4.float16", "numpy2.proto4"])("reads %s", async (kind) => {
    const { report, ids, data } = await run(join(fixtures, `passages_00.${kind}`));
    expect(report).toEqual({ count: 103, dimensions: 384, shards: 1 });
    const lines = (await readFile(join(sharedData, "embeddings/minilm-103.text-vector.jsonl"), "utf8"))
      .trim()
      .split("\n");
    const texts = lines.map((line) => JSON.parse(line));
    expect(ids).toEqual(texts.map((_, i) => String(i)));
    for (const [i, { vector }] of texts.entries()) {
      expect(cosine(data.subarray(i * 384, (i + 1) * 384), vector)).toBeGreaterThan(0.999999);
    }
  });
  it("reads a .tar.gz as it streams by, and a folder, in shards", async () => {
    const bytes = await readFile(join(fixtures, "passages_00.numpy1.proto4"));
    const entries = [
      "wikipedia_embeddings/passages_00",
      "wikipedia_embeddings/notes",
      "wikipedia_embeddings/passages_01",
    ];
    const tar = await packTar(
      entries.map((name) => ({ header: { name, size: bytes.length }, body: new Uint8Array(bytes) })),
    );
    await writeFile(join(folder, "all.tar.gz"), gzipSync(tar));
    const packed = await run(join(folder, "all.tar.gz"));
    expect(packed.report).toEqual({ count: 206, dimensions: 384, shards: 2 });
    await mkdir(join(folder, "plain"));
    for (const name of ["passages_00", "passages_01"]) {
      await copyFile(join(fixtures, "passages_00.numpy1.proto4"), join(folder, "plain", name));
    }
    expect(await run(join(folder, "plain"))).toEqual(packed);
    await mkdir(join(folder, "single"));
    await writeFile(join(folder, "single/passages_00.gz"), gzipSync(bytes));
    await writeFile(join(folder, "single/passages_01.zst"), zstdCompressSync(bytes));
    expect(await run(join(folder, "single"))).toEqual(packed);
  });
  it("reads packed files in a .tar, wherever the chunks of a file that is read end", async () => {
    const bytes = gzipSync(await readFile(join(fixtures, "passages_00.numpy1.proto4")));
    const chunk = 1 << 18;
    for (const before of [chunk - 1024 - 3, chunk - 1024]) {
      const bodies = { filler: new Uint8Array(before - 512), passages_00: new Uint8Array(bytes) };
      const parts = Object.entries(bodies).map(([name, body]) => ({ header: { name, size: body.length }, body }));
      await writeFile(join(folder, "all.tar"), await packTar(parts));
      expect((await run(join(folder, "all.tar"))).report).toEqual({ count: 103, dimensions: 384, shards: 1 });
    }
  });
  it("names the byte where a file is cut off, wherever that is, and leaves nothing that opens", async () => {
    const bytes = await readFile(join(fixtures, "passages_00.numpy1.proto4"));
    const from = join(folder, "passages_00");
    for (const length of [0, 1, 5, 300, 640, 5000, bytes.length - 1]) {
      await writeFile(from, bytes.subarray(0, length));
      await expect(run(from)).rejects.toThrow(`passages_00 is cut off: it ends at byte ${length}`);
    }
    expect((await readdir(to)).filter((name) => !/\.ids\.txt$/.test(name))).toEqual([]);
  });
});

describe.skipIf(!python)("pickles written by Python (needs RAG_INSTRUCT_PYTHON)", () => {
  const made = "ids = [f'id-{i}' for i in range(700)]\na = n.arange(700*600, dtype='f4').reshape(700, 600) / 2\n";
  it.each([2, 3, 4, 5])("reads protocol %i in C and Fortran order, beyond what is held in memory", async (protocol) => {
    python_(`${made}pickle.dump((ids, a), open('passages_c', 'wb'), protocol=${protocol})
pickle.dump((ids, n.asfortranarray(a)), open('passages_f', 'wb'), protocol=${protocol})`);
    const expected = Float32Array.from({ length: 700 * 600 }, (_, i) => i / 2);
    for (const name of ["passages_c", "passages_f"]) {
      const { ids, data } = await run(join(folder, name));
      expect([ids[0], ids[699], Buffer.compare(Buffer.from(data.buffer), Buffer.from(expected.buffer))]).toEqual([
        "id-0",
        "id-699",
        0,
      ]);
    }
  });
  it.each([
    [
      "os.system",
      "class E:\n  def __reduce__(self): import os; return (os.system, ('touch pwned',))\nv = E()",
      /the global (posix|nt|os)\.system/,
    ],
    [
      "eval",
      'class E:\n  def __reduce__(self): return (eval, (\'open("pwned", "w")\',))\nv = ([E()], None)',
      /the global builtins\.eval|__builtin__\.eval/,
    ],
    [
      "an object of any class",
      "import collections\nv = collections.OrderedDict(a=1)",
      /the global collections\.OrderedDict/,
    ],
    ["a dictionary", "v = {'a': 1}", /the opcode 0x7d \("}"\)/],
    ["numbers that are whole", "v = (['a'], n.ones((1, 2), 'i4'))", /numbers <i4, neither <f4 nor <f2/],
    ["numbers in big-endian order", "v = (['a'], n.ones((1, 2), '>f4'))", /numbers >f4/],
    ["a vector for a matrix", "v = (['a'], n.ones(2, 'f4'))", /an array of shape 2/],
    ["too few ids", "v = (['a'], n.ones((2, 2), 'f4'))", /1 ids for 2 rows/],
  ])("refuses %s by name and runs nothing", async (_, script, message) => {
    for (const protocol of [2, 4, 5]) {
      python_(`${script}\npickle.dump(v, open('passages_00', 'wb'), protocol=${protocol})`);
      await expect(run(join(folder, "passages_00"))).rejects.toThrow(message);
    }
    expect(existsSync(join(folder, "pwned"))).toBe(false);
  });
  it("refuses a value that is not finite", async () => {
    python_("pickle.dump((['a', 'b'], n.array([[1, 2], [3, n.nan]], 'f4')), open('passages_00', 'wb'), protocol=4)");
    await expect(run(join(folder, "passages_00"))).rejects.toThrow("the value NaN in row 1 is not finite");
  });
});

it("names a place that is not there or holds nothing of the kind", async () => {
  await expect(run(join(folder, "none"))).rejects.toThrow("none is not there");
  await mkdir(join(folder, "empty"));
  await expect(run(join(folder, "empty"))).rejects.toThrow("holds no file named passages_…");
});
