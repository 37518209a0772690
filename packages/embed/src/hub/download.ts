import { join } from "node:path";
import { badOption, type OnProgress, RagInstructError } from "@rag-instruct/core";
import { isThere } from "@rag-instruct/core/node";
import { chooseGraph, filesOfGraph, type GraphChoice } from "../model/graph-files.ts";
import { findPreset } from "../model/settings.ts";
import { type HubFile, listModel } from "./hub-client.ts";
import { defaultCacheDir, downloadFile, modelCache } from "./model-cache.ts";

/** Where files of a model come from and go to. */
export interface HubOptions {
  /** Branch, tag or commit; a commit is the only one that never changes. @default "main" */
  revision?: string;
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

/**
 * Fetches the chosen files of a model on the hub into the Hugging Face cache and gives the folder. Files that are there are not
 * fetched again; what broke off goes on; every file is compared with its hash. Throws `bad-option` for a name that is none,
 * `server-failed` (no such model, no right to it, no answer), `file-corrupt`, `file-missing` offline, and what `choose` throws.
 */
async function fetchFiles(
  model: string,
  { choose, ...options }: HubOptions & { choose(files: readonly HubFile[]): readonly HubFile[] },
): Promise<string> {
  const { HF_ENDPOINT, HF_TOKEN, HF_HUB_OFFLINE } = process.env;
  const { revision = "main", idle = 30_000, signal, onProgress } = options;
  if (!/^[\w.-]+(\/[\w.-]+)?$/.test(model) || model.includes("..")) {
    throw badOption(`${JSON.stringify(model)} is not the name of a model on a hub; give owner/name`);
  }
  const cache = modelCache(options.cacheDir ?? defaultCacheDir(), model);
  if (options.offline ?? /^(1|on|yes|true)$/i.test(HF_HUB_OFFLINE ?? ""))
    return findOffline(cache, { model, revision });
  const hub = {
    endpoint: (options.endpoint || HF_ENDPOINT || "https://huggingface.co").replace(/\/+$/, ""),
    token: options.token ?? HF_TOKEN,
  };
  const { commit, files } = await listModel(hub, { model, revision, idle, signal });
  const needed = choose(files);
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
const embedderFiles =
  /(^|\/)(config|modules|tokenizer|tokenizer_config|special_tokens_map|sentence_[a-z-]+_config|config_sentence_transformers)\.json$/;

/**
 * Fetches what `onnxEmbedder` needs of a model into the Hugging Face cache and gives the folder. Files that are there are not
 * fetched again; what broke off goes on; every file is compared with its hash. Throws `server-failed` (no such model, no
 * right to it, no answer), `file-corrupt`, `file-missing` offline or for a model without an ONNX graph.
 */
export async function downloadModel({ quantized = false, graph, ...options }: DownloadModelOptions): Promise<string> {
  const model = findPreset(options.model)?.model ?? options.model;
  const choice = { model: `${model} on the hub`, graph, quantized };
  return fetchFiles(model, { ...options, choose: (files) => graphFiles(files, choice) });
}

function graphFiles(files: readonly HubFile[], choice: GraphChoice & { model: string }): HubFile[] {
  const paths = files.map(({ path }) => path);
  const ofGraph = filesOfGraph(paths, chooseGraph(paths, choice));
  return files.filter(({ path }) => embedderFiles.test(path) || ofGraph.includes(path));
}

/** Options of {@link downloadGguf}. */
export interface DownloadGgufOptions extends Omit<HubOptions, "revision"> {
  /** `hf:owner/name/file.gguf`, the file's folders with it; `hf:owner/name@revision/file.gguf` for a branch, tag or commit. */
  model: string;
}

const ggufName = /^hf:([^/@]+\/[^/@]+)(?:@([^/]+))?\/(.+)$/;
// A model in several files; the runtime is given the first and finds the others.
const ggufPart = /-\d{5}(-of-\d{5}\.gguf)$/i;

/**
 * Fetches a GGUF file from the hub into the Hugging Face cache, with all its parts where it has several, and gives its path. It is
 * fetched once, what broke off goes on, and it is compared with its hash.
 * Throws `bad-option` for a name of another form, `file-missing` with the files there are, and what {@link downloadModel} throws.
 */
export async function downloadGguf({ model, ...options }: DownloadGgufOptions): Promise<string> {
  const [, repository, revision, path] = ggufName.exec(model) ?? [];
  if (!repository || !path) {
    const message = `${JSON.stringify(model)} is not a GGUF file on the hub; write hf:owner/name/file.gguf`;
    throw badOption(message);
  }
  const folder = await fetchFiles(repository, {
    ...options,
    revision,
    choose: (files) => ggufFiles(files, path, repository),
  });
  const at = join(folder, path);
  if (await isThere(at)) return at;
  throw new RagInstructError(
    "file-missing",
    `${path} of ${repository} is not in the cache, and the hub is not asked offline`,
  );
}

function ggufFiles(files: readonly HubFile[], path: string, repository: string): HubFile[] {
  const whole = (name: string) => name.replace(ggufPart, "$1");
  const wanted = files.filter((file) => whole(file.path) === whole(path));
  if (wanted.some((file) => file.path === path)) return wanted;
  const there = files.flatMap((file) => (/\.gguf$/i.test(file.path) ? [file.path] : []));
  const found = there.length > 0 ? `it has ${there.slice(0, 20).join(", ")}` : "it has no GGUF files";
  throw new RagInstructError("file-missing", `${repository} on the hub has no ${path}; ${found}`);
}
