import { open } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { RagInstructError } from "@rag-instruct/core";
import { holdsPort } from "./ports.ts";
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
const longestPause = 1000;

/** Asks until the server answers 200, and makes sure that it is the one that was started. */
export async function waitUntilReady(options: Readiness): Promise<void> {
  const { origin, ready = "/v1/models", timeout = 600_000, log, ended, signal } = options;
  const until = Date.now() + timeout;
  const stop = AbortSignal.any([ended, ...(signal ? [signal] : [])]);
  for (let pause = firstPause; ; pause = Math.min(longestPause, pause * 1.5)) {
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
        .replace(/\s*\n\s*/g, " | ") || "(empty)"
    );
  } finally {
    await handle.close();
  }
}
