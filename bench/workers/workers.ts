import { type ChildProcess, fork, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { mapOrdered } from "@rag-instruct/core";
import { type ModelObject, openCalls } from "@rag-instruct/core/calls";
import { openRemoteEmbedder, openWorkerPool, remoteModel, type WorkerPool } from "@rag-instruct/workers";
import { Redis } from "ioredis";

// What spreading calls over workers gives and costs: throughput with 1, 2 and 4 worker processes of 64 calls each against an
// endpoint that answers after a second; calls a second when the endpoint answers at once; and what Redis holds.

const port = 16_399;
const redisUrl = `redis://127.0.0.1:${port}`;
const folder = mkdtempSync(join(tmpdir(), "rag-instruct-bench-workers-"));
const prompt = `Documents:\n${"The keeper lit the lamp before the evening tide came in. ".repeat(40)}`;

function start(script: string, args: string[] = [], env: Record<string, string> = {}): ChildProcess {
  const path = fileURLToPath(new URL(script, import.meta.url));
  return fork(path, args, { execArgv: ["--conditions=@rag-instruct/source"], env: { ...process.env, ...env } });
}

async function startServer(latency: number): Promise<{ url: string; child: ChildProcess }> {
  const child = start("./server.ts", [String(latency)]);
  const [url] = (await once(child, "message")) as [string];
  return { url, child };
}

/** Calls a second over the middle of a run, through everything a run goes through. */
async function throughput(model: ModelObject, run: { calls: number; concurrency: number }): Promise<number> {
  const ledger = join(folder, `${Math.random()}.jsonl`);
  await using calls = await openCalls({ ledger, concurrency: { max: run.concurrency }, timeout: 600_000 });
  const numbers = Array.from({ length: run.calls }, (_, n) => n);
  const ask = (n: number) => calls.ask({ model, prompt: `${prompt}${n}`, version: "1" });
  const start = performance.now();
  for await (const _ of mapOrdered(numbers, ask, { concurrency: run.concurrency }));
  return (run.calls / (performance.now() - start)) * 1000;
}

const remote = (pool: WorkerPool, url: string): ModelObject =>
  remoteModel({ pool, reference: { name: "any", baseUrls: [url] }, provider: "bench" });

/** Texts a second through workers whose embedder costs nothing, 1,024 of 600 bytes a job as a run gives them. */
async function embedding(pool: WorkerPool): Promise<number> {
  const embedder = await openRemoteEmbedder({ pool, reference: { model: "nothing" } });
  const texts = Array.from({ length: 1024 }, (_, n) => `${n} ${"The keeper lit the lamp. ".repeat(24)}`);
  const jobs = Array.from({ length: 60 }, (_, job) => texts.map((text) => `${job} ${text}`));
  const start = performance.now();
  for await (const _ of mapOrdered(jobs, (job) => embedder.embed(job, { kind: "passage" }), { concurrency: 4 }));
  return (jobs.length * 1024 * 1000) / (performance.now() - start);
}

async function withWorkers<T>(count: number, work: (pool: WorkerPool) => Promise<T>): Promise<T> {
  const env = { WORKER_REDIS: redisUrl, WORKER_CONCURRENCY: "64" };
  const workers = Array.from({ length: count }, () => start("./worker.ts", [], env));
  await Promise.all(workers.map((worker) => once(worker, "message")));
  const pool = await openWorkerPool({ redis: redisUrl, run: `bench-${count}-${Math.random()}` });
  try {
    return await work(pool);
  } finally {
    await pool.close();
    for (const worker of workers) worker.kill();
    await sleep(200);
  }
}

async function memory(redis: Redis): Promise<number> {
  const [, used] = /used_memory:(\d+)/.exec(await redis.info("memory"))!;
  return Number(used);
}

/** Bytes of Redis for one request that waits in it. */
async function waitingBytes(redis: Redis, count: number): Promise<number> {
  await redis.flushall();
  const before = await memory(redis);
  const pool = await openWorkerPool({ redis: redisUrl, run: "memory", lookEvery: 600_000 });
  const options = (n: number) => ({
    prompt: [{ role: "user" as const, content: [{ type: "text" as const, text: `${prompt}${n}` }] }],
  });
  const request = (n: number) =>
    pool
      .perform({ kind: "generate", model: { name: "any" }, options: options(n), timeout: 1000 })
      .catch(() => undefined);
  const all = Array.from({ length: count }, (_, n) => request(n));
  while ((await redis.llen(await queueKey(redis))) < count) await sleep(100);
  const held = (await memory(redis)) - before;
  await pool.close();
  await Promise.all(all);
  return held / count;
}

async function queueKey(redis: Redis): Promise<string> {
  const [key] = await redis.keys("rag-instruct:calls-*:wait");
  return key ?? "none";
}

const server = spawn("redis-server", ["--port", String(port), "--save", "", "--dir", folder], { stdio: "ignore" });
const redis = new Redis(redisUrl, { maxRetriesPerRequest: null });
redis.on("error", () => {});
const slow = await startServer(1000);
const instant = await startServer(0);
try {
  console.log("workers | calls a second, replies after 1 s | share of 64 a worker");
  for (const workers of [1, 2, 4]) {
    const concurrency = 64 * workers;
    const rate = await withWorkers(workers, (pool) =>
      throughput(remote(pool, slow.url), { calls: concurrency * 12, concurrency }),
    );
    console.log(`${workers} | ${rate.toFixed(0)} | ${((rate / concurrency) * 100).toFixed(0)}%`);
  }
  let held = 0;
  const watch = setInterval(async () => {
    held = Math.max(held, await memory(redis));
  }, 100);
  const rate = await withWorkers(1, (pool) =>
    throughput(remote(pool, instant.url), { calls: 10_000, concurrency: 128 }),
  );
  clearInterval(watch);
  const here = createOpenAICompatible({ name: "bench", baseURL: instant.url })("any");
  const direct = await throughput(here, { calls: 10_000, concurrency: 128 });
  console.log(
    `replies at once, 1 worker: ${rate.toFixed(0)} calls a second, ${(1000 / rate).toFixed(2)} ms a job in all`,
  );
  console.log(
    `the same from one process, without Redis: ${direct.toFixed(0)}; a job costs ${(1000 / rate - 1000 / direct).toFixed(2)} ms more`,
  );
  console.log(
    `vectors of 768 by 1 worker that computes nothing: ${(await withWorkers(1, embedding)).toFixed(0)} texts a second`,
  );
  console.log(`Redis at most, 128 calls under way of 10,000: ${(held / 2 ** 20).toFixed(1)} MB`);
  const bytes = await waitingBytes(redis, 20_000);
  console.log(
    `Redis for 100,000 waiting requests of ${prompt.length} bytes: ${((bytes * 1e5) / 2 ** 20).toFixed(0)} MB`,
  );
} finally {
  redis.disconnect();
  for (const child of [slow.child, instant.child, server]) child.kill();
  rmSync(folder, { recursive: true, force: true });
}
