import type { Queue, Job as QueuedJob } from "bullmq";
import {
  type Job,
  keepFor,
  type Payload,
  type Payloads,
  unfinished,
  type WorkRequest,
  type WorkResult,
} from "./protocol.ts";

/** Work that was given to the queue and has not come back. */
interface Entry {
  request: WorkRequest;
  payload: Payload;
  submittedAt: number;
  promise: Promise<WorkResult>;
  settle(result: WorkResult | Error): void;
}

/** Options of {@link JobTracker}. */
export interface JobTrackerOptions {
  queue: Queue<Job, Payload>;
  run: string;
  payloads: Payloads;
}

/** The jobs of one queue that are on their way, and how their results get back. */
export class JobTracker {
  readonly #queue: Queue<Job, Payload>;
  readonly #run: string;
  readonly #payloads: Payloads;
  readonly #entries = new Map<string, Entry>();

  constructor({ queue, run, payloads }: JobTrackerOptions) {
    this.#queue = queue;
    this.#run = run;
    this.#payloads = payloads;
  }

  /** Jobs on their way. */
  get size(): number {
    return this.#entries.size;
  }

  /** Gives work to the queue; work that is on its way already is shared. */
  async submit(id: string, request: WorkRequest): Promise<WorkResult> {
    const known = this.#entries.get(id);
    if (known) return known.promise;
    const { promise, resolve, reject } = Promise.withResolvers<WorkResult>();
    const entry: Entry = {
      request,
      payload: { stored: "" },
      submittedAt: Date.now(),
      promise,
      settle: (result) => (result instanceof Error ? reject(result) : resolve(result)),
    };
    this.#entries.set(id, entry);
    try {
      entry.payload = await this.#payloads.keep(request);
      await this.#enqueue(id, entry.payload);
    } catch (error) {
      this.#entries.delete(id);
      entry.settle(error as Error);
    }
    return promise;
  }

  /** Takes work back that nobody waits for any longer; what a worker has begun goes on and its result expires. */
  async withdraw(id: string): Promise<void> {
    const entry = this.#entries.get(id);
    this.#entries.delete(id);
    if (entry) await this.#remove(id, entry);
  }

  /** A worker has finished a job. */
  async complete(id: string, result: Payload): Promise<void> {
    await this.#settle(id, async () => {
      const value = (await this.#payloads.read(result)) as WorkResult | undefined;
      await this.#payloads.free(result);
      return value;
    });
  }

  /** No worker brought a job to its end. */
  async fail(id: string, reason: string): Promise<void> {
    await this.#settle(id, () => Promise.reject(unfinished(reason)));
  }

  /**
   * Looks after jobs that were submitted more than `age` milliseconds ago: takes results whose event was missed, and submits again
   * what Redis has lost.
   */
  async lookAfter(age: number): Promise<void> {
    const before = Date.now() - age;
    const old = [...this.#entries].filter(([, { submittedAt }]) => submittedAt <= before);
    await Promise.all(old.map(([id, entry]) => this.#lookAt(id, entry)));
  }

  /** Rejects all that is on its way. */
  rejectAll(error: Error): void {
    for (const entry of this.#entries.values()) entry.settle(error);
    this.#entries.clear();
  }

  async #settle(id: string, read: () => Promise<WorkResult | undefined>): Promise<void> {
    const entry = this.#entries.get(id);
    if (!entry) return;
    this.#entries.delete(id);
    const result = await read().catch((error: Error) => error);
    await this.#remove(id, entry);
    if (!isLost(result)) {
      entry.settle(result);
      return;
    }
    this.#entries.set(id, entry);
    await this.#submitAgain(id, entry);
  }

  async #lookAt(id: string, entry: Entry): Promise<void> {
    const job = (await this.#queue.getJob(id)) as QueuedJob<Job, Payload> | undefined;
    if (!this.#entries.has(id)) return;
    if (!job) await this.#submitAgain(id, entry);
    else if (job.finishedOn !== undefined && job.failedReason) await this.fail(id, job.failedReason);
    else if (job.finishedOn !== undefined) await this.complete(id, job.returnvalue);
  }

  async #submitAgain(id: string, entry: Entry): Promise<void> {
    entry.payload = await this.#payloads.keep(entry.request);
    if (this.#entries.has(id)) await this.#enqueue(id, entry.payload);
  }

  async #enqueue(id: string, payload: Payload): Promise<void> {
    const kept = { age: keepFor };
    const options = { jobId: id, removeOnComplete: kept, removeOnFail: kept };
    await this.#queue.add("work", { run: this.#run, payload }, options);
  }

  async #remove(id: string, { payload }: Entry): Promise<void> {
    await Promise.all([this.#queue.remove(id), this.#payloads.free(payload)]);
  }
}

/** Whether Redis lost the request or the result on the way. */
function isLost(result: WorkResult | Error | undefined): result is undefined {
  if (result instanceof Error) return false;
  return result === undefined || (!result.ok && result.failure.lost === true);
}
