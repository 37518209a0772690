import { mkdtemp } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { mapOrdered, RagInstructError } from "@rag-instruct/core";
import { memoryLedger, openCalls } from "@rag-instruct/core/calls";
import { faultyServer } from "@rag-instruct/core/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { until } from "../../core/test/children.ts";
import { hasRedis, selfSigned, type TestRedis, testRedis } from "../test/redis-server.ts";
import { tcpProxy } from "../test/tcp-proxy.ts";
import { wordEmbedder } from "../test/word-embedder.ts";
import { type WorkerProcesses, workerProcesses } from "../test/worker-processes.ts";
import { openRemoteEmbedder, openWorkerPool, remoteModel, startWorker, type WorkerPool } from "./index.ts";

const prompts = (count: number) => Array.from({ length: count }, (_, n) => `question ${n}`);

// Requests that the coordinator has under way; what Redis loses of them may be made once more.
const underWay = 32;

/** Asks all prompts through the pool as a run does: one ledger, attempts, order kept. */
async function askAll(pool: WorkerPool, { url, count }: { url: string; count: number }): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), "rag-instruct-workers-"));
  await using calls = await openCalls({
    ledger: join(folder, "ledger.jsonl"),
    concurrency: { max: underWay },
    backOff: 50,
  });
  const model = remoteModel({ pool, reference: { name: "any", baseUrls: [url] }, provider: "test.chat" });
  const replies = mapOrdered(prompts(count), (prompt) => calls.ask({ model, prompt, version: "1" }), {
    concurrency: 32,
  });
  return await Array.fromAsync(replies, ({ text }) => text);
}

async function askHere({ url, count }: { url: string; count: number }): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), "rag-instruct-workers-"));
  await using calls = await openCalls({ ledger: join(folder, "ledger.jsonl") });
  const model = createOpenAICompatible({ name: "test", baseURL: url })("any");
  const replies = mapOrdered(prompts(count), (prompt) => calls.ask({ model, prompt, version: "1" }), {
    concurrency: 16,
  });
  return await Array.fromAsync(replies, ({ text }) => text);
}

describe.skipIf(!hasRedis)("workers over Redis (redis-server is not installed)", { timeout: 240_000 }, () => {
  describe("that serve one run after another", () => {
    let redis: TestRedis;
    let workers: WorkerProcesses;
    beforeAll(async () => {
      redis = await testRedis();
      workers = await workerProcesses(2, { redis: redis.url });
    });
    afterAll(async () => {
      await workers[Symbol.asyncDispose]();
      await redis[Symbol.asyncDispose]();
    });

    it("give the replies that calls from one process give, each paid for once", async () => {
      await using server = await faultyServer();
      const pool = await openWorkerPool({ redis: redis.url, run: "replies" });
      const replies = await askAll(pool, { url: server.url, count: 60 });
      expect(server.counts().requests).toBe(60);
      expect(await pool.workers()).toHaveLength(2);
      await pool.close();
      expect(replies).toEqual(await askHere({ url: server.url, count: 60 }));
      const left = await redis.client.keys("*:j*");
      expect(left).toEqual([]);
    });

    it("hand the endpoint's refusals to the coordinator, without the key", async () => {
      await using server = await faultyServer({ apiKey: "sk-right-key-1234" });
      await using pool = await openWorkerPool({ redis: redis.url, run: "refusals" });
      const asking = askAll(pool, { url: server.url, count: 2 });
      await expect(asking).rejects.toMatchObject({ code: "breaker-open", message: expect.stringContaining("401") });
    });

    it("embed texts in order, and only with the run's own model", async () => {
      await using pool = await openWorkerPool({ redis: redis.url, run: "vectors" });
      const texts = prompts(1000);
      const embedder = await openRemoteEmbedder({ pool, reference: { model: "m", id: "m" }, batchSize: 64 });
      const here = await wordEmbedder("m").embed(texts, { kind: "passage" });
      expect(await embedder.embed(texts, { kind: "passage" })).toEqual(here);
      const other = openRemoteEmbedder({ pool, reference: { model: "m", id: "another" } });
      await expect(other).rejects.toThrow(/embeds with another.*is m/);
    });

    it("take settings of a model along: fields of the body, headers and the rest", async () => {
      const seen: { body: Record<string, unknown>; team: unknown }[] = [];
      const server = createServer(async (request, response) => {
        const body = JSON.parse(Buffer.concat(await Array.fromAsync(request)).toString());
        seen.push({ body, team: request.headers["x-team"] });
        const message = { role: "assistant", content: "fine" };
        response.writeHead(200, { "content-type": "application/json" });
        response.end(JSON.stringify({ id: "1", choices: [{ index: 0, message, finish_reason: "stop" }] }));
      });
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      await using pool = await openWorkerPool({ redis: redis.url, run: "settings" });
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
      const model = remoteModel({ pool, reference: { name: "any", baseUrls: [url] }, provider: "test.chat" });
      await using calls = await openCalls({
        ledger: memoryLedger(),
        settings: {
          temperature: 0.5,
          maxOutputTokens: 77,
          stopSequences: ["END"],
          headers: { "x-team": "a" },
          body: { enable_thinking: false },
        },
      });
      await calls.ask({ model, prompt: "p", version: "1", settings: { body: { top_k: 3 } } });
      expect(seen).toMatchObject([
        {
          team: "a",
          body: { temperature: 0.5, max_tokens: 77, stop: ["END"], enable_thinking: false, top_k: 3, model: "any" },
        },
      ]);
      server.close();
    });
  });

  it("go on when one of them is killed", async () => {
    await using redis = await testRedis();
    await using server = await faultyServer({ latency: 200 });
    await using workers = await workerProcesses(2, { redis: redis.url });
    await using pool = await openWorkerPool({ redis: redis.url, run: "a" });
    const asking = askAll(pool, { url: server.url, count: 60 });
    await sleep(300);
    workers.children[0]!.kill("SIGKILL");
    expect(new Set(await asking).size).toBe(60);
    expect(server.counts().distinct).toBe(60);
    expect(server.counts().requests).toBeLessThanOrEqual(60 + 8);
  });

  it("go on when one of them hangs, and take nothing twice when it wakes up", async () => {
    await using redis = await testRedis();
    await using server = await faultyServer({ latency: 200 });
    await using workers = await workerProcesses(2, { redis: redis.url });
    await using pool = await openWorkerPool({ redis: redis.url, run: "a" });
    const asking = askAll(pool, { url: server.url, count: 60 });
    await sleep(300);
    workers.children[0]!.kill("SIGSTOP");
    expect(new Set(await asking).size).toBe(60);
    workers.children[0]!.kill("SIGCONT");
    await sleep(500);
    expect(server.counts().requests).toBeLessThanOrEqual(60 + 8);
    expect(await askAll(pool, { url: server.url, count: 4 })).toHaveLength(4);
  });

  // Without its data it has lost the most; `pnpm run test:kills` takes both.
  const restarts = process.env.RAG_INSTRUCT_KILLS
    ? [{ persistent: true }, { persistent: false }]
    : [{ persistent: false }];
  it.each(restarts)("outlive a Redis that is started again, %o", async (kind) => {
    await using redis = await testRedis(kind);
    await using server = await faultyServer({ latency: 200 });
    await using _workers = await workerProcesses(2, { redis: redis.url });
    await using pool = await openWorkerPool({ redis: redis.url, run: "a", lookEvery: 300 });
    const asking = askAll(pool, { url: server.url, count: 60 });
    await sleep(300);
    await redis.kill();
    await sleep(500);
    await redis.start();
    expect(new Set(await asking).size).toBe(60);
    expect(server.counts().requests).toBeLessThanOrEqual(60 + underWay);
  });

  it("outlive a network that is cut", async () => {
    await using redis = await testRedis();
    await using proxy = await tcpProxy(Number(new URL(redis.url).port));
    const url = `redis://127.0.0.1:${proxy.port}`;
    await using server = await faultyServer({ latency: 200 });
    await using _near = await workerProcesses(1, { redis: redis.url });
    await using _far = await workerProcesses(1, { redis: url });
    await using pool = await openWorkerPool({ redis: url, run: "a", lookEvery: 300 });
    const asking = askAll(pool, { url: server.url, count: 60 });
    await sleep(300);
    proxy.cut();
    await sleep(1500);
    proxy.mend();
    expect(new Set(await asking).size).toBe(60);
    expect(server.counts().requests).toBeLessThanOrEqual(60 + underWay);
  });

  it("carry long prompts beside the queue and leave nothing of them behind", async () => {
    await using redis = await testRedis();
    await using server = await faultyServer({ reply: () => "long ".repeat(20_000) });
    const pool = await openWorkerPool({ redis: redis.url, run: "a" });
    const model = remoteModel({ pool, reference: { name: "any", baseUrls: [server.url] }, provider: "test" });
    const text = "word ".repeat(20_000);
    const replying = model.doGenerate({ prompt: [{ role: "user", content: [{ type: "text", text }] }] });
    let jobs: string[] = [];
    await until(async () => {
      jobs = await redis.client.keys("rag-instruct:calls-*:j*");
      return jobs.length > 0;
    });
    expect(JSON.stringify(await redis.client.hgetall(jobs[0]!)).length).toBeLessThan(2000);
    await using _workers = await workerProcesses(1, { redis: redis.url });
    const reply = await replying;
    expect(reply.content).toEqual([{ type: "text", text: "long ".repeat(20_000) }]);
    await pool.close();
    expect(await redis.client.keys("*payload*")).toEqual([]);
  });

  it("refuse a coordinator of another version, and are refused by it, by name", async () => {
    await using redis = await testRedis();
    const other = { role: "worker", id: "x", version: "99.0.0", host: "far", pid: 7 };
    await redis.client.set("rag-instruct:worker:x", JSON.stringify(other));
    await expect(openWorkerPool({ redis: redis.url, run: "a" })).rejects.toThrow(/the worker 7 on far runs 99\.0\.0/);
    await redis.client.set("rag-instruct:coordinator:x", JSON.stringify({ ...other, role: "coordinator" }));
    const starting = startWorker({
      redis: redis.url,
      openModel: () => expect.unreachable(),
      openEmbedder: () => expect.unreachable(),
    });
    await expect(starting).rejects.toThrow(/the coordinator 7 on far runs 99\.0\.0/);
  });

  it("serve one coordinator of a run at a time", async () => {
    await using redis = await testRedis();
    await using _pool = await openWorkerPool({ redis: redis.url, run: "a" });
    const second = openWorkerPool({ redis: redis.url, run: "a" });
    await expect(second).rejects.toThrow(/run a is under way at the coordinator/);
  });

  it("need the password of Redis, and no error tells it", async () => {
    await using redis = await testRedis({ password: "open-sesame-1" });
    await using _pool = await openWorkerPool({ redis: redis.url, run: "a" });
    const wrong = redis.url.replace("open-sesame-1", "wrong-secret-2");
    const error = await openWorkerPool({ redis: wrong, run: "b" }).catch((error: Error) => error);
    expect(RagInstructError.is(error, "server-failed")).toBe(true);
    expect(String((error as Error).message)).toMatch(/cannot use Redis at 127\.0\.0\.1:\d+: .*check the URL/);
    expect(JSON.stringify([error, (error as Error).stack])).not.toContain("wrong-secret-2");
  });

  it("say of a Redis that wants a password, or is full, what helps", async () => {
    await using closed = await testRedis({ password: "open-sesame-1" });
    const bare = closed.url.replace(":open-sesame-1@", "");
    await expect(openWorkerPool({ redis: bare, run: "a" })).rejects.toMatchObject({
      code: "server-failed",
      message: expect.stringMatching(
        /^write its password into the URL, redis:.* Redis at 127\.0\.0\.1:\d+ lets nobody in/,
      ),
    });
    await using redis = await testRedis();
    await using server = await faultyServer();
    await using pool = await openWorkerPool({ redis: redis.url, run: "a" });
    await redis.client.config("SET", "maxmemory", "1");
    const isFull = {
      code: "server-failed",
      message: expect.stringMatching(/^raise maxmemory of Redis.*Redis at 127\.0\.0\.1:\d+ is full \(OOM/),
    };
    const openModel = () => expect.unreachable();
    await expect(openWorkerPool({ redis: redis.url, run: "b" })).rejects.toMatchObject(isFull);
    await expect(startWorker({ redis: redis.url, openModel, openEmbedder: openModel })).rejects.toMatchObject(isFull);
    // One call tells it, and no other is tried.
    await expect(askAll(pool, { url: server.url, count: 40 })).rejects.toMatchObject(isFull);
  });

  it("speak TLS with a Redis whose certificate is trusted, and with no other", async () => {
    const files = selfSigned(await mkdtemp(join(tmpdir(), "rag-instruct-tls-")));
    await using redis = await testRedis({ tls: files, password: "open-sesame-1" });
    await expect(openWorkerPool({ redis: redis.url, run: "a" })).rejects.toThrow(/self-signed certificate/);
    await using _workers = await workerProcesses(1, { redis: redis.url, trust: files.certificate });
    expect(await redis.client.keys("rag-instruct:worker:*")).toHaveLength(1);
  });

  it("refuse a model's address that holds a password", async () => {
    await using redis = await testRedis();
    await using pool = await openWorkerPool({ redis: redis.url, run: "a" });
    await expect(askAll(pool, { url: "http://me:secret@127.0.0.1:9/v1", count: 1 })).rejects.toThrow(
      /holds a password/,
    );
  });
});
