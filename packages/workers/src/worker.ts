import { randomUUID } from "node:crypto";
import type { Closable } from "@rag-instruct/core";
import { importPeer } from "@rag-instruct/core/node";
import type { Processor } from "bullmq";
import type { Redis } from "ioredis";
import { type Openers, performWork } from "./perform-work.ts";
import { announce, isCoordinated, type Member, refuseOtherVersions, thisProcess } from "./presence.ts";
import {
  beat,
  type Job,
  lanes,
  type Payload,
  packFailure,
  queueName,
  redisPayloads,
  type WorkRequest,
  type WorkResult,
} from "./protocol.ts";
import { connectRedis, namedProblem, placeOf } from "./redis.ts";

/** Options of {@link startWorker}. */
export interface WorkerOptions extends Openers {
  /** `redis://user:password@host:port/db`, or `rediss://` for TLS. */
  redis: string;
  /** Begins every key in Redis; the same as the coordinator's. @default "rag-instruct" */
  namespace?: string;
  /** Calls to models behind addresses at the same time; 0 takes none. @default 64 */
  concurrency?: number;
  /** Embedding jobs at the same time, each with the cores it finds; 0 takes none. @default 1 */
  embedConcurrency?: number;
  /** Milliseconds without a sign of life after which its jobs go to another worker. @default 10000 */
  lockFor?: number;
  /** Values that must not leave this process in an error. @default [] */
  secrets?: readonly string[];
}

/** A worker that serves until it is closed. */
export interface RunningWorker extends Closable {
  member: Member;
  /** Jobs finished. */
  readonly finished: number;
}

// A job is given up after this many of its workers have died; the coordinator decides whether to try once more.
const maxDeaths = 3;

/**
 * Serves the runs of one Redis. Closing waits for the calls under way, because they are paid for. Jobs of a run whose
 * coordinator is gone wait. Throws `peer-missing`, `server-failed`, and `unsupported-version` when a coordinator of another version is there.
 */
export async function startWorker(options: WorkerOptions): Promise<RunningWorker> {
  const { namespace = "rag-instruct", concurrency = 64, embedConcurrency = 1 } = options;
  const { Worker, DelayedError } = await importPeer("bullmq", () => import("bullmq"));
  const connection = await connectRedis(options.redis);
  const { redis } = connection;
  try {
    await refuseOtherVersions(redis, "coordinator", { namespace });
    const atOnce = { calls: concurrency, embed: embedConcurrency };
    const serves = lanes.filter((lane) => atOnce[lane] > 0);
    const member = { ...thisProcess("worker", randomUUID()), serves };
    connection.use(await announce(redis, member, { namespace }));
    const isServed = coordinators(redis, namespace);
    const work = answerJobs(redis, options);
    let finished = 0;
    for (const lane of serves) {
      const process: Processor<Job, Payload> = async (job, token) => {
        if (!(await isServed(job.data.run))) {
          await job.moveToDelayed(Date.now() + beat, token);
          throw new DelayedError();
        }
        const result = await work(job.data.payload);
        finished++;
        return result;
      };
      const worker = new Worker(queueName(lane), process, {
        ...lockSettings(options),
        connection: redis,
        prefix: namespace,
        concurrency: atOnce[lane],
      });
      // A connection that is lost comes back by itself; a job that was lost is given again by the coordinator.
      worker.on("error", () => {});
      connection.defer(() => worker.close());
    }
    const running: RunningWorker = {
      member,
      get finished() {
        return finished;
      },
      close: () => connection.close(),
      [Symbol.asyncDispose]: () => running.close(),
    };
    return running;
  } catch (error) {
    await connection.close();
    throw namedProblem(error, placeOf(options.redis)) ?? error;
  }
}

function lockSettings({ lockFor = 10_000 }: WorkerOptions) {
  return { lockDuration: lockFor, stalledInterval: lockFor / 2, maxStalledCount: maxDeaths };
}

/** Does the work of a payload; what fails is a result too. */
function answerJobs(
  redis: Redis,
  { namespace = "rag-instruct", secrets = [], ...openers }: WorkerOptions,
): (payload: Payload) => Promise<Payload> {
  const payloads = redisPayloads(redis, { namespace });
  const perform = performWork(openers);
  async function answer(payload: Payload): Promise<WorkResult> {
    const request = (await payloads.read(payload)) as WorkRequest | undefined;
    if (!request) return { ok: false, failure: { message: "Redis lost the request", lost: true } };
    try {
      return { ok: true, value: await perform(request) };
    } catch (error) {
      return { ok: false, failure: packFailure(error, secrets) };
    }
  }
  return async (payload) => payloads.keep(await answer(payload));
}

/** Whether a run has a coordinator, asked of Redis at most once in a while for each run. */
function coordinators(redis: Redis, namespace: string): (run: string) => Promise<boolean> {
  const known = new Map<string, { at: number; answer: Promise<boolean> }>();
  return (run) => {
    const last = known.get(run);
    if (last && Date.now() - last.at < beat / 3) return last.answer;
    const answer = isCoordinated(redis, run, { namespace });
    known.set(run, { at: Date.now(), answer });
    return answer;
  };
}
