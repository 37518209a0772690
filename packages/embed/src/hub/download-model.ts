import { type OnProgress, RagInstructError } from "@rag-instruct/core";
import { isThere } from "@rag-instruct/core/node";
import { chooseGraph, filesOfGraph, type GraphChoice } from "../model/graph-files.ts";
import { findPreset } from "../model/presets.ts";
import { type HubFile, listModel } from "./hub-client.ts";
import { defaultCacheDir, downloadFile, modelCache } from "./model-cache.ts";

/** Options of {@link downloadModel}. */
export interface DownloadModelOptions {
  /** `owner/name` on the hub, or the name of a preset. */
  model: string;
  /** Branch, tag or commit; a commit is the only one that never changes. @default "main" */
  revision?: string;
  /** The int8 graph instead of the float32 one. @default false */
  quantized?: boolean;
  /** Name of another graph, such as `model_fp16.onnx`. @default "model.onnx", or with `quantized` what there is in int8 */
  graph?: string;
  /** @default the cache of all Hugging Face tools: HF_HUB_CACHE, HF_HOME, ~/.cache/huggingface/hub */
  cacheDir?: string;
  /** @default HF_ENDPOINT, else https://huggingface.co */
  endpoint?: string;
  /** @default HF_TOKEN */
  token?: string;
  /** Ask nobody and take what the cache has. @default HF_HUB_OFFLINE is 1 */
  offline?: boolean;
  /** Milliseconds without a byte before a connection is given up and taken up again. @default 30000 */
  idle?: number;
  signal?: AbortSignal;
  /** Stage `download`; counts bytes, and notes the file. */
  onProgress?: OnProgress;
}

/** What an embedder reads: settings, tokenizer, one graph with its weights. */
const wanted =
  /(^|\/)(config|modules|tokenizer|tokenizer_config|special_tokens_map|sentence_[a-z-]+_config|config_sentence_transformers)\.json$/;

/**
 * Fetches what `onnxEmbedder` needs of a model into the Hugging Face cache and gives the folder. Files that are there are not
 * fetched again; what broke off goes on; every file is compared with its hash. Throws `server-failed` (no such model, no
 * right to it, no answer), `file-corrupt`, `file-missing` offline or for a model without an ONNX graph.
 */
export async function downloadModel(options: DownloadModelOptions): Promise<string> {
  const { HF_ENDPOINT, HF_TOKEN, HF_HUB_OFFLINE } = process.env;
  const { revision = "main", quantized = false, idle = 30_000, signal, onProgress } = options;
  const model = findPreset(options.model)?.model ?? options.model;
  if (!/^[\w.-]+(\/[\w.-]+)?$/.test(model) || model.includes("..")) {
    throw new RagInstructError(
      "bad-option",
      `${JSON.stringify(model)} is not the name of a model on a hub; give owner/name`,
    );
  }
  const cache = modelCache(options.cacheDir ?? defaultCacheDir(), model);
  if (options.offline ?? /^(1|on|yes|true)$/i.test(HF_HUB_OFFLINE ?? ""))
    return findOffline(cache, { model, revision });
  const hub = {
    endpoint: (options.endpoint || HF_ENDPOINT || "https://huggingface.co").replace(/\/+$/, ""),
    token: options.token ?? HF_TOKEN,
  };
  const { commit, files } = await listModel(hub, { model, revision, idle, signal });
  const needed = choose(files, { model: `${model} on the hub`, graph: options.graph, quantized });
  const total = needed.reduce((sum, { size }) => sum + size, 0);
  let done = 0;
  for (const file of needed) {
    await downloadFile(hub, {
      file,
      from: `/${model}/resolve/${commit}/${file.path.split("/").map(encodeURIComponent).join("/")}`,
      to: cache.blob(file.hash),
      idle,
      signal,
      onBytes(count) {
        done += count;
        onProgress?.({ stage: "download", done, total, note: file.path });
      },
    });
    await cache.link({ commit, path: file.path, hash: file.hash });
  }
  await cache.writeRef(revision, commit);
  return cache.snapshot(commit);
}

async function findOffline(
  cache: ReturnType<typeof modelCache>,
  { model, revision }: { model: string; revision: string },
): Promise<string> {
  const commit = await cache.readRef(revision);
  if (commit && (await isThere(cache.snapshot(commit)))) return cache.snapshot(commit);
  throw new RagInstructError(
    "file-missing",
    `${model} at ${revision} is not in the cache, and the hub is not asked offline`,
  );
}

function choose(files: readonly HubFile[], choice: GraphChoice & { model: string }): HubFile[] {
  const paths = files.map(({ path }) => path);
  const ofGraph = filesOfGraph(paths, chooseGraph(paths, choice));
  return files.filter(({ path }) => wanted.test(path) || ofGraph.includes(path));
}
