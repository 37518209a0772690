import { type Closable, onAbort, RagInstructError } from "@rag-instruct/core";
import { importPeer } from "@rag-instruct/core/node";
import { JobTracker } from "./job-tracker.ts";
import { claimRun, type Member, membersOf, refuseOtherVersions } from "./presence.ts";
import {
  type Job,
  jobId,
  type Lane,
  laneOf,
  lanes,
  type Payload,
  queueName,
  type ReplyTo,
  redisPayloads,
  unpackFailure,
  type WorkRequest,
  withoutSecrets,
} from "./protocol.ts";
import { connectRedis, namedProblem, placeOf, type RedisConnection } from "./redis.ts";

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
  perform<R extends WorkRequest>(request: R, options?: { signal?: AbortSignal }): Promise<ReplyTo<R>>;
  /** The workers that give signs of life. */
  workers(): Promise<Member[]>;
  /** The lanes in which work waits that no worker takes. */
  lacking(): Promise<Lane[]>;
  /** Requests on their way. */
  readonly underWay: number;
}

/**
 * Opens the coordinator's side. One coordinator serves a run at a time. Work is in Redis only while it is on its way; what
 * Redis loses is submitted again. Throws `peer-missing`, `server-failed`, `folder-locked` when another coordinator serves the
 * run, and `unsupported-version` when a worker of another version is there.
 */
export async function openWorkerPool(options: WorkerPoolOptions): Promise<WorkerPool> {
  const { run, namespace = "rag-instruct", lookEvery = 2000 } = options;
  const bullmq = await importPeer("bullmq", () => import("bullmq"));
  const connection = await connectRedis(options.redis);
  const { redis } = connection;
  try {
    await refuseOtherVersions(redis, "worker", { namespace });
    connection.use(await claimRun(redis, run, { namespace }));
    const open = (lane: Lane) => openQueue(lane, { bullmq, connection, run, namespace });
    const trackers = { calls: await open("calls"), embed: await open("embed") };
    return new RedisWorkerPool({ connection, place: placeOf(options.redis), run, namespace, trackers, lookEvery });
  } catch (error) {
    await connection.close();
    throw namedProblem(error, placeOf(options.redis)) ?? error;
  }
}

interface QueueOptions {
  bullmq: Pick<typeof import("bullmq"), "Queue" | "QueueEvents">;
  connection: RedisConnection;
  run: string;
  namespace: string;
}

/** Opens the queue of a lane, and follows the jobs of this run in it. */
async function openQueue(lane: Lane, options: QueueOptions): Promise<JobTracker> {
  const { bullmq, connection, run, namespace } = options;
  const settings = { connection: connection.redis, prefix: namespace };
  // A result is in its event too: few are kept, because a missed one is found by looking.
  const streams = { events: { maxLen: 1000 } };
  const queue = new bullmq.Queue<Job, Payload>(queueName(lane), { ...settings, streams });
  const events = new bullmq.QueueEvents(queueName(lane), settings);
  const tracker = new JobTracker({ queue, run, payloads: redisPayloads(connection.redis, { namespace }) });
  const missed = () => {};
  events.on("completed", ({ jobId, returnvalue }) => {
    tracker.complete(jobId, returnvalue as unknown as Payload).catch(missed);
  });
  events.on("failed", ({ jobId, failedReason }) => {
    tracker.fail(jobId, failedReason).catch(missed);
  });
  queue.on("error", missed);
  events.on("error", missed);
  connection.defer(() => queue.close());
  connection.defer(() => events.close());
  await events.waitUntilReady();
  return tracker;
}

interface PoolState {
  connection: RedisConnection;
  /** Its Redis, as an error may name it. */
  place: string;
  run: string;
  namespace: string;
  trackers: Readonly<Record<Lane, JobTracker>>;
  lookEvery: number;
}

class RedisWorkerPool implements WorkerPool {
  readonly #connection: RedisConnection;
  readonly #place: string;
  readonly #run: string;
  readonly #namespace: string;
  readonly #trackers: Readonly<Record<Lane, JobTracker>>;
  readonly #timer: NodeJS.Timeout;
  #isLooking = false;

  constructor({ connection, place, run, namespace, trackers, lookEvery }: PoolState) {
    this.#connection = connection;
    this.#place = place;
    this.#run = run;
    this.#namespace = namespace;
    this.#trackers = trackers;
    this.#timer = setInterval(() => void this.#look(lookEvery), lookEvery);
    this.#timer.unref();
  }

  get underWay(): number {
    return this.#all().reduce((sum, { size }) => sum + size, 0);
  }

  async perform<R extends WorkRequest>(request: R, { signal }: { signal?: AbortSignal } = {}): Promise<ReplyTo<R>> {
    signal?.throwIfAborted();
    if ("model" in request) withoutSecrets(request.model);
    const id = jobId(this.#run, request);
    const tracker = this.#trackers[laneOf(request)];
    const { promise: aborted, reject } = Promise.withResolvers<never>();
    const stopListening = onAbort(signal, (reason) => {
      tracker.withdraw(id).catch(() => {});
      reject(reason);
    });
    try {
      const result = await Promise.race([tracker.submit(id, request), aborted]);
      if (!result.ok) throw unpackFailure(result.failure);
      return result.value as ReplyTo<R>;
    } catch (error) {
      throw namedProblem(error, this.#place) ?? error;
    } finally {
      stopListening();
    }
  }

  workers(): Promise<Member[]> {
    return membersOf(this.#connection.redis, "worker", { namespace: this.#namespace });
  }

  async lacking(): Promise<Lane[]> {
    const waiting = lanes.filter((lane) => this.#trackers[lane].size > 0);
    const served = new Set((await this.workers()).flatMap(({ serves = [] }) => serves));
    return waiting.filter((lane) => !served.has(lane));
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    const closed = new RagInstructError("call-failed", "the pool of workers was closed");
    for (const tracker of this.#all()) tracker.rejectAll(closed);
    await this.#connection.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #all(): JobTracker[] {
    return Object.values(this.#trackers);
  }

  /** Looks after work whose result has not come; while the connection is lost a look waits, and one at a time is enough. */
  async #look(age: number): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    await Promise.allSettled(this.#all().map((tracker) => tracker.lookAfter(age)));
    this.#isLooking = false;
  }
}
