import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { tinyDimensions, tinyVector } from "../test/tiny-graph.ts";
import { writeTinyModel } from "../test/tiny-model.ts";
import { type OnnxEmbedderOptions, onnxEmbedder } from "./index.ts";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "model-"));
});
afterEach(() => rm(folder, { recursive: true }));

type Model = Parameters<typeof writeTinyModel>[1];
const noModules = { "modules.json": undefined };

async function embed(
  text: string,
  {
    model,
    options,
    kind = "passage",
  }: { model?: Model; options?: Partial<OnnxEmbedderOptions>; kind?: "query" | "passage" } = {},
): Promise<number[]> {
  await writeTinyModel(folder, model);
  await using embedder = await onnxEmbedder({ model: folder, threads: 1, ...options });
  return [...(await embedder.embed([text], { kind })).data];
}

/** What the tiny graph gives for a token: its vector, plus 1 for the attention mask. */
const state = (id: number) => tinyVector(id).map((value) => value + 1);
const mean = (ids: number[]) =>
  Array.from({ length: tinyDimensions }, (_, d) => ids.reduce((sum, id) => sum + state(id)[d]!, 0) / ids.length);
const unit = (vector: number[]) => {
  const length = Math.hypot(...vector);
  return vector.map((value) => value / length);
};
const close = (vector: number[]) => vector.map((value) => expect.closeTo(value, 5));
const plain = {
  files: {
    "modules.json": [
      { type: "x.Transformer", path: "" },
      { type: "x.Pooling", path: "1_Pooling" },
    ],
  },
};

describe("what the model's files say", () => {
  it("takes pooling, normalisation and the limit from them, not from the tokenizer's truncation", async () => {
    expect(await embed("w4 w5 w6")).toEqual(close(unit(mean([2, 4, 5, 6, 3]))));
    const cut = await embed("w4 w5 w6 w7 w8 w9 w10 w11 w12");
    expect(cut).toEqual(close(unit(mean([2, 4, 5, 6, 7, 8, 9, 3]))));
  });
  it.each([
    ["cls", { pooling_mode_cls_token: true }, state(2)],
    ["max", { pooling_mode_max_tokens: true }, [6, 3, 2, 0]],
    ["last token", { pooling_mode_lasttoken: true }, state(3)],
    ["mean, by its newer name", { pooling_mode: "mean" }, mean([2, 4, 5, 3])],
  ])("pools by %s", async (_, config, expected) => {
    const files = { ...plain.files, "1_Pooling/config.json": config };
    expect(await embed("w4 w5", { model: { files } })).toEqual(close(expected));
  });
  it("puts the model's prompts before queries and passages", async () => {
    const files = {
      ...plain.files,
      "config_sentence_transformers.json": { prompts: { query: "w7 ", document: "w8 " } },
    };
    expect(await embed("w4", { model: { files }, kind: "query" })).toEqual(close(mean([2, 7, 4, 3])));
    expect(await embed("w4", { model: { files } })).toEqual(close(mean([2, 8, 4, 3])));
  });
  it.each([
    [["attention_mask", "token_type_ids", "position_ids"] as const, 0, [0, 1, 2]],
    [["attention_mask", "position_ids"] as const, 3, [3, 4, 5]],
    [[] as const, 0, [-1, -1, -1]],
  ])("feeds the inputs %j that the graph asks for", async (inputs, padId, added) => {
    const config = { model_type: padId ? "roberta" : "bert", hidden_size: 4, pad_token_id: padId && 2 };
    const model = { graph: { inputs: [...inputs] }, files: { ...plain.files, "config.json": config } };
    const expected = mean([2, 4, 3]).map((value) => value + added.reduce((a, b) => a + b) / 3);
    expect(await embed("w4", { model })).toEqual(close(expected));
  });
  it.each([
    ["token_embeddings", mean([2, 4, 3])],
    ["sentence_embedding", state(2)],
  ])("takes the output %s by name", async (output, expected) => {
    expect(await embed("w4", { model: { graph: { output }, ...plain } })).toEqual(close(expected));
  });
});

describe("what the files leave open", () => {
  it("is taken from a preset", async () => {
    const model = { files: noModules };
    expect(await embed("w4", { model, options: { preset: "contriever-msmarco" } })).toEqual(close(mean([2, 4, 3])));
    const e5 = await embed("w4", { model, options: { preset: "bge-small-en-v1.5" } });
    expect(e5).toEqual(close(unit(state(2))));
  });
  it("is taken from options before the preset", async () => {
    const options = { preset: "e5-small-v2", normalize: false, prompts: { query: "", passage: "w9 " } } as const;
    expect(await embed("w4", { model: { files: noModules }, options })).toEqual(close(mean([2, 9, 4, 3])));
  });
  it("gives another id whatever changes the vectors", async () => {
    const ids = new Set<string>();
    const variants: [Model, Partial<OnnxEmbedderOptions>][] = [
      [{}, {}],
      [{}, { maxTokens: 5 }],
      [{}, { prompts: { query: "w4 ", passage: "" } }],
      [{ graph: { output: "token_embeddings" } }, {}],
      [plain, {}],
    ];
    for (const [model, options] of variants) {
      await writeTinyModel(folder, model);
      await using embedder = await onnxEmbedder({ model: folder, ...options });
      ids.add(embedder.id);
    }
    expect(ids.size).toBe(variants.length);
  });
});

describe("what cannot be run is refused by name", () => {
  const dense = [
    { type: "x.Transformer", path: "" },
    { type: "x.Dense", path: "2_Dense" },
  ];
  it.each<[string, Model, Partial<OnnxEmbedderOptions>, RegExp]>([
    ["another pooling than the files'", {}, { pooling: "cls" }, /pooling is "cls" where the files in .* say "mean"/],
    ["normalisation against the files", {}, { normalize: false }, /normalize is false where the files in .* say true/],
    ["more tokens than the model takes", {}, { maxTokens: 9 }, /maxTokens is 9 where the files in .* allow 8/],
    ["nobody to say how to pool", { files: noModules }, {}, /do not say pooling, normalize; give it, or a preset/],
    ["a module of another kind", { files: { "modules.json": dense } }, {}, /modules\.json names a module Dense/],
    [
      "two poolings",
      { files: { "1_Pooling/config.json": { pooling_mode_cls_token: true, pooling_mode_mean_tokens: true } } },
      {},
      /asks for pooling_mode_cls_token and pooling_mode_mean_tokens/,
    ],
    ["an unknown input", { graph: { inputs: ["surprise"] } }, {}, /asks for an input surprise; known are input_ids/],
    ["an unknown output", { graph: { output: "logits" } }, {}, /gives logits, and none of sentence_embedding/],
    ["no tokenizer", { files: { "tokenizer.json": undefined } }, {}, /tokenizer\.json is not there/],
    ["no threads", {}, { threads: 0 }, /threads is 0; give a whole number from 1 on/],
    ["half a token", {}, { batchTokens: 1.5 }, /batchTokens is 1\.5; give a whole number/],
    ["no int8 graph", {}, { quantized: true }, /holds no model_quantized\.onnx or model_int8\.onnx/],
  ])("%s", async (_, model, options, message) => {
    await expect(embed("w4", { ...(model ? { model } : {}), options })).rejects.toThrow(message);
  });
  it("a graph that is damaged", async () => {
    await writeTinyModel(folder);
    await writeFile(join(folder, "onnx/model.onnx"), "no graph");
    await expect(onnxEmbedder({ model: folder })).rejects.toThrow(/model\.onnx cannot be opened/);
  });
  it("a folder that is not there", async () => {
    await expect(onnxEmbedder({ model: join(folder, "none") })).rejects.toThrow(/config\.json is not there/);
  });
});

describe("threads", () => {
  const texts = Array.from({ length: 700 }, (_, i) =>
    Array.from({ length: 1 + (i % 6) }, (_, k) => `w${4 + ((i + k) % 12)}`).join(" "),
  );

  it.each([{ threads: 1 }, { threads: 3, batchTokens: 16 }, { threads: 3, sessions: 2 }, { threads: 1, sessions: 4 }])(
    "keep the order of the texts with %j",
    async (options) => {
      await writeTinyModel(folder);
      await using embedder = await onnxEmbedder({ model: folder, ...options });
      const { data, count } = await embedder.embed(texts, { kind: "passage" });
      expect(count).toBe(700);
      for (const [i, text] of texts.entries()) {
        const ids = [2, ...text.split(" ").map((word) => Number(word.slice(1))), 3];
        expect([...data.subarray(i * 4, i * 4 + 4)]).toEqual(close(unit(mean(ids))));
      }
    },
  );
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
