import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type TinyGraph, tinyGraph, tinyTable, tinyWords } from "./tiny-graph.ts";

/** Words of the tiny model; their places are their token ids. */
export const words = [
  "[PAD]",
  "[UNK]",
  "[CLS]",
  "[SEP]",
  ...Array.from({ length: tinyWords - 4 }, (_, i) => `w${i + 4}`),
];

const special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"].map((content, id) => {
  return { id, content, special: true, single_word: false, lstrip: false, rstrip: false, normalized: false };
});
const around = (id: string) => ({ SpecialToken: { id, type_id: 0 } });
const single = [around("[CLS]"), { Sequence: { id: "A", type_id: 0 } }, around("[SEP]")];

/** A tokenizer whose tokens are the words. */
export const tinyTokenizer = {
  version: "1.0",
  truncation: { max_length: 4, strategy: "LongestFirst", stride: 0 },
  padding: { strategy: { Fixed: 6 }, direction: "Right", pad_id: 0, pad_type_id: 0, pad_token: "[PAD]" },
  added_tokens: special,
  normalizer: null,
  pre_tokenizer: { type: "Whitespace" },
  post_processor: {
    type: "TemplateProcessing",
    single,
    pair: single,
    special_tokens: Object.fromEntries(["[CLS]", "[SEP]"].map((id, i) => [id, { id, ids: [i + 2], tokens: [id] }])),
  },
  decoder: null,
  model: { type: "WordLevel", vocab: Object.fromEntries(words.map((word, id) => [word, id])), unk_token: "[UNK]" },
};

/** Files of a model that any test may write; fields given replace whole files, and `undefined` leaves one out. */
export async function writeTinyModel(
  folder: string,
  { graph = {}, files = {} }: { graph?: Partial<TinyGraph>; files?: Record<string, unknown> } = {},
): Promise<void> {
  const all: Record<string, unknown> = {
    "config.json": { model_type: "bert", hidden_size: 4, max_position_embeddings: 512, pad_token_id: 0 },
    "modules.json": ["Transformer", "Pooling", "Normalize"].map((kind, i) => {
      return { idx: i, name: `${i}`, path: i ? `${i}_${kind}` : "", type: `sentence_transformers.models.${kind}` };
    }),
    "1_Pooling/config.json": {
      word_embedding_dimension: 4,
      pooling_mode_mean_tokens: true,
      pooling_mode_cls_token: false,
    },
    "sentence_bert_config.json": { max_seq_length: 8, do_lower_case: false },
    "tokenizer_config.json": { tokenizer_class: "PreTrainedTokenizerFast", model_max_length: 512 },
    "tokenizer.json": tinyTokenizer,
    ...files,
  };
  for (const [name, content] of Object.entries(all)) {
    if (content === undefined) continue;
    const path = join(folder, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, JSON.stringify(content));
  }
  await mkdir(join(folder, "onnx"), { recursive: true });
  const bytes = tinyGraph({ inputs: ["attention_mask"], output: "last_hidden_state", ...graph });
  await writeFile(join(folder, "onnx/model.onnx"), bytes);
  if (graph.weights) await writeFile(join(folder, "onnx", graph.weights), tinyTable());
}
