import { open, readdir, readFile, readlink } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { RagInstructError } from "@rag-instruct/core";
import { type Tree, treeOf } from "./process-tree.ts";

/** What {@link waitUntilReady} looks at. */
export interface Readiness {
  origin: string;
  port: number;
  tree: Tree;
  log: string;
  ready?: string;
  timeout?: number;
  model?: string;
  /** Aborts when the server ends. */
  ended: AbortSignal;
  signal?: AbortSignal;
}

const firstPause = 50;
const maxPause = 1000;

/** Asks until the server answers 200, and makes sure that it is the one that was started. */
export async function waitUntilReady(options: Readiness): Promise<void> {
  const { origin, ready = "/v1/models", timeout = 600_000, log, ended, signal } = options;
  const until = Date.now() + timeout;
  const stop = signal ? AbortSignal.any([ended, signal]) : ended;
  for (let pause = firstPause; ; pause = Math.min(maxPause, pause * 1.5)) {
    stop.throwIfAborted();
    if (await answers(`${origin}${ready}`, { stop, within: Math.max(1, until - Date.now()) })) {
      stop.throwIfAborted();
      return assertOurs(options, stop);
    }
    stop.throwIfAborted();
    if (Date.now() >= until) {
      throw new RagInstructError(
        "server-failed",
        `the server did not answer on ${origin}${ready} within ${timeout / 1000} s; the end of ${log}: ${await lastLines(log)}`,
      );
    }
    await sleep(pause, undefined, { signal: stop }).catch(() => {});
  }
}

async function answers(url: string, { stop, within }: { stop: AbortSignal; within: number }): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.any([stop, AbortSignal.timeout(Math.min(5000, within))]) });
    await response.body?.cancel();
    return response.status === 200;
  } catch {
    return false;
  }
}

async function assertOurs({ origin, port, tree, model }: Readiness, stop: AbortSignal): Promise<void> {
  if ((await holdsPort(await treeOf(tree), port)) === false) {
    throw new RagInstructError(
      "server-failed",
      `${origin} is answered by a process that the command did not start; choose another port`,
    );
  }
  if (model === undefined) return;
  const response = await fetch(`${origin}/v1/models`, { signal: stop });
  const body = (await response.json().catch(() => ({}))) as { data?: { id?: unknown }[] };
  const names = (Array.isArray(body.data) ? body.data : []).map(({ id }) => String(id));
  if (!names.includes(model)) {
    throw new RagInstructError(
      "server-failed",
      `${origin} serves ${names.join(", ") || "no model that it names"}, not ${model}; another server may answer there`,
    );
  }
}

/** The end of a log in one line. */
export async function lastLines(log: string, { characters = 600 }: { characters?: number } = {}): Promise<string> {
  const handle = await open(log, "r").catch(() => undefined);
  if (!handle) return "(no log)";
  try {
    const { size } = await handle.stat();
    const from = Math.max(0, size - characters);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(size - from), 0, size - from, from);
    return (
      buffer
        .toString("utf8", 0, bytesRead)
        .trim()
        .split("\n")
        .flatMap((line) => line.trim() || [])
        .join(" | ") || "(empty)"
    );
  } finally {
    await handle.close();
  }
}

/** How /proc/net/tcp writes the state of a socket that listens. */
const listening = "0A";

/**
 * Whether the processes hold the socket that listens on a port. Undefined where that cannot be known: on other systems than
 * Linux, or when the holder belongs to another user.
 */
export async function holdsPort(pids: Iterable<number>, port: number): Promise<boolean | undefined> {
  const sockets = await listeningSockets(port);
  if (sockets.size === 0) return undefined;
  const ours = new Set(pids);
  let isForeign = false;
  for (const name of await readdir("/proc")) {
    if (!/^\d+$/.test(name) || !(await holdsAny(name, sockets))) continue;
    if (ours.has(Number(name))) return true;
    isForeign = true;
  }
  return isForeign ? false : undefined;
}

async function listeningSockets(port: number): Promise<Set<string>> {
  const hex = port.toString(16).toUpperCase().padStart(4, "0");
  const sockets = new Set<string>();
  for (const table of ["/proc/net/tcp", "/proc/net/tcp6"]) {
    const rows = (await readFile(table, "utf8").catch(() => "")).split("\n").slice(1);
    for (const row of rows) {
      const fields = row.trim().split(/\s+/);
      if (fields[1]?.endsWith(`:${hex}`) && fields[3] === listening) sockets.add(`socket:[${fields[9]}]`);
    }
  }
  return sockets;
}

async function holdsAny(pid: string, sockets: ReadonlySet<string>): Promise<boolean> {
  const descriptors = await readdir(`/proc/${pid}/fd`).catch(() => []);
  for (const descriptor of descriptors) {
    const target = await readlink(`/proc/${pid}/fd/${descriptor}`).catch(() => "");
    if (sockets.has(target)) return true;
  }
  return false;
}
