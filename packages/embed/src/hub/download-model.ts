import { chooseGraph, filesOfGraph, type GraphChoice } from "../model/graph-files.ts";
import { findPreset } from "../model/presets.ts";
import { fetchFiles, type HubOptions } from "./fetch-files.ts";
import type { HubFile } from "./hub-client.ts";

/** Options of {@link downloadModel}. */
export interface DownloadModelOptions extends HubOptions {
  /** `owner/name` on the hub, or the name of a preset. */
  model: string;
  /** The int8 graph instead of the float32 one. @default false */
  quantized?: boolean;
  /** Name of another graph, such as `model_fp16.onnx`. @default "model.onnx", or with `quantized` what there is in int8 */
  graph?: string;
}

/** What an embedder reads: settings, tokenizer, one graph with its weights. */
const wanted =
  /(^|\/)(config|modules|tokenizer|tokenizer_config|special_tokens_map|sentence_[a-z-]+_config|config_sentence_transformers)\.json$/;

/**
 * Fetches what `onnxEmbedder` needs of a model into the Hugging Face cache and gives the folder. Files that are there are not
 * fetched again; what broke off goes on; every file is compared with its hash. Throws `server-failed` (no such model, no
 * right to it, no answer), `file-corrupt`, `file-missing` offline or for a model without an ONNX graph.
 */
export async function downloadModel({ quantized = false, graph, ...options }: DownloadModelOptions): Promise<string> {
  const model = findPreset(options.model)?.model ?? options.model;
  const choice = { model: `${model} on the hub`, graph, quantized };
  return fetchFiles(model, { ...options, choose: (files) => choose(files, choice) });
}

function choose(files: readonly HubFile[], choice: GraphChoice & { model: string }): HubFile[] {
  const paths = files.map(({ path }) => path);
  const ofGraph = filesOfGraph(paths, chooseGraph(paths, choice));
  return files.filter(({ path }) => wanted.test(path) || ofGraph.includes(path));
}
