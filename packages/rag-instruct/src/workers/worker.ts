import { randomUUID } from "node:crypto";
import type { LanguageModelV4 } from "@ai-sdk/provider";
import type { Closable, Embedder } from "@rag-instruct/core";
import { importPeer } from "@rag-instruct/core/node";
import type { Redis } from "ioredis";
import { holdAll } from "./held.ts";
import { announce, isCoordinated, type Member, refuseOtherVersions, thisProcess } from "./members.ts";
import { type Payloads, redisPayloads } from "./payloads.ts";
import { performWork } from "./perform-work.ts";
import type { EmbedderReference, ModelReference } from "./protocol.ts";
import { beat, type Job, type Payload, queueName, type WorkRequest, type WorkResult } from "./protocol.ts";
import { connectRedis } from "./redis.ts";
import { packFailure } from "./remote-failure.ts";

/** Options of {@link startWorker}. */
export interface WorkerOptions {
  /** `redis://user:password@host:port/db`, or `rediss://` for TLS. */
  redis: string;
  /** As the coordinator's. @default "rag-instruct" */
  namespace?: string;
  /** Calls to language models at the same time. @default 64 */
  concurrency?: number;
  /** Embedding jobs at the same time; each uses the cores it finds. @default 1 */
  embedConcurrency?: number;
  /** Milliseconds without a sign of life after which its jobs go to another worker. @default 10000 */
  lockFor?: number;
  /** Makes the model that a reference names; here keys come in. */
  openModel: (reference: ModelReference) => LanguageModelV4;
  /** Makes the embedder that a reference names. */
  openEmbedder: (reference: EmbedderReference) => Promise<Embedder>;
  /** Values that must not leave this process in an error. @default [] */
  secrets?: readonly string[];
}

/** A worker that serves until it is closed. */
export interface RunningWorker extends Closable {
  member: Member;
  /** Jobs finished. */
  readonly finished: number;
}

// A job whose workers died so often is given up; the coordinator decides whether to try once more.
const deaths = 3;

/**
 * Serves the runs of one Redis. Closing waits for the calls under way, because they are paid for. Jobs of a run whose
 * coordinator is gone wait. Throws `peer-missing`, `server-failed`, and `unsupported-version` when a coordinator of another version is there.
 */
export async function startWorker(options: WorkerOptions): Promise<RunningWorker> {
  const {
    namespace = "rag-instruct",
    concurrency = 64,
    embedConcurrency = 1,
    lockFor = 10_000,
    secrets = [],
  } = options;
  const { Worker, DelayedError } = await importPeer("bullmq", () => import("bullmq"));
  const redis = await connectRedis(options.redis);
  const held = holdAll();
  held.defer(() => void redis.disconnect());
  try {
    await refuseOtherVersions(redis, "coordinator", { namespace });
    const member = thisProcess("worker", randomUUID());
    held.use(await announce(redis, member, { namespace }));
    const payloads = redisPayloads(redis, { namespace });
    const isServed = coordinators(redis, namespace);
    const perform = performWork(options);
    let finished = 0;

    const serve = (kind: WorkRequest["kind"], atOnce: number) => {
      const worker = new Worker<Job, Payload>(
        queueName(kind),
        async (job, token) => {
          if (!(await isServed(job.data.run))) {
            await job.moveToDelayed(Date.now() + beat, token);
            throw new DelayedError();
          }
          const result = await answer(job.data.payload, { payloads, perform, secrets });
          finished++;
          return payloads.keep(result);
        },
        {
          connection: redis,
          prefix: namespace,
          concurrency: atOnce,
          lockDuration: lockFor,
          stalledInterval: lockFor / 2,
          maxStalledCount: deaths,
        },
      );
      // A connection that is lost comes back by itself; a job that was lost is given again by the coordinator.
      worker.on("error", () => {});
      held.defer(() => worker.close());
    };
    serve("generate", concurrency);
    serve("embed", embedConcurrency);
    const running: RunningWorker = {
      member,
      get finished() {
        return finished;
      },
      close: () => held.close(),
      [Symbol.asyncDispose]: () => running.close(),
    };
    return running;
  } catch (error) {
    await held.close();
    throw error;
  }
}

async function answer(
  payload: Payload,
  {
    payloads,
    perform,
    secrets,
  }: { payloads: Payloads; perform: ReturnType<typeof performWork>; secrets: readonly string[] },
): Promise<WorkResult> {
  try {
    return { ok: true, value: await perform((await payloads.read(payload)) as WorkRequest) };
  } catch (error) {
    return { ok: false, failure: packFailure(error, secrets) };
  }
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
