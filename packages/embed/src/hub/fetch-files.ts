import { type OnProgress, RagInstructError } from "@rag-instruct/core";
import { isThere } from "@rag-instruct/core/node";
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
export async function fetchFiles(
  model: string,
  { choose, ...options }: HubOptions & { choose(files: readonly HubFile[]): readonly HubFile[] },
): Promise<string> {
  const { HF_ENDPOINT, HF_TOKEN, HF_HUB_OFFLINE } = process.env;
  const { revision = "main", idle = 30_000, signal, onProgress } = options;
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
