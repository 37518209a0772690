import { createHash, type Hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { copyFile, mkdir, open, readFile, rename, rm, stat, symlink } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join, relative } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Closable, RagInstructError } from "@rag-instruct/core";
import { isThere, lockFile, writeAtomic } from "@rag-instruct/core/node";
import { type Attempt, askHub, type Hub, type HubFile, retrying } from "./hub-client.ts";

/** The place of one model in the cache that all Hugging Face tools share: blobs by their hash, snapshots of links to them. */
interface ModelCache {
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

/** Milliseconds between two looks at what another process fetches. */
const pollMs = 200;

/** Options of {@link downloadFile}. */
interface DownloadFileOptions {
  file: HubFile;
  /** Path on the hub, with the commit in it. */
  from: string;
  /** The blob's place. */
  to: string;
  /** Milliseconds without a byte before the connection is given up. */
  idle: number;
  signal: AbortSignal | undefined;
  onBytes(count: number): void;
}

/**
 * Fetches a file to its place unless it is there. What broke off goes on from `<place>.incomplete`, in this run up to five
 * times and in a later one again; what another process fetches is waited for. Throws `file-corrupt` when the content does
 * not have the hash of the listing.
 */
export async function downloadFile(hub: Hub, options: DownloadFileOptions): Promise<void> {
  const { file, from, to, idle, signal } = options;
  await mkdir(dirname(to), { recursive: true });
  await using lock = await lockUnlessThere(to, signal);
  if (!lock) return options.onBytes(file.size);
  const part = `${to}.incomplete`;
  if ((await sizeOf(part)) > file.size) await rm(part);
  if (!(await isWhole(part, file.size))) {
    await retrying((attempt) => fetchRest(hub, part, { ...options, attempt }), { what: from, idle, signal });
  }
  if ((await hashOfFile(part, file)) !== file.hash) {
    await rm(part);
    throw new RagInstructError("file-corrupt", `${from} does not have the hash that the hub lists; try again`);
  }
  await rename(part, to);
}

/** The right to fetch a file; nothing once it is there. */
async function lockUnlessThere(to: string, signal: AbortSignal | undefined): Promise<Closable | undefined> {
  while (!(await isThere(to))) {
    const lock = await lockFile(to).catch((error) => {
      if (!RagInstructError.is(error) || error.code !== "folder-locked") throw error;
    });
    if (lock && !(await isThere(to))) return lock;
    await lock?.close();
    await sleep(pollMs, undefined, { signal }).catch((error) => {
      signal?.throwIfAborted();
      throw error;
    });
  }
  return undefined;
}

async function fetchRest(
  hub: Hub,
  part: string,
  { file, from, attempt, onBytes }: DownloadFileOptions & { attempt: Attempt },
): Promise<void> {
  const have = await sizeOf(part);
  const response = await askHub(hub, from, { what: from, signal: attempt.signal, from: have });
  // A server that knows no ranges begins again.
  await using handle = await open(part, have > 0 && response.status === 206 ? "a" : "w");
  for await (const chunk of response.body ?? []) {
    attempt.alive();
    await handle.appendFile(chunk);
    onBytes(chunk.length);
  }
  await handle.sync();
  const got = await sizeOf(part);
  if (got > file.size) await rm(part);
  if (got !== file.size)
    throw new RagInstructError("server-failed", `${from} broke off at ${got} of ${file.size} bytes`);
}

async function isWhole(path: string, size: number): Promise<boolean> {
  return (await isThere(path)) && (await sizeOf(path)) === size;
}

async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}

async function hashOfFile(path: string, { algorithm, size }: HubFile): Promise<string> {
  const hash: Hash = createHash(algorithm === "sha256" ? "sha256" : "sha1");
  if (algorithm === "git-sha1") hash.update(`blob ${size}\0`);
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  return hash.digest("hex");
}
