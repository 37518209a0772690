import { execFile, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Embedder } from "@rag-instruct/core";
import { openVectorFolder, writeVectorManifest } from "@rag-instruct/core/vectors";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { until } from "../../../core/test/children.ts";
import { madePassages } from "../../test/made-passages.ts";
import { writeTinyModel } from "../../test/tiny-model.ts";
import { type EmbedPassagesOptions, type EmbedReport, embedPassages, titleAndText } from "../index.ts";

const python = process.env.RAG_INSTRUCT_PYTHON ?? "";
const child = fileURLToPath(new URL("../../test/embed-child.ts", import.meta.url));
const run = promisify(execFile);
let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "embed-"));
});
afterEach(() => rm(folder, { recursive: true }));

/** Counts what it is asked for; a vector holds the lengths of text and word. */
function countingEmbedder(id = "counting"): Embedder & { texts: number } {
  return {
    id,
    dimensions: 2,
    texts: 0,
    async embed(texts) {
      this.texts += texts.length;
      return { data: Float32Array.from(texts.flatMap((text) => [text.length, 1])), count: texts.length, dimensions: 2 };
    },
  };
}
const embed = (options: Partial<EmbedPassagesOptions> = {}) =>
  embedPassages({ passages: madePassages(25), embedder: countingEmbedder(), to: folder, shardRows: 10, ...options });

async function contentOf(place: string): Promise<Record<string, string>> {
  const names = (await readdir(place)).sort();
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await readFile(join(place, name), "hex")])),
  );
}

describe("embedPassages", () => {
  it("writes a folder of all passages in order and says what it did", async () => {
    const seen: number[] = [];
    const report = await embed({ total: 25, onProgress: ({ done, total }) => void seen.push(done, total!) });
    const sum = { embedded: 25, reused: 0, leftToOthers: 0, complete: true };
    expect(report).toEqual({ embedderId: "counting", dimensions: 2, dtype: "float16", ...sum });
    expect(seen.slice(-2)).toEqual([25, 25]);
    await using opened = await openVectorFolder(folder, { verify: true });
    expect([opened.count, opened.embedderId, opened.idOf(24)]).toEqual([25, "counting", "p24"]);
    const { data } = await opened.rows([0, 1]);
    const [first, second] = [...madePassages(2)];
    expect([data[0], data[2]]).toEqual([first!.text.length, `w4 ${second!.text}`.length]);
  });
  it("says of how many passages only the beginning was embedded, in a later run too", async () => {
    const whole = countingEmbedder();
    const embedder: Embedder = {
      ...whole,
      async embed(texts, options) {
        const cut = texts.filter((text) => text.length % 2 === 0).length;
        return { ...(await whole.embed(texts, options)), cut };
      },
    };
    const expected = [...madePassages(25)].filter((passage) => titleAndText.of(passage).length % 2 === 0).length;
    // Shards that are under way at the same time count their own.
    const { cut } = await embed({ embedder, concurrency: 3 });
    expect(cut).toBe(expected);
    expect(cut).toBeGreaterThan(0);
    expect(await embed({ embedder })).toMatchObject({ reused: 25, cut });
  });
  it("embeds nothing again when all is there, and only what is missing when something is", async () => {
    await embed();
    const before = await contentOf(folder);
    const embedder = countingEmbedder();
    expect(await embed({ embedder })).toMatchObject({ embedded: 0, reused: 25, complete: true });
    await rm(join(folder, "00001.npy"));
    expect(await embed({ embedder })).toMatchObject({ embedded: 10, reused: 15, complete: true });
    expect(embedder.texts).toBe(10);
    expect(await contentOf(folder)).toEqual(before);
  });
  it("embeds shards at the same time where it is told to, to the same bytes", async () => {
    await embed();
    const alone = await contentOf(folder);
    await rm(folder, { recursive: true });
    const { promise: all, resolve } = Promise.withResolvers<void>();
    let underWay = 0;
    const good = countingEmbedder();
    const meeting: Embedder = {
      ...good,
      async embed(texts, options) {
        if (++underWay === 3) resolve();
        await all;
        return good.embed(texts, options);
      },
    };
    expect(await embed({ embedder: meeting, concurrency: 3 })).toMatchObject({ embedded: 25, complete: true });
    expect(await contentOf(folder)).toEqual(alone);
  });
  it("takes up where a failed embedder stopped", async () => {
    const good = countingEmbedder();
    const failing: Embedder = {
      ...good,
      embed: (texts, options) => (good.texts >= 20 ? Promise.reject(new Error("away")) : good.embed(texts, options)),
    };
    await expect(embed({ embedder: failing })).rejects.toThrow("away");
    expect(await embed()).toMatchObject({ embedded: 5, reused: 20, complete: true });
  });
  it("lets several processes embed disjoint shards; the last one writes the manifest", async () => {
    const part = (index: number) => embed({ shard: { index, count: 3 } });
    expect(await part(2)).toMatchObject({ embedded: 5, leftToOthers: 20, complete: false });
    await expect(openVectorFolder(folder)).rejects.toThrow("manifest.json is not there");
    expect(await part(0)).toMatchObject({ embedded: 10, complete: false });
    expect(await part(1)).toMatchObject({ embedded: 10, complete: true });
    const merged = await contentOf(folder);
    await rm(folder, { recursive: true });
    await embed();
    expect(await contentOf(folder)).toEqual(merged);
  });
  it.each<[string, Partial<EmbedPassagesOptions>, RegExp]>([
    ["another model", { embedder: countingEmbedder("other") }, /made with embedderId "counting", not "other"/],
    ["another text", { text: { version: "x", of: ({ text }) => text } }, /made with text "title text 1", not "x"/],
    ["another number format", { dtype: "float32" }, /made with dtype "float16", not "float32"/],
    ["another shard size", { shardRows: 11 }, /made with shardRows 10, not 11/],
    ["other passages", { passages: [...madePassages(25)].reverse() }, /shard 0 was made from other passages/],
    ["a shorter corpus", { passages: madePassages(20) }, /shard 2 lies beyond the end of the corpus/],
    ["no passages", { passages: [] }, /there is no passage to embed/],
    ["a share that is none", { shard: { index: 2, count: 2 } }, /shard is 2 of 2/],
  ])("refuses to go on with %s", async (_, options, message) => {
    await embed();
    await expect(embed(options)).rejects.toThrow(message);
  });
  it("refuses a folder of vectors that were imported from another model", async () => {
    await writeVectorManifest(folder, { embedderId: "imported", dimensions: 2, dtype: "float16", shards: [] });
    await expect(embed()).rejects.toThrow('holds vectors of "imported", not of "counting"');
  });
  it("refuses a value that is no number and keeps the finished shards", async () => {
    const good = countingEmbedder();
    const bad: Embedder = {
      ...good,
      async embed(texts, options) {
        const vectors = await good.embed(texts, options);
        if (good.texts > 10) vectors.data[3] = Number.NaN;
        return vectors;
      },
    };
    await expect(embed({ embedder: bad })).rejects.toThrow(/00001\.npy: the value NaN in row 1 is not finite/);
    expect(await embed()).toMatchObject({ embedded: 15, reused: 10 });
  });
  it("stops when told to", async () => {
    const reason = new Error("enough");
    const stop = new AbortController();
    const onProgress = () => stop.abort(reason);
    await expect(embed({ signal: stop.signal, onProgress })).rejects.toBe(reason);
  });
  it.skipIf(!python)("writes what NumPy opens (needs RAG_INSTRUCT_PYTHON)", async () => {
    await embed();
    const script = "import numpy as n; a = n.load('00002.npy'); print(a.shape, a.dtype, a[:, 1].sum())";
    expect(execFileSync(python, ["-c", script], { cwd: folder, encoding: "utf8" }).trim()).toBe("(5, 2) float16 5.0");
  });
});

describe("embedPassages, killed", () => {
  const passages = 3000;
  // Two kills are enough for every day, since the second finds what the first left; `pnpm run test:kills` takes them all.
  const kills = process.env.RAG_INSTRUCT_KILLS ? 6 : 2;
  const args = (to: string, ...more: string[]) => [
    "--conditions=@rag-instruct/source",
    child,
    join(folder, "model"),
    to,
    `${passages}`,
    ...more,
  ];
  const finish = async (to: string, ...more: string[]): Promise<EmbedReport> =>
    JSON.parse((await run(process.execPath, args(to, ...more))).stdout);

  it("ends with the same bytes after kill -9 again and again, and makes no finished shard again", async () => {
    await writeTinyModel(join(folder, "model"));
    const [whole, killed] = ["whole", "killed"].map((name) => join(folder, name)) as [string, string];
    await finish(whole);
    let finished = new Map<string, number>();
    for (let attempt = 0; attempt < kills; attempt++) {
      const process_ = spawn(process.execPath, args(killed), { stdio: "ignore" });
      const exited = once(process_, "exit");
      const wanted = Math.min(finished.size + 1, passages / 200);
      await until(async () => process_.exitCode !== null || (await timesOf(killed)).size >= wanted, { every: 1 });
      await sleep(attempt * 3);
      process_.kill("SIGKILL");
      await exited;
      const now = await timesOf(killed);
      for (const [name, time] of finished) expect([name, now.get(name)]).toEqual([name, time]);
      finished = now;
    }
    const { embedded, reused, complete } = await finish(killed);
    expect([embedded + reused, complete]).toEqual([passages, true]);
    expect(reused).toBe(finished.size * 200);
    expect(await contentOf(killed)).toEqual(await contentOf(whole));
  });
  it("merges what two processes at the same time make", async () => {
    await writeTinyModel(join(folder, "model"));
    const [whole, shared] = ["whole", "shared"].map((name) => join(folder, name)) as [string, string];
    await finish(whole);
    const reports = await Promise.all([finish(shared, "0", "2"), finish(shared, "1", "2")]);
    expect(reports.map(({ embedded }) => embedded)).toEqual([1600, 1400]);
    expect(reports.some(({ complete }) => complete)).toBe(true);
    expect(await contentOf(shared)).toEqual(await contentOf(whole));
  });

  async function timesOf(place: string): Promise<Map<string, number>> {
    const names = (await readdir(place).catch(() => [])).filter((name) => /^\d+\.json$/.test(name));
    return new Map(
      await Promise.all(names.map(async (name) => [name, (await stat(join(place, name))).mtimeMs] as const)),
    );
  }
});
