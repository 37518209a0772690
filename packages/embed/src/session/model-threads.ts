import { readFileSync } from "node:fs";
import { availableParallelism, totalmem } from "node:os";
import type { Vectors } from "@rag-instruct/core";
import { ThreadPool, threadFile } from "@rag-instruct/core/node";
import type { TokenIds } from "./graph-io.ts";
import type { OpenedSession, SessionOptions } from "./session.ts";

/** How much of the machine a model takes. */
export interface MachineShare {
  /** Batches that run at the same time, each in a thread with a session of its own. */
  sessions: number;
  /** Cores that compute, all together. */
  threads: number;
}

/** Threads that run batches of one model side by side, each with a session of its own: one vector a text. */
export type ModelThreads = ThreadPool<TokenIds, Vectors, OpenedSession>;

/** Opens the first session; the others open once there is work for them. Throws what `openSession` does. */
export async function openModel(
  model: Omit<SessionOptions, "threads">,
  { sessions, threads }: MachineShare,
): Promise<OpenedSession & { pool: ModelThreads }> {
  const threadsOf = (session: number) => Math.floor(threads / sessions) + (session < threads % sessions ? 1 : 0);
  const pool: ModelThreads = new ThreadPool({
    file: threadFile(import.meta.url, "model-worker"),
    threads: sessions,
    workerData: (session: number): SessionOptions => ({ ...model, threads: threadsOf(session) }),
    name: `a thread that runs ${model.graph}`,
    closed: "the embedder is closed; open it again",
    // ONNX Runtime's Node binding ends the whole process when its thread goes in the middle of a batch.
    finishOnClose: true,
  });
  try {
    const { dimensions } = await pool.opened();
    return { pool, dimensions };
  } catch (error) {
    await pool.close();
    throw error;
  }
}

/**
 * How many sessions share `threads` cores. One thread a session is fastest: threads of one session wait for each other at
 * every node of the graph, sessions never do. Each holds the weights, about twice over, so a quarter of the memory bounds them.
 */
export function sessionsFor({ threads, graphBytes }: { threads: number; graphBytes: number }): number {
  const room = Math.floor(totalmem() / 4 / (2 * graphBytes));
  return Math.max(1, Math.min(threads, room));
}

/**
 * Cores that this process may use. Two threads of one core share its multipliers, so a matrix product gains nothing from the
 * second. Linux alone says which threads share a core; elsewhere each counts.
 */
export function physicalCores(cpuInfo = readCpuInfo()): number {
  const cores = new Set<string>();
  for (const block of cpuInfo.split("\n\n")) {
    const [socket, core] = ["physical id", "core id"].map((name) => block.match(`${name}\\s*:\\s*(\\d+)`)?.[1]);
    if (socket !== undefined && core !== undefined) cores.add(`${socket} ${core}`);
  }
  return Math.min(availableParallelism(), cores.size || Number.POSITIVE_INFINITY);
}

function readCpuInfo(): string {
  try {
    return readFileSync("/proc/cpuinfo", "utf8");
  } catch {
    return "";
  }
}
