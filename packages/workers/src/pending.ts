import type { Queue, Job as QueuedJob } from "bullmq";
import type { Payloads } from "./payloads.ts";
import type { Job, Payload, WorkRequest, WorkResult } from "./protocol.ts";
import { unfinished } from "./remote-failure.ts";

/** Work that was given to the queue and has not come back. */
interface Entry {
  request: WorkRequest;
  payload: Payload;
  given: number;
  promise: Promise<WorkResult>;
  settle(result: WorkResult | Error): void;
}

/** The work of one queue that is on its way, and how it gets back. */
export interface Pending {
  /** Gives work to the queue; work that is on its way already is shared. */
  give(id: string, request: WorkRequest): Promise<WorkResult>;
  /** Takes work back that nobody waits for any longer; what a worker has begun goes on and its result expires. */
  withdraw(id: string): Promise<void>;
  /** A worker has finished. */
  finished(id: string, result: Payload): Promise<void>;
  /** No worker brought it to its end. */
  failed(id: string, reason: string): Promise<void>;
  /**
   * Looks after work that was given more than `age` milliseconds ago: takes results whose event was missed and gives again
   * what Redis has lost.
   */
  lookAfter(age: number): Promise<void>;
  /** Rejects all that is on its way. */
  abandon(error: Error): void;
  readonly size: number;
}

/** Keeps account of the work of one queue. */
export function pendingWork({
  queue,
  run,
  payloads,
  keepFor,
}: {
  queue: Queue<Job, Payload>;
  run: string;
  payloads: Payloads;
  keepFor: number;
}): Pending {
  const entries = new Map<string, Entry>();
  const kept = { age: keepFor };

  const enqueue = (id: string, payload: Payload) =>
    queue.add("work", { run, payload }, { jobId: id, removeOnComplete: kept, removeOnFail: kept });

  function enter(id: string, request: WorkRequest, payload: Payload): Entry {
    const { promise, resolve, reject } = Promise.withResolvers<WorkResult>();
    const settle = (result: WorkResult | Error) => (result instanceof Error ? reject(result) : resolve(result));
    const entry = { request, payload, given: Date.now(), promise, settle };
    entries.set(id, entry);
    return entry;
  }
  async function settle(id: string, read: () => Promise<WorkResult | undefined>): Promise<void> {
    const entry = entries.get(id);
    if (!entry) return;
    entries.delete(id);
    const result = await read().catch((error: Error) => error);
    await Promise.all([queue.remove(id), payloads.free(entry.payload)]);
    if (!isLost(result)) return entry.settle(result);
    entries.set(id, entry);
    await again(id, entry);
  }
  async function again(id: string, entry: Entry): Promise<void> {
    entry.payload = await payloads.keep(entry.request);
    if (entries.has(id)) await enqueue(id, entry.payload);
  }
  async function lookAt(id: string, entry: Entry): Promise<void> {
    const job = (await queue.getJob(id)) as QueuedJob<Job, Payload> | undefined;
    if (!entries.has(id)) return;
    if (!job) await again(id, entry);
    else if (job.finishedOn !== undefined && job.failedReason) await pending.failed(id, job.failedReason);
    else if (job.finishedOn !== undefined) await pending.finished(id, job.returnvalue);
  }

  const pending: Pending = {
    async give(id, request) {
      const known = entries.get(id);
      if (known) return known.promise;
      const entry = enter(id, request, { stored: "" });
      try {
        entry.payload = await payloads.keep(request);
        await enqueue(id, entry.payload);
      } catch (error) {
        entries.delete(id);
        throw error;
      }
      return entry.promise;
    },
    async withdraw(id) {
      const entry = entries.get(id);
      entries.delete(id);
      if (entry) await Promise.all([queue.remove(id), payloads.free(entry.payload)]);
    },
    finished: (id, result) =>
      settle(id, async () => {
        const value = (await payloads.read(result)) as WorkResult | undefined;
        await payloads.free(result);
        return value;
      }),
    failed: (id, reason) => settle(id, () => Promise.reject(unfinished(reason))),
    async lookAfter(age) {
      const before = Date.now() - age;
      const old = [...entries].filter(([, { given }]) => given <= before);
      await Promise.all(old.map(([id, entry]) => lookAt(id, entry)));
    },
    abandon(error) {
      for (const entry of entries.values()) entry.settle(error);
      entries.clear();
    },
    get size() {
      return entries.size;
    },
  };
  return pending;
}

/** Whether Redis lost the request or the result on the way. */
function isLost(result: WorkResult | Error | undefined): result is undefined {
  if (result instanceof Error) return false;
  return result === undefined || (!result.ok && result.failure.lost === true);
}
