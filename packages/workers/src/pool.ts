import { type Closable, RagInstructError } from "@rag-instruct/core";
import { importPeer } from "@rag-instruct/core/node";
import { holdAll } from "./held.ts";
import type { Member } from "./member.ts";
import { claimRun, membersOf, refuseOtherVersions } from "./members.ts";
import { redisPayloads } from "./payloads.ts";
import { type Pending, pendingWork } from "./pending.ts";
import {
  type Job,
  jobId,
  keepFor,
  type Lane,
  laneOf,
  lanes,
  type Payload,
  queueName,
  type ReplyTo,
  type WorkRequest,
  withoutSecrets,
} from "./protocol.ts";
import { closeOver, connectRedis } from "./redis.ts";
import { unpackFailure } from "./remote-failure.ts";

/** Options of {@link openWorkerPool}. */
export interface WorkerPoolOptions {
  /** `redis://user:password@host:port/db`, or `rediss://` for TLS. */
  redis: string;
  /** Names the run: a coordinator that was started again finds the work of the first under it. */
  run: string;
  /** Begins every key in Redis. @default "rag-instruct" */
  namespace?: string;
  /** Milliseconds between looks after work whose result has not come. @default 2000 */
  lookEvery?: number;
}

/** The workers that serve one Redis, as the coordinator of a run sees them. */
export interface WorkerPool extends Closable {
  /** Has a worker do the work. Rejects with the error that the worker met, or with the signal's reason. */
  perform<R extends WorkRequest>(request: R, options?: { signal?: AbortSignal | undefined }): Promise<ReplyTo<R>>;
  /** The workers that give signs of life. */
  workers(): Promise<Member[]>;
  /** Where work is on its way that no worker takes. */
  lacking(): Promise<Lane[]>;
  /** Requests on their way. */
  readonly underWay: number;
}

/**
 * Opens the coordinator's side. One coordinator serves a run at a time. Work is in Redis only while it is on its way; what
 * Redis loses is given again. Throws `peer-missing`, `server-failed`, `folder-locked` when another coordinator serves the
 * run, and `unsupported-version` when a worker of another version is there.
 */
export async function openWorkerPool(options: WorkerPoolOptions): Promise<WorkerPool> {
  const { run, namespace = "rag-instruct", lookEvery = 2000 } = options;
  const { Queue, QueueEvents } = await importPeer("bullmq", () => import("bullmq"));
  const connection = await connectRedis(options.redis);
  const { redis } = connection;
  const held = holdAll();
  held.defer(() => void redis.disconnect());
  try {
    await refuseOtherVersions(redis, "worker", { namespace });
    held.use(await claimRun(redis, run, { namespace }));
    const payloads = redisPayloads(redis, { namespace });

    const open = async (lane: Lane): Promise<Pending> => {
      const settings = { connection: redis, prefix: namespace };
      // A result is in its event too: few are kept, because a missed one is found by looking.
      const queue = new Queue<Job, Payload>(queueName(lane), { ...settings, streams: { events: { maxLen: 1000 } } });
      const events = new QueueEvents(queueName(lane), settings);
      const pending = pendingWork({ queue, run, payloads, keepFor });
      const missed = () => {};
      events.on("completed", ({ jobId, returnvalue }) => {
        pending.finished(jobId, returnvalue as unknown as Payload).catch(missed);
      });
      events.on("failed", ({ jobId, failedReason }) => {
        pending.failed(jobId, failedReason).catch(missed);
      });
      queue.on("error", missed);
      events.on("error", missed);
      held.defer(() => queue.close());
      held.defer(() => events.close());
      await events.waitUntilReady();
      return pending;
    };
    const pending = { calls: await open("calls"), embed: await open("embed") };
    const all = Object.values(pending);
    let isLooking = false;
    const timer = setInterval(async () => {
      // While the connection is lost a look waits; one at a time is enough.
      if (isLooking) return;
      isLooking = true;
      await Promise.allSettled(all.map((one) => one.lookAfter(lookEvery)));
      isLooking = false;
    }, lookEvery);
    timer.unref();

    async function perform<R extends WorkRequest>(
      request: R,
      { signal }: { signal?: AbortSignal | undefined } = {},
    ): Promise<ReplyTo<R>> {
      signal?.throwIfAborted();
      if ("model" in request) withoutSecrets(request.model);
      const id = jobId(run, request);
      const mine = pending[laneOf(request)];
      const result = await orAbort(mine.give(id, request), signal, () => void mine.withdraw(id).catch(() => {}));
      if (!result.ok) throw unpackFailure(result.failure);
      return result.value as ReplyTo<R>;
    }
    const pool: WorkerPool = {
      perform,
      workers: () => membersOf(redis, "worker", { namespace }),
      async lacking() {
        const waiting = lanes.filter((lane) => pending[lane].size > 0);
        const served = new Set((await pool.workers()).flatMap(({ serves = [] }) => serves));
        return waiting.filter((lane) => !served.has(lane));
      },
      get underWay() {
        return all.reduce((sum, { size }) => sum + size, 0);
      },
      async close() {
        clearInterval(timer);
        for (const one of all) one.abandon(new RagInstructError("call-failed", "the pool of workers was closed"));
        await closeOver(connection, held);
      },
      [Symbol.asyncDispose]: () => pool.close(),
    };
    return pool;
  } catch (error) {
    await held.close();
    throw error;
  }
}

async function orAbort<T>(work: Promise<T>, signal: AbortSignal | undefined, onAbort: () => void): Promise<T> {
  if (!signal) return work;
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = () => {
    onAbort();
    reject(signal.reason);
  };
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
