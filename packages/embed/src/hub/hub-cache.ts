import { copyFile, mkdir, readFile, symlink } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join, relative } from "node:path";
import { writeAtomic } from "@rag-instruct/core/node";
import { isThere } from "../model-files.ts";

/** The place of one model in the cache that all Hugging Face tools share: blobs by their hash, snapshots of links to them. */
export interface ModelCache {
  blob(hash: string): string;
  snapshot(commit: string): string;
  /** The commit that a revision stood for when it was last asked for. */
  readRef(revision: string): Promise<string | undefined>;
  writeRef(revision: string, commit: string): Promise<void>;
  /** Puts a blob into a snapshot under its name. */
  link(options: { commit: string; path: string; hash: string }): Promise<void>;
}

/** `HF_HUB_CACHE`, else `hub` in `HF_HOME`, else in `huggingface` in `XDG_CACHE_HOME` or ~/.cache. */
export function defaultCacheDir(environment: NodeJS.ProcessEnv = process.env): string {
  const { HF_HUB_CACHE, HF_HOME, XDG_CACHE_HOME } = environment;
  return HF_HUB_CACHE || join(HF_HOME || join(XDG_CACHE_HOME || join(homedir(), ".cache"), "huggingface"), "hub");
}

export function modelCache(cacheDir: string, model: string): ModelCache {
  const place = join(cacheDir, `models--${model.replace("/", "--")}`);
  const ref = (revision: string) => join(place, "refs", revision);
  const cache: ModelCache = {
    blob: (hash) => join(place, "blobs", hash),
    snapshot: (commit) => join(place, "snapshots", commit),
    async readRef(revision) {
      if (/^[0-9a-f]{40}$/.test(revision)) return revision;
      return (await readFile(ref(revision), "utf8").catch(() => undefined))?.trim();
    },
    writeRef: (revision, commit) => (revision === commit ? Promise.resolve() : writeAtomic(ref(revision), commit)),
    async link({ commit, path, hash }) {
      const at = join(cache.snapshot(commit), path);
      if (await isThere(at)) return;
      await mkdir(dirname(at), { recursive: true });
      await symlink(relative(dirname(at), cache.blob(hash)), at).catch((error: NodeJS.ErrnoException) => {
        // Windows without the right to make links, and file systems without any.
        if (["EPERM", "ENOTSUP", "ENOSYS"].includes(error.code ?? "")) return copyFile(cache.blob(hash), at);
        if (error.code !== "EEXIST") throw error;
      });
    },
  };
  return cache;
}
