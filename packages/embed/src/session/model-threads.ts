import { readFileSync } from "node:fs";
import { availableParallelism, totalmem } from "node:os";
import { Worker } from "node:worker_threads";
import { type Closable, type ErrorCode, RagInstructError, type Vectors } from "@rag-instruct/core";
import type { SessionOptions } from "./session.ts";

/** What a thread that runs a model says. */
export type WorkerReply =
  | { opened: { dimensions: number | undefined } }
  | { vectors: Vectors }
  | { failed: { code: ErrorCode; message: string } };

type TokenIds = readonly (readonly number[])[];

interface Waiting {
  texts: TokenIds;
  done: PromiseWithResolvers<Vectors>;
}

/**
 * How many sessions share `threads` cores. One thread a session is fastest: threads of one session wait for each other at
 * every node of the graph, sessions never do. Each holds the weights, about twice over, so a quarter of the memory bounds them.
 */
export function sessionsFor({ threads, graphBytes }: { threads: number; graphBytes: number }): number {
  const room = Math.floor(totalmem() / 4 / (2 * graphBytes));
  return Math.max(1, Math.min(threads, room));
}

/** Threads that run batches of one model side by side, each with a session of its own. */
export class ModelThreads implements Closable {
  /** Number of a vector's values, where the graph says it. */
  dimensions: number | undefined;
  /** Most batches that run at the same time. */
  readonly sessions: number;
  readonly #model: Omit<SessionOptions, "threads">;
  readonly #threads: number;
  readonly #queue: Waiting[] = [];
  readonly #workers: Worker[] = [];
  readonly #idle: Worker[] = [];
  readonly #busy = new Map<Worker, Waiting>();
  readonly #opened = Promise.withResolvers<{ dimensions: number | undefined }>();
  #ended: RagInstructError | undefined;

  private constructor(
    model: Omit<SessionOptions, "threads">,
    { sessions, threads }: { sessions: number; threads: number },
  ) {
    this.#model = model;
    this.sessions = sessions;
    this.#threads = threads;
  }

  /** Opens the first session; the others open once there is work for them. Throws what `openSession` does. */
  static async open(
    model: Omit<SessionOptions, "threads">,
    share: { sessions: number; threads: number },
  ): Promise<ModelThreads> {
    const threads = new ModelThreads(model, share);
    threads.#start();
    try {
      threads.dimensions = (await threads.#opened.promise).dimensions;
      return threads;
    } catch (error) {
      await threads.close();
      throw error;
    }
  }

  /** One vector a text, given as token ids. Rejects at once when the signal aborts. */
  async run(texts: TokenIds, signal?: AbortSignal): Promise<Vectors> {
    if (this.#ended) throw this.#ended;
    signal?.throwIfAborted();
    const waiting: Waiting = { texts, done: Promise.withResolvers<Vectors>() };
    // A batch that has begun goes on, and nobody hears of it; one that waits is never begun.
    const abort = () => {
      const place = this.#queue.indexOf(waiting);
      if (place >= 0) this.#queue.splice(place, 1);
      waiting.done.reject(signal!.reason);
    };
    signal?.addEventListener("abort", abort, { once: true });
    this.#queue.push(waiting);
    this.#dispatch();
    try {
      return await waiting.done.promise;
    } finally {
      signal?.removeEventListener("abort", abort);
    }
  }

  async close(): Promise<void> {
    const atWork = this.#workers.filter((worker) => !this.#idle.includes(worker));
    this.#end(new RagInstructError("bad-option", "the embedder is closed; open it again"));
    // ONNX Runtime's Node binding ends the whole process when its thread goes in the middle of a batch.
    await Promise.all(atWork.map(hasReplied));
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #dispatch(): void {
    while (this.#queue.length > 0 && this.#idle.length > 0) {
      const [worker, waiting] = [this.#idle.pop()!, this.#queue.shift()!];
      this.#busy.set(worker, waiting);
      worker.ref();
      worker.postMessage(waiting.texts);
    }
    const opening = this.#workers.length - this.#idle.length - this.#busy.size;
    if (this.#queue.length > opening && this.#workers.length < this.sessions) this.#start();
  }

  #start(): void {
    const rest = this.#workers.length < this.#threads % this.sessions ? 1 : 0;
    const threads = Math.floor(this.#threads / this.sessions) + rest;
    const worker = new Worker(workerFile(), {
      workerData: { ...this.#model, threads } satisfies SessionOptions,
      // Of a script given by --eval, which the thread's file is not.
      execArgv: process.execArgv.filter((argument) => !argument.startsWith("--input-type")),
    });
    this.#workers.push(worker);
    worker.on("message", (reply: WorkerReply) => this.#hear(worker, reply));
    worker.on("error", (cause) => {
      const message = `a thread that runs ${this.#model.graph} failed: ${cause.message}`;
      this.#end(new RagInstructError("call-failed", message, { cause }));
    });
  }

  #hear(worker: Worker, reply: WorkerReply): void {
    const waiting = this.#busy.get(worker);
    if ("failed" in reply) {
      const error = new RagInstructError(reply.failed.code, reply.failed.message);
      if (waiting) waiting.done.reject(error);
      else this.#end(error);
    } else if ("opened" in reply) this.#opened.resolve(reply.opened);
    else waiting?.done.resolve(reply.vectors);
    this.#busy.delete(worker);
    this.#idle.push(worker);
    worker.unref();
    this.#dispatch();
  }

  #end(error: RagInstructError): void {
    this.#ended ??= error;
    this.#opened.reject(this.#ended);
    for (const { done } of [...this.#queue.splice(0), ...this.#busy.values()]) done.reject(this.#ended);
    this.#busy.clear();
  }
}

/** Resolves when a thread is through with what it does, or is gone. */
function hasReplied(worker: Worker): Promise<void> {
  return new Promise((resolve) => {
    const isGone = worker.threadId === -1;
    if (isGone) return resolve();
    worker.ref();
    for (const event of ["message", "error", "exit"]) worker.once(event, () => resolve());
  });
}

// The file beside this one, whether sources run as they are or built.
function workerFile(): URL {
  return new URL(import.meta.url.endsWith(".ts") ? "./model-worker.ts" : "./model-worker.js", import.meta.url);
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
