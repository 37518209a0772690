import { execFileSync, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { copyFile, mkdtemp, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { builtFaiss, faissModule, oneThread } from "../../test/faiss-library.ts";
import { madeVectors } from "../../test/made-vectors.ts";
import { growthInFifty } from "../../test/memory-growth.ts";
import { writeVectorFolder } from "../../test/vector-folder.ts";
import { sharedHits } from "../hits.ts";
import { buildFaissIndex, openFaissFile, openFaissIndex } from "./faiss.ts";

const dimensions = 16;
const made = madeVectors(3000, dimensions);
const queries = madeVectors(20, dimensions, 2).vectors;
// Enough to train a code of five bits.
const few = madeVectors(1300, dimensions, 3);
let place: string;
let vectors: string;
let fewVectors: string;
beforeAll(async () => {
  place = await mkdtemp(join(tmpdir(), "faiss-"));
  vectors = join(place, "vectors");
  fewVectors = join(place, "few");
  await writeVectorFolder(vectors, made, "float32");
  await writeVectorFolder(fewVectors, few, "float32");
});
afterAll(() => rm(place, { recursive: true, force: true }));

it("says what is missing where faiss-node came without its binary", async () => {
  await expect(openFaissIndex(place)).rejects.toMatchObject({
    code: "peer-missing",
    message: expect.stringMatching(/native part cannot be loaded.*hand it in as `lib`/),
  });
});

const python = process.env.RAG_INSTRUCT_PYTHON;
const hasFaiss = python !== undefined && spawnSync(python, ["-c", "import faiss"]).status === 0;

describe.skipIf(!faissModule)("a FAISS index (needs RAG_INSTRUCT_FAISS, a build of faiss-node)", () => {
  const lib = faissModule ? builtFaiss() : undefined!;

  it.each([
    ["IVF16,Flat", { nprobe: 16 }],
    ["IVF16,SQ8", {}],
    ["IVF16,PQ4x4", {}],
    ["PQ4x5", {}],
    ["HNSW16", { efSearch: 600 }],
    ["SQ4", {}],
  ])("is built as %s, and opened again", async (factory, options) => {
    const to = join(place, `built-${factory}`);
    const wanted = { vectors: fewVectors, to, lib, factory, ...options };
    expect(await buildFaissIndex(wanted)).toEqual({ rows: 1300, written: 1300 });
    expect(await buildFaissIndex(wanted)).toEqual({ rows: 1300, written: 0 });
    await using index = await openFaissIndex(to, { lib });
    const { rows } = await index.search(few.vectors, { limit: 5 });
    const itself = few.ids.filter((_, row) => rows.subarray(row * 5, row * 5 + 5).includes(row));
    expect(itself.length).toBeGreaterThan(factory.includes("PQ4") ? 433 : 1170);
  });

  // faiss-node ends the process over each of these: none may reach it.
  it.each([
    ["IVF4000,Flat", {}, /trained on 4000 vectors or more, and there are 3000/],
    ["PQ5", {}, /16 dimensions cannot be divided into 5/],
    ["IVF16,Flat", { nprobe: 17 }, /nprobe is 17, and IVF16,Flat has 16 cells/],
    ["PCA8,Flat", {}, /cannot be built here; use Flat/],
    ["nonsense", {}, /cannot be built here/],
    ["HNSW16", { efSearch: 0 }, /efSearch is 0/],
  ])("refuses %s with %j", async (factory, options, message) => {
    const build = buildFaissIndex({ vectors, to: join(place, "refused"), lib, factory, ...options });
    await expect(build).rejects.toThrow(message);
  });

  it("goes on where it was cut short, and refuses another folder's vectors", async () => {
    const [to, many] = [join(place, "cut"), join(place, "many")];
    await writeVectorFolder(many, madeVectors(60_000, 4));
    const stop = new AbortController();
    const onProgress = ({ done }: { done: number }) => done > 55_000 && stop.abort(new Error("cut"));
    const cut = buildFaissIndex({ vectors: many, to, lib, onProgress, signal: stop.signal });
    await expect(cut).rejects.toThrow("cut");
    await expect(openFaissIndex(to, { lib })).rejects.toThrow(/no finished index/);
    await expect(buildFaissIndex({ vectors, to, lib })).rejects.toThrow(/beginning of an index of other vectors/);
    const { rows, written } = await buildFaissIndex({ vectors: many, to, lib });
    expect([rows, written < 10_000]).toEqual([60_000, true]);
    await expect(buildFaissIndex({ vectors, to, lib })).rejects.toMatchObject({ code: "file-exists" });
  });

  it("names files that are cut short, changed or newer", async () => {
    const to = join(place, "damaged");
    await buildFaissIndex({ vectors, to, lib });
    const manifest = join(to, "manifest.json");
    const text = await readFile(manifest, "utf8");
    await writeFile(manifest, text.replace('"version": 1', '"version": 2'));
    await expect(openFaissIndex(to, { lib })).rejects.toMatchObject({ code: "unsupported-version" });
    for (const lie of [
      ...[{ dimensions: 8 }, { dimensions: 0 }, { count: 2999 }, { files: null }, { files: {} }],
      { files: { "../other": { bytes: 1, sha256: "" } } },
    ]) {
      await writeFile(manifest, JSON.stringify({ ...JSON.parse(text), ...lie }));
      await expect(openFaissIndex(to, { lib }), JSON.stringify(lie)).rejects.toMatchObject({ code: "file-corrupt" });
    }
    await writeFile(manifest, text);
    const file = join(to, "index.faiss");
    const bytes = await readFile(file);
    bytes[1000]! ^= 1;
    await writeFile(file, bytes);
    await expect(openFaissIndex(to, { lib })).rejects.toThrow(/index\.faiss does not match the checksum/);
    bytes[39]! ^= 1; // the number of numbers
    await writeFile(file, bytes);
    await expect(openFaissIndex(to, { lib, verify: false })).rejects.toMatchObject({ code: "file-corrupt" });
    await truncate(file, 1000);
    await expect(openFaissIndex(to, { lib })).rejects.toThrow(/index\.faiss has 1000 bytes instead of/);
  });

  it("names a file of FAISS that is cut short or none, and takes no fewer ids than vectors", async () => {
    const [to, file] = [join(place, "file"), join(place, "alone.faiss")];
    await buildFaissIndex({ vectors, to, lib });
    await copyFile(join(to, "index.faiss"), file);
    const open = (options = {}) => openFaissFile(file, { lib, embedderId: "made", ...options });
    await expect(open({ ids: ["one"] })).rejects.toThrow(/holds 3000 vectors, and there are only 1 ids/);
    await (await open()).close();
    for (const bytes of [5000, 45, 30]) {
      await truncate(file, bytes);
      await expect(open()).rejects.toMatchObject({ code: "file-corrupt" });
    }
    await writeFile(file, "This is no index at all, and never was one, however long it may be.");
    await expect(open()).rejects.toMatchObject({ code: "unknown-format" });
    await rm(file);
    await expect(open()).rejects.toMatchObject({ code: "file-missing" });
  });

  it("gives its memory back when closed", async () => {
    const [to, large] = [join(place, "large"), join(place, "large-vectors")];
    await writeVectorFolder(large, madeVectors(20_000, 64));
    await buildFaissIndex({ vectors: large, to, lib });
    const round = async () => {
      await using index = await openFaissIndex(to, { lib, verify: false });
      await index.search(madeVectors(1, 64).vectors, { limit: 1 });
    };
    // Fifty of them would be 250 MB.
    expect(await growthInFifty(round, 75)).toBeLessThan(75);
  });

  describe.skipIf(!hasFaiss)("and Python's FAISS (needs RAG_INSTRUCT_PYTHON with faiss-cpu)", () => {
    const inPython = async (name: string, lines: string) => {
      await writeFile(join(place, "queries.f32"), new Uint8Array(queries.data.buffer));
      await writeFile(join(place, "passages.f32"), new Uint8Array(made.vectors.data.buffer));
      const script = `import faiss, json, numpy as np
passages, queries = [np.fromfile(name + ".f32", "f4").reshape(-1, 16) for name in ("passages", "queries")]
${lines}`;
      await writeFile(join(place, name), script);
      const options = { cwd: place, env: { ...process.env, ...oneThread }, stdio: "pipe" as const };
      return JSON.parse(execFileSync(python!, [name], options).toString());
    };

    it("read ours, with the same hits and settings", async () => {
      const to = join(place, "ours");
      await buildFaissIndex({ vectors, to, lib, factory: "IVF16,Flat", nprobe: 5 });
      await buildFaissIndex({ vectors, to: join(place, "graph"), lib, factory: "HNSW16", efSearch: 77 });
      const [nprobe, rows, efSearch] = await inPython(
        "read.py",
        `index = faiss.read_index("ours/index.faiss")
graph = faiss.read_index("graph/index.faiss")
print(json.dumps([index.nprobe, index.search(queries, 7)[1].ravel().tolist(), graph.hnsw.efSearch]))`,
      );
      await using index = await openFaissIndex(to, { lib });
      expect([nprobe, efSearch]).toEqual([5, 77]);
      expect(rows).toEqual(Array.from((await index.search(queries, { limit: 7 })).rows));
    });

    it("is read by ours, whatever its kind and metric", async () => {
      const found: { file: string; metric: number; distances: number[]; labels: number[] }[] = await inPython(
        "write.py",
        `found = []
for factory in ["Flat", "HNSW16,Flat", "IVF16,Flat", "IVF16,PQ4x4", "SQ8", "IDMap,Flat", "PCA8,Flat", "IDMap2,HNSW16,Flat"]:
    for metric in (0, 1):
        index = faiss.index_factory(16, factory, metric)
        index.train(passages)
        if "IDMap" in factory: index.add_with_ids(passages, np.arange(3000) + 5000)
        else: index.add(passages)
        file = f"{factory}-{metric}.faiss"
        faiss.write_index(index, file)
        distances, labels = index.search(queries, 10)
        found.append({"file": file, "metric": metric, "distances": distances.ravel().tolist(), "labels": labels.ravel().tolist()})
print(json.dumps(found))`,
      );
      expect(found).toHaveLength(16);
      for (const { file, metric, distances, labels } of found) {
        await using index = await openFaissFile(join(place, file), { lib, embedderId: "made" });
        const hits = await index.search(queries, { limit: 10 });
        // Two versions of FAISS do not walk a graph alike.
        const least = file.includes("HNSW") ? 0.9 : 1;
        expect(sharedHits(hits, { ...hits, rows: Int32Array.from(labels) }), file).toBeGreaterThanOrEqual(least);
        expect(index.idOf(hits.rows[0]!)).toBe(String(hits.rows[0]));
        for (const [i, score] of hits.scores.entries()) {
          if (hits.rows[i] === labels[i]) expect(metric ? -score : score).toBeCloseTo(distances[i]!, 4);
        }
      }
    });

    // faiss-node ends the process over most of these: none may reach it.
    it("names a file of any kind that is cut at any place, too long, or of a kind that is not read", async () => {
      const files: string[] = await inPython(
        "cut.py",
        `few, files = passages[:300], []
kinds = ["HNSW8,Flat", "HNSW8,SQ8", "IVF4,Flat", "IVF4,SQ8", "IVF4,PQ4x4", "IVF4,PQ4x4fs", "PQ4x4", "SQfp16", "IDMap,Flat", "IDMap2,HNSW8,Flat",
  "IDMap,IVF4,Flat", "PCAR8,IVF4,Flat", "OPQ4,IVF4,PQ4x4", "L2norm,Flat", "IVF4_HNSW4,Flat", "IVF4,PQ4x4,RFlat", "SQbf16", "LSH", "IVF4,RaBitQ", "NSG8,Flat"]
for factory in kinds:
    index = faiss.index_factory(16, factory)
    index.train(few)
    if "IDMap" in factory: index.add_with_ids(few, np.arange(300))
    else: index.add(few)
    files.append(f"cut-{factory}.faiss")
    faiss.write_index(index, files[-1])
sparse = faiss.index_factory(16, "IVF64,Flat")
sparse.train(few)
sparse.set_direct_map_type(faiss.DirectMap.Hashtable)
sparse.add(few[:5])
faiss.write_index(sparse, "cut-sparse.faiss")
print(json.dumps(["cut-sparse.faiss"] + files))`,
      );
      const cut = join(place, "cut.faiss");
      const open = (file: string) => openFaissFile(file, { lib, embedderId: "made" });
      const unread = files.splice(-4);
      for (const file of files) {
        await (await open(join(place, file))).close();
        const whole = await readFile(join(place, file));
        const { length } = whole;
        const ends = [
          length - 1,
          length - 4,
          length - 40,
          ...Array.from({ length: 12 }, (_, i) => 5 + (i * length) / 13),
        ];
        for (const end of ends) {
          await writeFile(cut, whole.subarray(0, end));
          await expect(open(cut), `${file} cut at ${end}`).rejects.toMatchObject({ code: "file-corrupt" });
        }
        await writeFile(cut, Buffer.concat([whole, Buffer.alloc(8)]));
        await expect(open(cut), file).rejects.toThrow(`has ${length + 8} bytes instead of ${length}`);
      }
      for (const file of unread) {
        await expect(open(join(place, file)), file).rejects.toMatchObject({ code: "unknown-format" });
      }
    });
  });

  const shared =
    process.env.RAG_INSTRUCT_SHARED_DATA ?? fileURLToPath(new URL("../../../../../shared/data/", import.meta.url));
  it.skipIf(!existsSync(join(shared, "embeddings/faiss-llama-cookbook")))(
    "the shared IndexFlatL2 files: their vectors find themselves at distance 0",
    async () => {
      for (const [name, count, width] of [
        ["faiss-llama-cookbook", 103, 384],
        ["faiss-aianytime", 13, 1536],
      ] as const) {
        const path = join(shared, "embeddings", name, "index.faiss");
        const bytes = await readFile(path);
        const data = new Float32Array(bytes.buffer.slice(bytes.byteOffset + 45, bytes.byteOffset + bytes.length));
        await using index = await openFaissFile(path, { lib, embedderId: "theirs" });
        const { rows, scores } = await index.search({ data, count, dimensions: width }, { limit: 1 });
        expect(index.size).toBe(count);
        expect(Math.min(...scores)).toBeGreaterThan(-1e-4);
        const equal = Array.from(rows, (row, i) =>
          data.subarray(i * width, (i + 1) * width).every((x, j) => x === data[row * width + j]),
        );
        expect(equal).not.toContain(false);
      }
    },
  );
});
