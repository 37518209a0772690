import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { tinyTokenizer } from "../../core/test/tiny-tokenizer.ts";
import { type TinyGraph, tinyGraph, tinyTable } from "./tiny-graph.ts";

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
