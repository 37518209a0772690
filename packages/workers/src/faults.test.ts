import { once } from "node:events";
import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { faultyServer } from "@rag-instruct/core/testing";
import { describe, expect, it } from "vitest";
import { forkChild, type TestChild, until } from "../../core/test/children.ts";
import { hasRedis, testRedis } from "../test/redis-server.ts";
import { workerProcesses } from "../test/worker-processes.ts";
import { openRemoteEmbedder, openWorkerPool, startWorker } from "./index.ts";

const coordinator = fileURLToPath(new URL("../test/coordinator-child.ts", import.meta.url));

function startCoordinator(env: Record<string, string>) {
  return forkChild(coordinator, { env });
}

/** The replies of a coordinator that comes to its end. Rejects with what it wrote where it sends none. */
async function textsOf({ child, stderr }: TestChild): Promise<string[]> {
  const ended = once(child, "exit");
  const [texts] = await Promise.race([once(child, "message"), ended.then(() => Promise.reject(new Error(stderr())))]);
  await ended;
  return texts;
}

describe.skipIf(!hasRedis)("a coordinator (redis-server is not installed)", { timeout: 240_000 }, () => {
  // One kill is enough for every day; `pnpm run test:kills` takes them all.
  const kills = process.env.RAG_INSTRUCT_KILLS ? 5 : 1;
  it("killed goes on where it was; at most the calls under way are made twice", async () => {
    await using redis = await testRedis();
    await using server = await faultyServer({ latency: 100 });
    await using _workers = await workerProcesses(2, { redis: redis.url });
    const folder = await mkdtemp(join(tmpdir(), "rag-instruct-coordinator-"));
    const ledger = join(folder, "ledger.jsonl");
    const env = { COORDINATOR_REDIS: redis.url, COORDINATOR_LEDGER: ledger, COORDINATOR_MODEL: server.url };
    for (let kill = 0; kill < kills; kill++) {
      await using coordinator = startCoordinator(env);
      const answered = server.counts().answered;
      await until(() => server.counts().answered >= answered + 8, coordinator);
      await coordinator.kill();
    }
    await using last = startCoordinator(env);
    const texts = await textsOf(last);
    expect(new Set(texts).size).toBe(100);
    const lines = (await readFile(ledger, "utf8")).trim().split("\n");
    expect(new Set(lines.map((line) => JSON.parse(line).key)).size).toBe(100);
    expect(lines).toHaveLength(100);
    expect(server.counts().requests).toBeLessThanOrEqual(100 + kills * 16);
  });

  it("that is gone leaves its work waiting, unpaid, until it is back", async () => {
    await using redis = await testRedis();
    await using server = await faultyServer({ latency: 50 });
    const folder = await mkdtemp(join(tmpdir(), "rag-instruct-coordinator-"));
    const env = {
      COORDINATOR_REDIS: redis.url,
      COORDINATOR_LEDGER: join(folder, "ledger.jsonl"),
      COORDINATOR_MODEL: server.url,
    };
    await using first = startCoordinator(env);
    // Calls begin at a quarter of the concurrency, and more come with answers.
    await until(async () => (await redis.client.keys("rag-instruct:calls-*:j*")).length >= 4, first);
    await first.kill();
    await redis.client.del("rag-instruct:coordinator:killed");
    await using _workers = await workerProcesses(1, { redis: redis.url });
    await sleep(1000);
    expect(server.counts().requests).toBe(0);
    await using second = startCoordinator(env);
    const texts = await textsOf(second);
    expect(texts).toHaveLength(100);
    expect(server.counts().requests).toBe(100);
  });

  it("closes though Redis is gone, and so does a worker", async () => {
    await using redis = await testRedis();
    const pool = await openWorkerPool({ redis: redis.url, run: "a" });
    const worker = await startWorker({
      redis: redis.url,
      openModel: () => expect.unreachable(),
      openEmbedder: () => expect.unreachable(),
    });
    await redis.kill();
    await Promise.all([pool.close(), worker.close()]);
  });

  it("gives up work that kills every worker that takes it, and the rest is done", async () => {
    await using redis = await testRedis();
    await using workers = await workerProcesses(5, { redis: redis.url, lockFor: 500 });
    await using pool = await openWorkerPool({ redis: redis.url, run: "a", lookEvery: 200 });
    const embedder = await openRemoteEmbedder({ pool, reference: { model: "m", id: "m" }, batchSize: 1 });
    const deadly = embedder.embed(["die"], { kind: "passage" });
    await expect(deadly).rejects.toThrow(/no worker finished the work: .*stalled/);
    // Each of them has heard of no exit code, but of the signal that ended it.
    const killed = workers.children.filter(({ signalCode }) => signalCode === "SIGKILL").length;
    expect(killed).toBeGreaterThanOrEqual(1);
    expect(killed).toBeLessThanOrEqual(4);
    expect((await embedder.embed(["live"], { kind: "passage" })).count).toBe(1);
  });
});
