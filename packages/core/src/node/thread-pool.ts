import { parentPort, type ResourceLimits, type Transferable, Worker } from "node:worker_threads";
import { badOption, type ErrorCode, RagInstructError } from "../errors.ts";
import type { Closable } from "../plug-points.ts";
import { onAbort } from "../waiting.ts";

/** Options of a {@link ThreadPool}. */
export interface ThreadPoolOptions {
  /** The program of the threads, which calls {@link serveThread}; see {@link threadFile}. */
  file: URL;
  /** Most threads. */
  threads: number;
  /** What a thread finds in its `workerData`; a function is called with the number of each thread, from 0. */
  workerData?: unknown;
  /** `eager` starts all threads at once; `lazy` starts one more when a task finds none that is free or opening. @default "lazy" */
  start?: "eager" | "lazy";
  /** What a thread is called in errors, such as "a search thread". */
  name: string;
  /** The error of whoever asks after `close()`, such as "the index is closed; open it again". */
  closed: string;
  /** `close()` lets threads finish what they have begun, for those that must not be ended in the middle of it. @default false */
  finishOnClose?: boolean;
  resourceLimits?: ResourceLimits;
}

/** Options of a task. */
export interface ThreadTaskOptions {
  /** Rejects at once when it aborts; a task that waits is then never begun, and one that has begun goes on unheard. */
  signal?: AbortSignal;
  /** Memory that is handed over to the thread. */
  transfer?: readonly Transferable[];
}

/** A thread that is one caller's alone, for tasks that belong together. */
export interface ReservedThread<Task, Reply> {
  /** Hands the thread a task, once those before are done. */
  run(task: Task, options?: ThreadTaskOptions): Promise<Reply>;
  /** Gives the thread back when its tasks are done. */
  release(): void;
}

/** What a thread says: that it is open, and then one answer for each task. */
type Message = { ready: unknown } | { reply: unknown } | { failed: ThreadFailure };

/** An error on its way between threads, where a class and its fields are lost. */
interface ThreadFailure {
  code: ErrorCode | undefined;
  message: string;
  stack: string | undefined;
}

/** Something that waits for a thread: a task, or whoever wants one for himself. */
interface Waiting {
  begin(thread: PoolThread): void;
  reject(error: unknown): void;
}

/**
 * Threads that work off a queue, one task a thread. They keep the process alive only while there is something to do. An error of a
 * task rejects that task, with its code where it is a `RagInstructError`; a thread that crashes or cannot be opened rejects all tasks,
 * of now and later, with `call-failed`.
 * @example
 * const pool = new ThreadPool<Task, Reply>({ file: threadFile(import.meta.url, "search-worker"), threads: 4, name: "a search thread", closed: "the index is closed" });
 * const reply = await pool.run(task, { signal });
 */
export class ThreadPool<Task, Reply, Opened = unknown> implements Closable {
  readonly #options: ThreadPoolOptions;
  readonly #threads: PoolThread[] = [];
  readonly #queue = new Set<Waiting>();
  readonly #opened = Promise.withResolvers<Opened>();
  #isOpenedAsked = false;
  #ended: RagInstructError | undefined;
  #lastBroadcast: Promise<unknown> = Promise.resolve();

  constructor(options: ThreadPoolOptions) {
    this.#options = options;
    this.#opened.promise.catch(() => {});
    if (options.start === "eager") while (this.#threads.length < options.threads) this.#start();
  }

  /** What the first thread gave to {@link serveThread} as `opened`; starts it where none is. */
  opened(): Promise<Opened> {
    this.#isOpenedAsked = true;
    if (this.#threads.length === 0 && !this.#ended) this.#start();
    for (const thread of this.#threads) thread.keepAlive(this.#isWanted);
    return this.#opened.promise;
  }

  /** Runs a task on the first thread that is free. */
  async run(task: Task, options: ThreadTaskOptions = {}): Promise<Reply> {
    return this.#wait(options.signal, (thread, { resolve, reject }) => {
      thread.run(task, options.transfer).then(resolve as (reply: unknown) => void, reject);
    });
  }

  /** Takes a thread out of the queue's reach until it is released. */
  async reserve({ signal }: { signal?: AbortSignal } = {}): Promise<ReservedThread<Task, Reply>> {
    return this.#wait(signal, (thread, { resolve }) => {
      thread.reserve();
      resolve({
        run: (task, { signal, transfer } = {}) =>
          unlessAborted(
            this.#ended ? Promise.reject(this.#ended) : (thread.run(task, transfer) as Promise<Reply>),
            signal,
          ),
        release: () => thread.release(),
      });
    });
  }

  /**
   * Runs a task on every thread at the same time, and resolves when all are through. Broadcasts come one after another: a function is
   * called for its task when those before are done. Not to be mixed with `run`. Rejects with what the first of the threads throws.
   */
  broadcast(task: () => Task): Promise<Reply[]> {
    const running = this.#lastBroadcast.then(async () => {
      if (this.#ended) throw this.#ended;
      while (this.#threads.length < this.#options.threads) this.#start();
      const made = task();
      const results = await Promise.allSettled(this.#threads.map((thread) => thread.run(made) as Promise<Reply>));
      return results.map((result) => {
        if (result.status === "rejected") throw result.reason;
        return result.value;
      });
    });
    this.#lastBroadcast = running.catch(() => {});
    return running;
  }

  /** Rejects what waits and what is under way, and ends the threads. */
  async close(): Promise<void> {
    this.#end(badOption(this.#options.closed));
    if (this.#options.finishOnClose) await Promise.all(this.#threads.map((thread) => thread.idle()));
    await Promise.all(this.#threads.map((thread) => thread.terminate()));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Waits for a thread, then for what is done with it; both end when the signal aborts or the pool does. */
  #wait<T>(
    signal: AbortSignal | undefined,
    begin: (thread: PoolThread, settle: { resolve(value: T): void; reject(error: unknown): void }) => void,
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.#ended) return reject(this.#ended);
      if (signal?.aborted) return reject(signal.reason);
      const settled =
        <V>(settle: (value: V) => void) =>
        (value: V) => {
          this.#queue.delete(waiting);
          stopListening();
          settle(value);
        };
      const settle = { resolve: settled(resolve), reject: settled(reject) };
      const waiting: Waiting = { begin: (thread) => begin(thread, settle), reject: settle.reject };
      const stopListening = onAbort(signal, settle.reject);
      this.#queue.add(waiting);
      this.#dispatch();
    });
  }

  #dispatch(): void {
    const free = this.#threads.filter((thread) => thread.isFree);
    for (const waiting of this.#queue) {
      const thread = free.pop();
      if (!thread) break;
      this.#queue.delete(waiting);
      waiting.begin(thread);
    }
    let opening = this.#threads.filter((thread) => thread.isOpening).length;
    for (; this.#queue.size > opening && this.#threads.length < this.#options.threads; opening++) this.#start();
    for (const thread of this.#threads) thread.keepAlive(this.#isWanted);
  }

  get #isWanted(): boolean {
    return this.#queue.size > 0 || this.#isOpenedAsked;
  }

  #start(): void {
    const { file, workerData, resourceLimits, name } = this.#options;
    const number = this.#threads.length;
    const worker = new Worker(file, {
      workerData: typeof workerData === "function" ? workerData(number) : workerData,
      resourceLimits,
      // Flags of a script given by --eval do not fit the thread, which runs a file.
      execArgv: process.execArgv.filter((argument) => !argument.startsWith("--input-type")),
    });
    const thread = new PoolThread(worker, {
      name,
      onOpened: (opened) => this.#opened.resolve(opened as Opened),
      onChange: () => this.#dispatch(),
      onCrash: (error) => this.#end(error),
    });
    this.#threads.push(thread);
    thread.keepAlive(this.#isWanted);
  }

  #end(error: RagInstructError): void {
    this.#ended ??= error;
    this.#opened.reject(this.#ended);
    for (const waiting of [...this.#queue]) waiting.reject(this.#ended);
    for (const thread of this.#threads) thread.abandon(this.#ended);
  }
}

interface ThreadEvents {
  name: string;
  onOpened(opened: unknown): void;
  onChange(): void;
  onCrash(error: RagInstructError): void;
}

/** One thread of a pool: its tasks go to it one after another, and its answers come in their order. */
class PoolThread {
  isOpening = true;
  readonly #worker: Worker;
  /** Those who wait for an answer, in the order of their tasks. */
  readonly #asked: PromiseWithResolvers<unknown>[] = [];
  /** Tasks whose callers were told that the pool has ended, and which the thread has not answered. */
  #unheard = 0;
  #isReserved = false;
  #isReleasing = false;
  #isGone = false;
  readonly #events: ThreadEvents;
  readonly #whenIdle = new Set<() => void>();

  constructor(worker: Worker, events: ThreadEvents) {
    this.#worker = worker;
    this.#events = events;
    worker.on("message", (message: Message) => this.#hear(message));
    worker.on("error", (cause) => this.#crash(failedThread(events.name, cause.message, cause)));
    worker.on("exit", (code) => this.#crash(failedThread(events.name, `it ended with code ${code}`)));
  }

  get isFree(): boolean {
    return !(this.isOpening || this.#isGone || this.#isReserved) && this.#openTasks === 0;
  }
  get #openTasks(): number {
    return this.#asked.length + this.#unheard;
  }

  run(task: unknown, transfer: readonly Transferable[] = []): Promise<unknown> {
    const answer = Promise.withResolvers<unknown>();
    this.#worker.postMessage(task, transfer);
    this.#asked.push(answer);
    this.keepAlive(true);
    return answer.promise;
  }
  reserve(): void {
    this.#isReserved = true;
    this.#isReleasing = false;
  }
  release(): void {
    this.#isReleasing = true;
    this.#changed();
  }
  /** Lets the process end, unless the thread has something to do or to wait for. */
  keepAlive(isWanted: boolean): void {
    if (this.#openTasks > 0 || this.#isReserved || (this.isOpening && isWanted)) this.#worker.ref();
    else this.#worker.unref();
  }
  /** Rejects the tasks, which the thread may go on with. */
  abandon(error: unknown): void {
    const asked = this.#asked.splice(0);
    if (!this.#isGone) this.#unheard += asked.length;
    for (const { reject } of asked) reject(error);
  }
  /** Resolves when the thread is open and has done its tasks, or is gone. */
  idle(): Promise<void> {
    if (this.#isGone || !(this.isOpening || this.#openTasks > 0)) return Promise.resolve();
    this.#worker.ref();
    return new Promise((resolve) => this.#whenIdle.add(resolve));
  }
  async terminate(): Promise<void> {
    this.#isGone = true;
    await this.#worker.terminate();
  }

  #hear(message: Message): void {
    if ("ready" in message) {
      this.isOpening = false;
      this.#events.onOpened(message.ready);
    } else if (this.isOpening && "failed" in message) {
      this.#crash(errorOf(this.#events.name, message.failed));
    } else if (this.#unheard > 0) {
      this.#unheard--;
    } else {
      const answer = this.#asked.shift();
      if ("failed" in message) answer?.reject(errorOf(this.#events.name, message.failed));
      else answer?.resolve(message.reply);
    }
    this.#changed();
  }
  #changed(): void {
    if (this.#isReleasing && this.#openTasks === 0) this.#isReserved = this.#isReleasing = false;
    if (this.#isGone || !(this.isOpening || this.#openTasks > 0)) {
      for (const resolve of this.#whenIdle) resolve();
      this.#whenIdle.clear();
    }
    this.#events.onChange();
  }
  #crash(error: RagInstructError): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#unheard = 0;
    this.abandon(error);
    this.#events.onCrash(error);
    this.#changed();
  }
}

function failedThread(name: string, why: string, cause?: unknown): RagInstructError {
  return new RagInstructError("call-failed", `${name} failed: ${why}`, { cause });
}

function errorOf(name: string, { code, message, stack }: ThreadFailure): RagInstructError {
  const cause = Object.assign(new Error(message), { stack });
  return code ? new RagInstructError(code, message, { cause }) : failedThread(name, message, cause);
}

function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise;
  return new Promise((resolve, reject) => {
    const stopListening = onAbort(signal, reject);
    promise.then(resolve, reject).finally(stopListening);
  });
}

/**
 * Answers the tasks of a {@link ThreadPool} in a thread, one after another. An error of a task is its answer.
 * @param open what does a task; or a promise of it, and of what the pool's `opened()` gives, where the thread has to open something first
 * @param options.transfer memory of a reply that is handed over rather than copied
 * @example
 * serveThread((task: Task) => answer(task));
 */
export function serveThread<Task, Reply>(
  open:
    | ((task: Task) => Reply | Promise<Reply>)
    | Promise<{ run(task: Task): Reply | Promise<Reply>; opened?: unknown }>,
  { transfer = () => [] }: { transfer?: (reply: Reply) => readonly Transferable[] } = {},
): void {
  const port = parentPort!;
  const tell = (message: Message, memory: readonly Transferable[] = []) => port.postMessage(message, memory);
  const fail = (error: unknown) => tell({ failed: failureOf(error) });
  const opening = typeof open === "function" ? Promise.resolve({ run: open, opened: undefined }) : open;
  let before: Promise<unknown> = opening.then(({ opened }) => tell({ ready: opened }), fail);
  async function answer(task: Task): Promise<void> {
    try {
      const reply = await (await opening).run(task);
      tell({ reply }, transfer(reply));
    } catch (error) {
      fail(error);
    }
  }
  port.on("message", (task: Task) => {
    before = before.then(() => answer(task));
  });
}

function failureOf(error: unknown): ThreadFailure {
  const { message = String(error), stack } = error as Error;
  return { code: RagInstructError.is(error) ? error.code : undefined, message, stack };
}

/**
 * The program of a thread, which lies beside the module that starts it: its source where sources run as they are, else the file that
 * was built from it.
 * @example
 * threadFile(import.meta.url, "search-worker");
 */
export function threadFile(importingModule: string, name: string): URL {
  return new URL(importingModule.endsWith(".ts") ? `./${name}.ts` : `./${name}.js`, importingModule);
}
