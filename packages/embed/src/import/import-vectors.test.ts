import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { npyHeader, openVectorFolder } from "@rag-instruct/core/vectors";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { sharedData } from "../../test/shared-data.ts";
import { type ImportVectorsOptions, importVectors } from "../index.ts";

const embeddings = join(sharedData, "embeddings");
let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "import-"));
});
afterEach(() => rm(folder, { recursive: true }));

async function run(from: string, options: Partial<ImportVectorsOptions> = {}) {
  const report = await importVectors({
    from,
    to: join(folder, "out"),
    embedderId: "made",
    dtype: "float32",
    ...options,
  });
  await using opened = await openVectorFolder(join(folder, "out"), { verify: true });
  const ids = Array.from({ length: opened.count }, (_, row) => opened.idOf(row));
  return { report, ids, data: (await opened.rows(ids.map((_, row) => row))).data };
}
async function made(name: string, content: string | Uint8Array): Promise<string> {
  await writeFile(join(folder, name), content);
  return join(folder, name);
}

describe.skipIf(!existsSync(embeddings))(`published vectors, needs ${embeddings}`, () => {
  it.each([
    ["float", 10, "0", -0.019443102180957794],
    ["double", 10, "0", -0.019443102180957794],
    ["snowflake", 3, "msmarco_v2.1_doc_00_0#0_0", 0.7910647988319397],
  ])("reads Anserini's Parquet, %s", async (name, count, id, value) => {
    const { report, ids, data } = await run(join(embeddings, `anserini-parquet/${name}.parquet`));
    expect([report.count, ids.length, ids[0]]).toEqual([count, count, id]);
    expect(data[0]).toBeCloseTo(value, 6);
  });
  it("reads .npy with ids beside it, bit for bit", async () => {
    const from = join(embeddings, "scifact-minilm/scifact_qemb.npy");
    const { ids, data } = await run(from, { ids: join(embeddings, "scifact-minilm/scifact_qids.json") });
    expect([ids.length, ids[0], ids[1], data.length]).toEqual([1109, "0", "2", 1109 * 384]);
    expect(Buffer.from(data.buffer).equals((await readFile(from)).subarray(128))).toBe(true);
  });
  it("reads JSON lines with vectors", async () => {
    const { report, ids } = await run(join(embeddings, "minilm-103.text-vector.jsonl"));
    expect([report, ids[102]]).toEqual([{ count: 103, dimensions: 384, shards: 1 }, "102"]);
  });
});

describe("importVectors", () => {
  const npy = () =>
    Buffer.concat([
      npyHeader({ dtype: "float32", rows: 2, columns: 2 }),
      Buffer.from(Float32Array.of(1, 2, 3, 4).buffer),
    ]);
  it("takes ids as values or from a text, one a line", async () => {
    const from = await made("a.npy", npy());
    const expected = { ids: ["x", "y z"], data: Float32Array.of(1, 2, 3, 4) };
    expect(await run(from, { ids: ["x", "y z"] })).toMatchObject(expected);
    expect(await run(from, { ids: await made("ids.txt", "x\ny z\n") })).toMatchObject(expected);
  });
  it("takes the fields it is told", async () => {
    const from = await made("a.jsonl", '{"key": 7, "id": 1, "v": [1, 2]}\n');
    expect(await run(from, { fields: { id: "key", vector: "v" } })).toMatchObject({
      ids: ["7"],
      data: Float32Array.of(1, 2),
    });
  });
  it.each<[string, string, string | Uint8Array, Partial<ImportVectorsOptions>, RegExp]>([
    ["no id", "a.jsonl", '{"vector": [1]}\n', {}, /a\.jsonl:1: no id; name its field/],
    ["no vector", "a.jsonl", '{"id": 1, "vector": "no"}\n', {}, /a\.jsonl:1: no vector of numbers/],
    [
      "vectors of two sizes",
      "a.jsonl",
      '{"id": 1, "vector": [1]}\n{"id": 2, "vector": [1, 2]}\n',
      {},
      /2 has 2 dimensions, the first one 1/,
    ],
    [
      "a value that is no number",
      "a.jsonl",
      '{"id": 1, "vector": [1, null]}\n',
      {},
      /a\.jsonl:1: no vector of numbers/,
    ],
    ["nothing", "a.jsonl", "", {}, /holds no vectors/],
    ["a .npy without ids", "a.npy", npy(), {}, /give ids for the rows/],
    ["a .npy with too few ids", "a.npy", npy(), { ids: ["x"] }, /1 ids for the 2 rows/],
    ["a .npy that is cut off", "a.npy", npy().subarray(0, 140), { ids: ["x", "y"] }, /a\.npy is cut off/],
    ["what is no .npy", "a.npy", "text", { ids: [] }, /a\.npy is not a \.npy file/],
  ])("refuses %s", async (_, name, content, options, message) => {
    await expect(run(await made(name, content), options)).rejects.toThrow(message);
  });
  it("takes the files of a folder by their names", async () => {
    await mkdir(join(folder, "parts"));
    await made("parts/2.jsonl", '{"id": "b", "vector": [2]}\n');
    await made("parts/1.jsonl.gz", gzipSync('{"id": "a", "vector": [1]}\n'));
    await made("parts/README.md", "no vectors");
    expect(await run(join(folder, "parts"))).toMatchObject({ ids: ["a", "b"], data: Float32Array.of(1, 2) });
  });
  it("refuses a folder with vectors of another embedder, and leaves no manifest beside half an import", async () => {
    const from = await made("a.jsonl", '{"id": 1, "vector": [1]}\n');
    await run(from);
    await expect(run(from, { embedderId: "other" })).rejects.toThrow('holds vectors of "made", not of "other"');
    await expect(run(await made("b.jsonl", '{"id": 2, "vector": [2]}\n{"id": 3}\n'))).rejects.toThrow(
      "b.jsonl:2: no vector",
    );
    await expect(openVectorFolder(join(folder, "out"))).rejects.toThrow(/manifest\.json/);
    expect((await run(from)).ids).toEqual(["1"]);
  });
  it("names what is not there", async () => {
    await expect(run(join(folder, "none.npy"), { ids: [] })).rejects.toThrow("none.npy is not there");
    await expect(run(join(folder, "none.jsonl"))).rejects.toThrow("none.jsonl is not there");
  });
});
