import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { type Closable, type Limiter, programName } from "@rag-instruct/core";
import { memoryLimiter, type RateLimits } from "@rag-instruct/core/calls";
import { openWorkerPool, type WorkerPool } from "./pool.ts";
import type { Lane } from "./protocol.ts";
import { connectRedis } from "./redis.ts";

/** The workers that serve a run. */
export interface RunWorkers extends AsyncDisposable {
  pool: WorkerPool;
  /** Options for `openCalls`: a timeout that leaves room for the wait for a free worker, and the rate that all workers share. */
  calls: { timeout: number; limiter?: Limiter };
}

/** Options of {@link openRunWorkers}. */
export interface RunWorkersOptions {
  redis: string;
  /** Id of the run. */
  run: string;
  /** The endpoint whose rate the workers share, by provider and model. */
  endpoint: string;
  /** What it allows in a minute. @default none: the pace is found by what the endpoint refuses */
  limits?: RateLimits;
  /** Called every 10 s with what to do, while work waits that no worker takes. */
  onNoWorker?: (note: string) => void;
}

// A call may wait for a free worker; once it has begun there, the worker limits it.
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
  calls: `no worker makes calls; start one: ${programName()} worker`,
  embed: `no worker embeds; start one: ${programName()} worker --embeddings`,
};

/** Options of {@link redisLimiter}. */
export interface RedisLimiterOptions {
  redis: string;
  /** The endpoint whose rate it is; all limiters of the same endpoint share it. */
  endpoint: string;
  limits: RateLimits;
  /** @default "rag-instruct" */
  namespace?: string;
}

// A token bucket that holds a tenth of a minute's worth. Takes the amount, into the red if need be, and returns the
// milliseconds to wait for it. Redis's own clock serves all machines.
const take = `
local amount, perMinute = tonumber(ARGV[1]), tonumber(ARGV[2])
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local bucket = redis.call('HMGET', KEYS[1], 'level', 'at')
local level = tonumber(bucket[1]) or perMinute / 10
local at = tonumber(bucket[2]) or now
level = math.min(perMinute / 10, level + math.max(0, now - at) * perMinute / 60000 - amount)
redis.call('HSET', KEYS[1], 'level', tostring(level), 'at', tostring(now))
redis.call('PEXPIRE', KEYS[1], 120000)
if level >= 0 then return 0 end
return math.ceil(-level * 60000 / perMinute)`;

/**
 * A {@link Limiter} that all processes of one Redis share: what one of them takes, the others wait for. What the endpoint's
 * headers say is obeyed by each process for itself.
 */
export async function redisLimiter(options: RedisLimiterOptions): Promise<Limiter & Closable> {
  const { limits, namespace = "rag-instruct" } = options;
  const connection = await connectRedis(options.redis);
  const { redis } = connection;
  const endpoint = createHash("sha256").update(options.endpoint).digest("hex").slice(0, 16);
  const buckets = [
    { name: "requests", perMinute: limits.requestsPerMinute, needs: () => 1 },
    { name: "tokens", perMinute: limits.tokensPerMinute, needs: (tokens: number) => tokens },
  ].flatMap(({ perMinute, ...bucket }) => (perMinute === undefined ? [] : [{ ...bucket, perMinute }]));

  async function change(name: string, amount: number, perMinute: number): Promise<number> {
    const key = `${namespace}:limit:${endpoint}:${name}`;
    return (await redis.eval(take, 1, key, String(amount), String(perMinute))) as number;
  }
  const here = memoryLimiter();
  const limiter: Limiter & Closable = {
    observe: here.observe!,
    async acquire({ tokens, model, signal, onWait }) {
      const permit = await here.acquire({ tokens, model, signal, onWait });
      for (const { name, perMinute, needs } of buckets) {
        try {
          const wait = await change(name, needs(tokens), perMinute);
          if (wait > 0) await sleep(wait, undefined, { signal });
        } catch (error) {
          permit.release();
          if (signal?.aborted) await change(name, -needs(tokens), perMinute);
          throw error;
        }
      }
      return {
        release(used) {
          permit.release();
          if (!used) return;
          for (const { name, perMinute, needs } of buckets) {
            const unused = needs(tokens) - needs(used.tokens);
            if (unused !== 0) void change(name, -unused, perMinute).catch(() => {});
          }
        },
      };
    },
    async close() {
      connection.drop();
    },
    [Symbol.asyncDispose]: () => limiter.close(),
  };
  return limiter;
}
