import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { close, mean, unit } from "../test/tiny-expected.ts";
import { writeTinyModel } from "../test/tiny-model.ts";
import { onnxEmbedder } from "./index.ts";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "model-"));
});
afterEach(() => rm(folder, { recursive: true }));

describe("threads", () => {
  const texts = Array.from({ length: 700 }, (_, i) =>
    Array.from({ length: 1 + (i % 6) }, (_, k) => `w${4 + ((i + k) % 12)}`).join(" "),
  );

  it.each([
    { threads: 1 },
    { threads: 3, batchTokens: 16 },
    { threads: 3, sessions: 2 },
    { threads: 1, sessions: 4 },
    { threads: 1, batchSize: 3 },
  ])("keep the order of the texts with %j", async (options) => {
    await writeTinyModel(folder);
    await using embedder = await onnxEmbedder({ model: folder, ...options });
    const { data, count } = await embedder.embed(texts, { kind: "passage" });
    expect(count).toBe(700);
    for (const [i, text] of texts.entries()) {
      const ids = [2, ...text.split(" ").map((word) => Number(word.slice(1))), 3];
      expect([...data.subarray(i * 4, i * 4 + 4)]).toEqual(close(unit(mean(ids))));
    }
  });
  it("leave the caller's free while a batch runs", async () => {
    await writeTinyModel(folder);
    await using embedder = await onnxEmbedder({ model: folder, threads: 1 });
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    await embedder.embed(Array(20_000).fill("w4 w5 w6"), { kind: "passage" });
    clearInterval(timer);
    expect(turns).toBeGreaterThan(5);
  });
  it("serve several calls at the same time", async () => {
    await writeTinyModel(folder);
    await using embedder = await onnxEmbedder({ model: folder, threads: 2, batchTokens: 16 });
    const alone = await embedder.embed(texts, { kind: "passage" });
    const together = await Promise.all([1, 2, 3].map(() => embedder.embed(texts, { kind: "passage" })));
    for (const vectors of together) expect(vectors).toEqual(alone);
  });
  it("end with the embedder, and what they had begun fails by name", async () => {
    await writeTinyModel(folder);
    const embedder = await onnxEmbedder({ model: folder, threads: 2, batchTokens: 16 });
    const embedding = embedder.embed(Array(20_000).fill("w4 w5"), { kind: "passage" });
    await Promise.all([expect(embedding).rejects.toThrow("the embedder is closed; open it again"), embedder.close()]);
    await expect(embedder.embed(["w4"], { kind: "query" })).rejects.toThrow("the embedder is closed");
  });
  it("do not keep the process alive", async () => {
    await writeTinyModel(folder);
    const script = `const embedder = await onnxEmbedder({ model: ${JSON.stringify(folder)}, threads: 2 });
      console.log((await embedder.embed(["w4", "w5"], { kind: "query" })).count);`;
    expect(await runScript(script)).toEqual({ stdout: "2\n", stderr: "" });
  });
  it("say which device is not there", async () => {
    await writeTinyModel(folder);
    const script = `await onnxEmbedder({ model: ${JSON.stringify(folder)}, device: "cuda" }).catch(({ message }) => console.log(message));`;
    expect((await runScript(script)).stdout).toMatch(/model\.onnx cannot be opened on cuda: /);
  });

  function runScript(script: string): Promise<{ stdout: string; stderr: string }> {
    const whole = `import { onnxEmbedder } from "@rag-instruct/embed";\n${script}`;
    const args = ["--conditions=@rag-instruct/source", "--input-type=module", "-e", whole];
    return promisify(execFile)(process.execPath, args, { cwd: import.meta.dirname });
  }
});

it("can be closed twice", async () => {
  await writeTinyModel(folder);
  const embedder = await onnxEmbedder({ model: folder });
  await embedder.close();
  await embedder.close();
});

it("stops between batches and passes the caller's reason on unwrapped", async () => {
  await writeTinyModel(folder);
  await using embedder = await onnxEmbedder({ model: folder, batchTokens: 8 });
  const stop = new AbortController();
  const embedding = embedder.embed(Array(100).fill("w4 w5"), { kind: "passage", signal: stop.signal });
  const reason = new Error("enough");
  setTimeout(() => stop.abort(reason), 1);
  await expect(embedding).rejects.toBe(reason);
});
