import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { plain } from "../../test/tiny-expected.ts";
import { writeTinyModel } from "../../test/tiny-model.ts";
import { type TinyModel, tinyModels } from "../../test/tiny-models.ts";
import { type OnnxEmbedderOptions, onnxEmbedder } from "../index.ts";

const models = tinyModels();
const { embed } = models;
const noModules = { "modules.json": undefined };

describe("what cannot be run is refused by name", () => {
  const dense = [
    { type: "x.Transformer", path: "" },
    { type: "x.Dense", path: "2_Dense" },
  ];
  it.each<[string, TinyModel, Partial<OnnxEmbedderOptions>, RegExp]>([
    ["another pooling than the files'", {}, { pooling: "cls" }, /pooling is "cls" where the files in .* say "mean"/],
    ["normalisation against the files", {}, { normalize: false }, /normalize is false where the files in .* say true/],
    ["more tokens than the model takes", {}, { maxTokens: 9 }, /maxTokens is 9 where the files in .* allow 8/],
    ["nobody to say how to pool", { files: noModules }, {}, /do not say pooling, normalize; give it, or a preset/],
    [
      "a module of another kind",
      { files: { "modules.json": dense } },
      {},
      /gives last_hidden_state where modules\.json names a module Dense/,
    ],
    [
      "modules in another order",
      { files: { "modules.json": [...plain.files["modules.json"]].reverse() } },
      {},
      /names the modules Pooling, Transformer/,
    ],
    ["a list of modules that is none", { files: { "modules.json": {} } }, {}, /modules\.json is not a list of modules/],
    [
      "a pooling that is not known",
      { files: { "1_Pooling/config.json": { pooling_mode: "median" } } },
      {},
      /asks for median; known is one of mean/,
    ],
    [
      "poolings in a list",
      { files: { "1_Pooling/config.json": { pooling_mode: ["cls", "mean"] } } },
      {},
      /asks for cls and mean/,
    ],
    [
      "a pooling's name against its flag",
      { files: { "1_Pooling/config.json": { pooling_mode: "cls", pooling_mode_mean_tokens: true } } },
      {},
      /pooling_mode is cls where pooling_mode_mean_tokens is true/,
    ],
    [
      "a prompt that is not pooled",
      { files: { "1_Pooling/config.json": { pooling_mode: "mean", include_prompt: false } } },
      { prompts: { query: "w4 ", passage: "" } },
      /leaves the prompt out of the pooling/,
    ],
    [
      "another width than the pooling's",
      { files: { "1_Pooling/config.json": { pooling_mode: "mean", word_embedding_dimension: 8 } } },
      {},
      /gives 4 dimensions where .* says 8/,
    ],
    [
      "more tokens than positions",
      { files: { "sentence_bert_config.json": { max_seq_length: 600 } } },
      {},
      /allows 600 tokens where config\.json has 512 positions/,
    ],
    [
      "a default prompt that is not there",
      { files: { "config_sentence_transformers.json": { prompts: { a: "x" }, default_prompt_name: "b" } } },
      {},
      /default_prompt_name is b where prompts has a/,
    ],
    [
      "a prompt that is no text",
      { files: { "config_sentence_transformers.json": { prompts: { query: 1 } } } },
      {},
      /the prompt query is 1, which is not text/,
    ],
    [
      "a distance",
      { files: { "config_sentence_transformers.json": { similarity_fn_name: "manhattan" } } },
      {},
      /compares by manhattan distance; search here is by inner product/,
    ],
    [
      "an unknown similarity",
      { files: { "config_sentence_transformers.json": { similarity_fn_name: "maxsim" } } },
      {},
      /compares by maxsim; known are cosine, dot/,
    ],
    [
      "unit length against dot products",
      { files: { ...plain.files, "config_sentence_transformers.json": { similarity_fn_name: "dot" } } },
      { normalize: true },
      /normalize is true where the files in .* say false/,
    ],
    [
      "a pooling of yours against the graph's",
      { files: noModules, graph: { output: "sentence_embedding" } },
      { pooling: "max", normalize: false },
      /pools by itself, where you say max/,
    ],
    [
      "an output of another type",
      { graph: { numbers: "float64" } },
      {},
      /gives last_hidden_state as float64, not float32 or float16/,
    ],
    [
      "a vector that only classifiers use",
      { graph: { output: "pooler_output" } },
      {},
      /gives pooler_output, and none of sentence_embedding/,
    ],
    [
      "a graph and int8",
      {},
      { graph: "model_fp16.onnx", quantized: true },
      /graph is model_fp16\.onnx and quantized is true/,
    ],
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
    await expect(embed("w4", { model, options })).rejects.toThrow(message);
  });
  it("a graph that is damaged", async () => {
    await writeTinyModel(models.folder());
    await writeFile(join(models.folder(), "onnx/model.onnx"), "no graph");
    await expect(onnxEmbedder({ model: models.folder() })).rejects.toThrow(/model\.onnx cannot be opened/);
  });
  it("a folder that is not there", async () => {
    await expect(onnxEmbedder({ model: join(models.folder(), "none") })).rejects.toThrow(/config\.json is not there/);
  });
});
