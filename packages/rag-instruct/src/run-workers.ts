import { hostname } from "node:os";
import { resolve } from "node:path";
import { hashOf, type Limiter, RagInstructError } from "@rag-instruct/core";
import type { AskRequest } from "@rag-instruct/core/calls";
import type { Lane, ModelReference, WorkerPool } from "@rag-instruct/workers";
import type { Endpoint, ModelChoice, ResolvedConfig } from "./config.ts";
import { describeModel, isEndpoint, nameModel, resolveModel } from "./models.ts";

/** The workers that serve a run. */
export interface RunWorkers extends AsyncDisposable {
  pool: WorkerPool;
  /** What the way by Redis asks of the calls. */
  calls: { timeout: number; limiter?: Limiter };
}

/** What workers are needed for. */
interface Served extends Pick<ResolvedConfig, "to" | "model" | "limits"> {
  /** Hears what to do while work waits that no worker takes. */
  onLack?: (note: string) => void;
}

// A call may wait for a worker that is free; the call itself has its own limit there.
const timeoutWithQueue = 600_000;
const lookEvery = 10_000;

/** The workers of a Redis; none without an address. Throws as `openWorkerPool` does. */
export async function openRunWorkers(redis: string | undefined, served: Served): Promise<RunWorkers | undefined> {
  if (redis === undefined) return undefined;
  const { openWorkerPool, redisLimiter } = await import("@rag-instruct/workers");
  const { to, model, limits, onLack = () => {} } = served;
  const pool = await openWorkerPool({ redis, run: hashOf([hostname(), resolve(to)]) });
  const endpoint = describeModel(nameModel(model));
  const limiter = limits && (await redisLimiter({ redis, endpoint, limits }));
  const timer = setInterval(async () => {
    const [lane] = await pool.lacking().catch(() => []);
    if (lane) onLack(notes[lane]);
  }, lookEvery);
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

/** The model of a choice, called from here or by workers. Throws `bad-option` for one that workers cannot call. */
export async function runModel(choice: ModelChoice, workers: RunWorkers | undefined): Promise<AskRequest["model"]> {
  if (workers === undefined || choice === "offline") return resolveModel(choice);
  if (!isEndpoint(choice)) {
    throw new RagInstructError(
      "bad-option",
      "workers cannot call a model object of this process; name a model by { name, baseUrl, keyVariable }",
    );
  }
  const { remoteModel } = await import("@rag-instruct/workers");
  return remoteModel({ pool: workers.pool, reference: referenceTo(choice), provider: nameModel(choice).provider });
}

/** An endpoint as workers know it. */
export function referenceTo({ name, baseUrl, keyVariable }: Endpoint): ModelReference {
  return {
    name,
    baseUrls: baseUrl === undefined ? undefined : [baseUrl],
    keyVariable,
  };
}
