import { rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { close, mean, plain, state, unit } from "../../test/tiny-expected.ts";
import { writeTinyModel } from "../../test/tiny-model.ts";
import { type TinyModel, tinyModels } from "../../test/tiny-models.ts";
import { type OnnxEmbedderOptions, onnxEmbedder } from "../index.ts";

const models = tinyModels();
const { embed } = models;
const noModules = { "modules.json": undefined };

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
    ["the newer name in a list", { pooling_mode: ["cls"], include_prompt: true }, state(2)],
    ["name and flag that agree", { pooling_mode: "max", pooling_mode_max_tokens: true }, [6, 3, 2, 0]],
    [
      "mean by the root of the length",
      { pooling_mode_mean_sqrt_len_tokens: true },
      mean([2, 4, 5, 3]).map((v) => v * 2),
    ],
    ["weighted mean", { pooling_mode_weightedmean_tokens: true }, mean([2, 4, 4, 5, 5, 5, 3, 3, 3, 3])],
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
  const use = "config_sentence_transformers.json";
  it.each<[string, unknown, string, string]>([
    ["document before passage", { prompts: { query: "w7 ", passage: "w8 ", document: "w9 " } }, "w7", "w9"],
    ["corpus", { prompts: { query: "w7 ", corpus: "w8 " } }, "w7", "w8"],
    [
      "queries alone, whatever is the default of both",
      { prompts: { query: "w7 " }, default_prompt_name: "query" },
      "w7",
      "",
    ],
    ["all texts by the default", { prompts: { all: "w8 " }, default_prompt_name: "all" }, "w8", "w8"],
    ["nothing, as new files say it", { prompts: { query: "", document: null }, default_prompt_name: null }, "", ""],
    ["other tasks, which is nothing for these", { prompts: { classification: "w8 " } }, "", ""],
  ])("puts prompts before %s", async (_, config, query, passage) => {
    const model = { files: { ...plain.files, [use]: config } };
    const ids = (prompt: string) => [2, ...(prompt ? [Number(prompt.slice(1))] : []), 4, 3];
    expect(await embed("w4", { model, kind: "query" })).toEqual(close(mean(ids(query))));
    expect(await embed("w4", { model })).toEqual(close(mean(ids(passage))));
  });
  it("puts text in lower case where they say so, with or without a limit beside it", async () => {
    for (const limit of [{ max_seq_length: 8 }, { max_seq_length: null }, {}]) {
      const files = { ...plain.files, "sentence_bert_config.json": { ...limit, do_lower_case: true } };
      expect(await embed("W4", { model: { files } })).toEqual(close(mean([2, 4, 3])));
    }
  });
  it("takes no more tokens than there are positions behind the padding's", async () => {
    const config = { model_type: "roberta", hidden_size: 4, pad_token_id: 1, max_position_embeddings: 7 };
    const files = { ...plain.files, "config.json": config, "sentence_bert_config.json": undefined };
    expect(await embed("w4 w5 w6 w7 w8", { model: { files } })).toEqual(close(mean([2, 4, 5, 6, 3])));
  });
  it("leaves vectors that are compared by cosine as they are, or scales them where you say so", async () => {
    const model = { files: { ...plain.files, [use]: { similarity_fn_name: "cosine" } } };
    expect(await embed("w4", { model })).toEqual(close(mean([2, 4, 3])));
    expect(await embed("w4", { model, options: { normalize: true } })).toEqual(close(unit(mean([2, 4, 3]))));
  });
  it("takes the last token of each text, whatever side the tokenizer of the files pads", async () => {
    const files = {
      ...plain.files,
      "1_Pooling/config.json": { pooling_mode: "lasttoken" },
      "tokenizer_config.json": { padding_side: "left", pad_token: "[PAD]" },
    };
    await writeTinyModel(models.folder(), { files });
    await using embedder = await onnxEmbedder({ model: models.folder(), threads: 1 });
    const { data } = await embedder.embed(["w4", "w5 w6 w7 w8", ""], { kind: "passage" });
    expect([...data]).toEqual(close([...state(3), ...state(3), ...state(3)]));
  });
  it("runs modules that are not run here as part of a graph of the whole model", async () => {
    const modules = ["Transformer", "Pooling", "Dense", "Dropout"].map((kind, i) => ({
      type: `x.${kind}`,
      path: i ? `${i}_${kind}` : "",
    }));
    const model = {
      graph: { output: "token_embeddings", secondOutput: "sentence_embedding" },
      files: { "modules.json": modules },
    };
    expect(await embed("w4", { model })).toEqual(close(state(2)));
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
  it.each(["int64", "int32"] as const)(
    "feeds %s, and gives each text its own vector where there is no mask",
    async (integers) => {
      const inputs = { graph: { inputs: [], integers }, ...plain };
      await writeTinyModel(models.folder(), inputs);
      await using embedder = await onnxEmbedder({ model: models.folder(), threads: 1 });
      const texts = ["w4", "w5 w6 w7", "w8", ""];
      const { data } = await embedder.embed(texts, { kind: "query" });
      const ids = [
        [2, 4, 3],
        [2, 5, 6, 7, 3],
        [2, 8, 3],
        [2, 3],
      ];
      expect([...data]).toEqual(close(ids.flatMap((of) => mean(of).map((value) => value - 1))));
    },
  );
  it("reads float16", async () => {
    const model: TinyModel = { graph: { numbers: "float16" }, ...plain };
    expect(await embed("w4 w5", { model })).toEqual(close(mean([2, 4, 5, 3])));
  });
  it("reads weights that stand in files of their own, and tells of them in the id", async () => {
    const model = { graph: { weights: "model.onnx_data" }, ...plain };
    expect(await embed("w4", { model })).toEqual(close(mean([2, 4, 3])));
    await using embedder = await onnxEmbedder({ model: models.folder(), threads: 1 });
    await writeFile(join(models.folder(), "onnx/model.onnx_data"), new Uint8Array(256));
    await using other = await onnxEmbedder({ model: models.folder(), threads: 1 });
    expect(other.id).not.toBe(embedder.id);
    await rm(join(models.folder(), "onnx/model.onnx_data"));
    await expect(onnxEmbedder({ model: models.folder(), threads: 1 })).rejects.toThrow(
      /model\.onnx cannot be opened: .*model\.onnx_data/,
    );
  });
  it("takes a graph by its name, or what there is in int8", async () => {
    await writeTinyModel(models.folder(), plain);
    await rename(join(models.folder(), "onnx/model.onnx"), join(models.folder(), "onnx/model_fp16.onnx"));
    await expect(onnxEmbedder({ model: models.folder(), threads: 1 })).rejects.toThrow(
      "holds no model.onnx; it has onnx/model_fp16.onnx: name one as graph",
    );
    await using embedder = await onnxEmbedder({ model: models.folder(), threads: 1, graph: "model_fp16.onnx" });
    expect((await embedder.embed(["w4"], { kind: "query" })).count).toBe(1);
    await rename(join(models.folder(), "onnx/model_fp16.onnx"), join(models.folder(), "onnx/model_quint8_avx2.onnx"));
    await using quantized = await onnxEmbedder({ model: models.folder(), threads: 1, quantized: true });
    expect(quantized.id).toBe(embedder.id);
  });
  it.each([
    ["token_embeddings", mean([2, 4, 3])],
    ["sentence_embedding", state(2)],
  ])("takes the output %s by name", async (output, expected) => {
    expect(await embed("w4", { model: { graph: { output }, ...plain } })).toEqual(close(expected));
  });
});

describe("a language model that embeds", () => {
  it.each(["float32", "float16"] as const)(
    "is told that nothing was read before, in %s, and pools by its last token",
    async (past) => {
      const files = { ...plain.files, "1_Pooling/config.json": { pooling_mode_lasttoken: true } };
      const model = { graph: { past }, files };
      expect(await embed("w4 w5", { model })).toEqual(close(state(3)));
    },
  );
  it("keeps the leading values of its vectors, scaled to length 1 after that", async () => {
    expect(await embed("w4 w5", { options: { dimensions: 2 } })).toEqual(close(unit(mean([2, 4, 5, 3]).slice(0, 2))));
    await expect(embed("w4", { options: { dimensions: 5 } })).rejects.toThrow(/dimensions is 5 where .* gives 4/);
  });
});

it("counts the texts of which only the beginning was embedded", async () => {
  await writeTinyModel(models.folder());
  await using embedder = await onnxEmbedder({ model: models.folder(), threads: 1 });
  const long = "w4 w5 w6 w7 w8 w9 w10";
  const { cut } = await embedder.embed([long, "w4", "w4 w5 w6 w7 w8 w9", `${long} w11`], { kind: "passage" });
  expect(cut).toBe(2);
});

describe("what the files leave open", () => {
  it.each([
    ["its id on the hub", "intfloat/e5-base-v2"],
    ["the folder it was made from", "/tmp/made/e5-base-v2/"],
  ])("is what is known of the model that config.json names by %s, however the folder is called", async (_, name) => {
    const files = { ...noModules, "config.json": { model_type: "bert", pad_token_id: 0, _name_or_path: name } };
    const prompted = { ...files, "config_sentence_transformers.json": { prompts: { document: "w9 " } } };
    expect(await embed("w4", { model: { files: prompted } })).toEqual(close(unit(mean([2, 9, 4, 3]))));
    const folder = join(models.folder(), "e5-base-v2");
    await writeTinyModel(folder, { files: noModules });
    // A name alone says nothing.
    await expect(onnxEmbedder({ model: folder })).rejects.toThrow(
      /do not say pooling, normalize; give it, or a preset/,
    );
  });
  it("is taken from a preset", async () => {
    const model = { files: noModules };
    expect(await embed("w4", { model, options: { preset: "contriever-msmarco" } })).toEqual(close(mean([2, 4, 3])));
    const e5 = await embed("w4", { model, options: { preset: "bge-small-en-v1.5" } });
    expect(e5).toEqual(close(unit(state(2))));
  });
  it("is what the graph does, where it pools by itself", async () => {
    const model = { graph: { output: "sentence_embedding" }, files: noModules };
    expect(await embed("w4", { model, options: { normalize: false } })).toEqual(close(state(2)));
    const both = { graph: { output: "last_hidden_state", secondOutput: "sentence_embedding" }, files: noModules };
    const options = { normalize: false, pooling: "mean" } as const;
    expect(await embed("w4", { model: both, options })).toEqual(close(mean([2, 4, 3])));
  });
  it("is taken from options before the preset", async () => {
    const options = { preset: "e5-small-v2", normalize: false, prompts: { query: "", passage: "w9 " } } as const;
    expect(await embed("w4", { model: { files: noModules }, options })).toEqual(close(mean([2, 9, 4, 3])));
  });
  it("gives another id whatever changes the vectors", async () => {
    const ids = new Set<string>();
    const variants: [TinyModel, Partial<OnnxEmbedderOptions>][] = [
      [{}, {}],
      [{}, { maxTokens: 5 }],
      [{}, { prompts: { query: "w4 ", passage: "" } }],
      [{ graph: { output: "token_embeddings" } }, {}],
      [plain, {}],
    ];
    for (const [model, options] of variants) {
      await writeTinyModel(models.folder(), model);
      await using embedder = await onnxEmbedder({ model: models.folder(), threads: 1, ...options });
      ids.add(embedder.id);
    }
    expect(ids.size).toBe(variants.length);
  });
});
