import { createHash, type Hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { type FileHandle, mkdir, open, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { RagInstructError } from "@rag-instruct/core";
import { lockFile } from "@rag-instruct/core/node";
import { isThere } from "../model-files.ts";
import { askHub, type Hub, type HubFile } from "./hub-client.ts";

const attempts = 5;
const firstWait = 200;

/** Options of {@link downloadFile}. */
export interface DownloadFileOptions {
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
 * times and in a later one again. Throws `file-corrupt` when the content does not have the hash of the listing.
 */
export async function downloadFile(hub: Hub, options: DownloadFileOptions): Promise<void> {
  const { file, to } = options;
  if (await isThere(to)) return options.onBytes(file.size);
  await mkdir(dirname(to), { recursive: true });
  await using _lock = await lockFile(to);
  const part = `${to}.incomplete`;
  for (let attempt = 1; !(await isWhole(part, file.size)); attempt++) {
    try {
      await fetchRest(hub, part, options);
    } catch (error) {
      options.signal?.throwIfAborted();
      if (isFinal(error) || attempt >= attempts) throw error;
      await sleep(firstWait * 2 ** (attempt - 1), undefined, options.signal ? { signal: options.signal } : {});
    }
  }
  if ((await hashOfFile(part, file)) !== file.hash) {
    await rm(part);
    throw new RagInstructError("file-corrupt", `${options.from} does not have the hash that the hub lists; try again`);
  }
  await rename(part, to);
}

async function fetchRest(
  hub: Hub,
  part: string,
  { file, from, idle, signal, onBytes }: DownloadFileOptions,
): Promise<void> {
  const have = await sizeOf(part);
  const watchdog = new AbortController();
  const stalled = () =>
    watchdog.abort(new RagInstructError("server-failed", `${from}: no byte within ${idle / 1000} s`));
  const timer = setTimeout(stalled, idle);
  const either = signal ? AbortSignal.any([signal, watchdog.signal]) : watchdog.signal;
  let handle: FileHandle | undefined;
  try {
    const response = await askHub(hub, from, { what: from, signal: either, from: have });
    // A server that knows no ranges begins again.
    handle = await open(part, have > 0 && response.status === 206 ? "a" : "w");
    for await (const chunk of response.body ?? []) {
      timer.refresh();
      await handle.appendFile(chunk);
      onBytes(chunk.length);
    }
    await handle.sync();
  } finally {
    clearTimeout(timer);
    await handle?.close();
  }
  const got = await sizeOf(part);
  if (got > file.size) await rm(part);
  if (got !== file.size)
    throw new RagInstructError("server-failed", `${from} broke off at ${got} of ${file.size} bytes`);
}

function isFinal(error: unknown): boolean {
  if (!RagInstructError.is(error)) return false;
  if (error.code !== "server-failed") return true;
  const { status } = (error.cause ?? {}) as { status?: number };
  return /answered 40[13] for|has no /.test(error.message) || (status !== undefined && status < 500 && status !== 429);
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
