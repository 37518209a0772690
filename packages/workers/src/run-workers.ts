import type { Limiter } from "@rag-instruct/core";
import type { RateLimits } from "@rag-instruct/core/calls";
import { openWorkerPool, type WorkerPool } from "./pool.ts";
import type { Lane } from "./protocol.ts";
import { redisLimiter } from "./redis-limiter.ts";

/** The workers that serve a run. */
export interface RunWorkers extends AsyncDisposable {
  pool: WorkerPool;
  /** What the way by Redis asks of `openCalls`: a timeout with the wait for a worker that is free, and a rate that all share. */
  calls: { timeout: number; limiter?: Limiter };
}

/** Options of {@link openRunWorkers}. */
export interface RunWorkersOptions {
  redis: string;
  /** Id of the run. */
  run: string;
  /** The endpoint whose rate the workers share, by provider and model. */
  endpoint: string;
  /** What it allows in a minute. @default none: the pace follows from what it refuses */
  limits?: RateLimits;
  /** Called every 10 s with what to do, while work waits that no worker takes. */
  onNoWorker?: (note: string) => void;
}

// A call may wait for a worker that is free; the call itself has its own limit there.
const timeoutWithQueue = 600_000;
const checkInterval = 10_000;

/** The workers of a Redis, with the rate that they share. Throws as `openWorkerPool` does. */
export async function openRunWorkers(options: RunWorkersOptions): Promise<RunWorkers> {
  const { redis, run, endpoint, limits, onNoWorker = () => {} } = options;
  const pool = await openWorkerPool({ redis, run });
  const limiter = limits && (await redisLimiter({ redis, endpoint, limits }));
  const timer = setInterval(async () => {
    const [lane] = await pool.lacking().catch(() => []);
    if (lane) onNoWorker(notes[lane]);
  }, checkInterval);
  timer.unref();
  return {
    pool,
    calls: { timeout: timeoutWithQueue, limiter },
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await limiter?.close();
      await pool.close();
    },
  };
}

const notes: Readonly<Record<Lane, string>> = {
  calls: "no worker makes calls; start one: rag-instruct worker",
  embed: "no worker embeds; start one: rag-instruct worker --embeddings",
};
