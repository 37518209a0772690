import { createHash, type Hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, open, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Closable, RagInstructError } from "@rag-instruct/core";
import { lockFile } from "@rag-instruct/core/node";
import { isThere } from "../model-files.ts";
import { askHub, type Hub, type HubFile } from "./hub-client.ts";
import { type Attempt, retrying } from "./retrying.ts";

/** Milliseconds between two looks at what another process fetches. */
const lookAgain = 200;

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
    await sleep(lookAgain, undefined, signal ? { signal } : {}).catch((error) => {
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
