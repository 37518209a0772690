import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { memoryPassages } from "@rag-instruct/core";
import { openVectorFolder } from "@rag-instruct/core/vectors";
import { packTar } from "modern-tar";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { importEmbeddings, importVectors } from "../index.ts";

const python = process.env.RAG_INSTRUCT_PYTHON ?? "";
const count = 700;
const ids = Array.from({ length: count }, (_, i) => String(9000 - i));
const passages = memoryPassages(ids.map((id) => ({ id, title: "", text: `text ${id}` })));
const embedder = { id: "onnx mean 3", dimensions: 3 };
/** The vector of an id, of numbers that float32 cannot hold in half the bits. */
const vectorOf = (id: string) => [Number(id), Number(id) / 1024 + 1, -1];

let folder = "";
let to = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "import-"));
  to = join(folder, "embeddings");
});
afterEach(() => rm(folder, { recursive: true }));

const place = (name: string) => join(folder, name);
const linesOf = (some: readonly string[], vector = vectorOf) =>
  some.map((id) => `${JSON.stringify({ id, vector: vector(id) })}\n`).join("");

/** Imports, and gives the vectors that the folder has in the end. */
async function imported(from: string | string[]) {
  const report = await importEmbeddings({ from, to, passages, embedder });
  await using opened = await openVectorFolder(to, { verify: true });
  const rows = Array.from({ length: opened.count }, (_, row) => row);
  const { data } = await opened.rows(rows);
  expect(rows.map((row) => opened.idOf(row))).toEqual(ids);
  expect([...data]).toEqual(ids.flatMap(vectorOf));
  expect((await readdir(to)).filter((name) => name === "import" || name.endsWith(".tmp"))).toEqual([]);
  return report;
}
const refused = (from: string | string[], given: Partial<Parameters<typeof importEmbeddings>[0]> = {}) =>
  expect(importEmbeddings({ from, to, passages, embedder, ...given })).rejects;

/** A .npy file of float32 rows. */
async function writeNpy(path: string, some: readonly string[]): Promise<void> {
  const records = `${path}.jsonl`;
  await writeFile(records, linesOf(some));
  await importVectors({ from: records, to: `${path}.made`, embedderId: "x", dtype: "float32" });
  await writeFile(path, await readFile(join(`${path}.made`, "00000.npy")));
  await rm(`${path}.made`, { recursive: true });
  await rm(records);
}

describe("vectors of passages, in whatever files they come", () => {
  it("records, in the order of the passages and in any other", async () => {
    await writeFile(place("a.jsonl"), linesOf(ids.slice(0, 300)));
    await writeFile(place("b.jsonl.gz"), gzipSync(linesOf(ids.slice(300))));
    expect(await imported([place("a.jsonl"), place("b.jsonl.gz")])).toEqual({ count, dimensions: 3, shards: 2 });
    expect(await imported([place("b.jsonl.gz"), place("a.jsonl")])).toMatchObject({ count, dimensions: 3 });
    await writeFile(place("c.jsonl"), linesOf(ids.toSorted()));
    await imported(place("c.jsonl"));
  });

  it(".npy with ids beside it, or in the order of the passages; in a folder, in a .tar and packed", async () => {
    await mkdir(place("plain"));
    // Numbers in names count as numbers: part 10 comes after part 9.
    for (let part = 0; part < 14; part++)
      await writeNpy(place(`plain/${part}.npy`), ids.slice(part * 50, part * 50 + 50));
    await imported(place("plain"));
    await mkdir(place("named"));
    const parts = [ids.slice(0, 200), ids.slice(200)].map((some) => some.toReversed());
    for (const [i, some] of parts.entries()) {
      await writeNpy(place(`named/${i}.npy`), some);
      await writeFile(
        place(`named/${i}.${i ? "ids.txt" : "json"}`),
        i ? some.map((id) => `${id}\n`).join("") : JSON.stringify(some),
      );
    }
    await imported(place("named"));
    const names = await readdir(place("named"));
    const entries = await Promise.all(
      names.map(async (name) => ({ name, body: new Uint8Array(await readFile(place(`named/${name}`))) })),
    );
    const tar = await packTar(
      entries.map(({ name, body }) => ({ header: { name: `in/${name}`, size: body.length }, body })),
    );
    await writeFile(place("named.tar.gz"), gzipSync(tar));
    await imported(place("named.tar.gz"));
  });

  it("a vector folder of the same embedder, and none of another", async () => {
    await writeFile(place("a.jsonl"), linesOf(ids));
    await importVectors({ from: place("a.jsonl"), to: place("made"), embedderId: embedder.id, dtype: "float32" });
    await imported(place("made"));
    await refused(place("made"), { to: place("other"), embedder: { ...embedder, id: "another" } }).toThrow(
      /made says that its vectors are by onnx mean 3, and questions would be embedded with another; name the model/,
    );
  });

  it.skipIf(!python)(
    "pickles in a folder and in a .tar.gz, float16 as they come (needs RAG_INSTRUCT_PYTHON)",
    async () => {
      const script = `import numpy as n, pickle, tarfile, io
ids = [str(9000 - i) for i in range(${count})]
def vectors(some, kind): return n.array([[int(i) % 500, .5, -1] for i in some], kind)
with tarfile.open("all.tar.gz", "w:gz") as tar:
  for i, (a, b) in enumerate([(0, 250), (250, 600), (600, ${count})]):
    data = pickle.dumps((ids[a:b], vectors(ids[a:b], "f2")), protocol=4)
    info = tarfile.TarInfo(f"wikipedia_embeddings/passages_{i:02d}"); info.size = len(data)
    tar.addfile(info, io.BytesIO(data))
    open(f"passages_{i:02d}", "wb").write(data)`;
      execFileSync(python, ["-c", script], { cwd: folder });
      for (const from of [place("all.tar.gz"), ["passages_02", "passages_00", "passages_01"].map(place)]) {
        await importEmbeddings({ from, to, passages, embedder });
        await using opened = await openVectorFolder(to, { verify: true });
        expect([opened.dtype, opened.idOf(0), opened.idOf(count - 1)]).toEqual(["float16", ids[0], ids.at(-1)]);
        expect([...(await opened.rows([0, 699])).data]).toEqual([0, 0.5, -1, 301, 0.5, -1]);
      }
    },
  );
});

describe("vectors that are not those of the passages are refused with the file, and leave nothing that opens", () => {
  const others = [...ids.slice(0, -1), "none"];
  it.each<[string, readonly string[], RegExp]>([
    ["too few", ids.slice(1), /a\.jsonl: 699 vectors for 700 passages; import all vectors of these very passages/],
    ["too many", [...ids, "x"], /a\.jsonl: 701 vectors for 700 passages/],
    [
      "an id of no passage",
      others,
      /a\.jsonl: there is no vector for the passage 8301, and the id "none" is that of no passage; import/,
    ],
    ["an id twice", [...ids.slice(0, -1), "9000"], /a\.jsonl: the id "9000" has two vectors; import each file once/],
  ])("%s", async (_, some, message) => {
    await writeFile(
      place("a.jsonl"),
      linesOf(some, (id) => vectorOf(String(Number(id) || 1))),
    );
    await refused(place("a.jsonl")).toThrow(message);
    expect(await readdir(to)).toEqual([]);
  });

  it("other dimensions, rows without ids beyond the passages, numbers that are none, and places that hold no vectors", async () => {
    await writeFile(place("a.jsonl"), linesOf(ids));
    await refused(place("a.jsonl"), { embedder: { id: "wide", dimensions: 768 } }).toThrow(
      /a\.jsonl has vectors of 3 dimensions, and the model that questions are embedded with \(wide\) gives 768; name/,
    );
    await writeNpy(place("b.npy"), [...ids, "1"]);
    await refused(place("b.npy")).toThrow(/b\.npy has 701 vectors without ids, and there are passages for 700 of them/);
    await writeFile(place("c.jsonl"), linesOf(ids.toSorted()).replace("9000,", "9e99,"));
    await refused(place("c.jsonl")).toThrow(/c\.jsonl: .* the value Infinity in row 699 is not finite/);
    await refused(place("none")).toThrow(/none is not there/);
    await mkdir(place("empty"));
    await refused(place("empty")).toThrow(/empty holds no vectors; give pickles such as passages_00, \.npy/);
    expect(await readdir(to)).toEqual([]);
  });
});
