import { spawnSync } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type FaultyServer, faultyServer } from "@rag-instruct/core/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { until } from "../packages/core/test/children.ts";
import { writeTinyModel } from "../packages/embed/test/tiny-model.ts";
import { hasRedis, type TestRedis, testRedis } from "../packages/workers/test/redis-server.ts";
import { answerFromDocuments } from "./support/answering-model.ts";
import { runCli, startCli } from "./support/cli.ts";
import { embeddingServer } from "./support/embedding-server.ts";
import { writeSmallCorpus } from "./support/small-corpus.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "spread-"));
  await writeSmallCorpus(join(folder, "corpus"), { pages: 40 });
  await writeFile(join(folder, "open.jsonl"), '{"question":"Who built the first lighthouse?","task":"open"}\n');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const outputs = ["pairs.jsonl", "rejected.jsonl", "train.jsonl", "report.html", "manifest.json"];
const read = (run: string) => Promise.all(outputs.map((name) => readFile(join(folder, run, name), "utf8")));

async function contentOf(place: string): Promise<Record<string, string>> {
  const names = (await readdir(place)).sort();
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await readFile(join(place, name), "hex")])),
  );
}

describe.skipIf(!hasRedis)("a run spread over workers (redis-server is not installed)", { timeout: 240_000 }, () => {
  it("has the bytes of a run on one machine, though workers are killed", async () => {
    await using redis = await testRedis();
    await using server = await faultyServer({
      reply: answerFromDocuments,
      latency: 100,
      apiKey: "sk-of-the-workers-1",
    });
    const argsFor = (run: string) => [
      ...["run", "corpus", "--to", run, "--exemplars", "open.jsonl", "--paradigm", "single-doc-answer"],
      ...["--pairs", "40", "--base-url", server.url, "--model", "m", "--concurrency", "16"],
    ];
    const key = { OPENAI_API_KEY: "sk-of-the-workers-1" };
    const alone = await runCli(argsFor("alone"), { cwd: folder, env: key });
    expect([alone.code, alone.stderr]).toEqual([0, expect.stringContaining("40 accepted")]);
    const asked = server.counts().answered;

    const argsOfWorker = ["worker", "--redis", redis.url, "--concurrency", "4", "--allow", server.url];
    const worker = () => startCli(argsOfWorker, { cwd: folder, env: key });
    const workers = [worker(), worker()];
    const spread = startCli([...argsFor("spread"), "--redis", redis.url], { cwd: folder });
    await until(() => server.counts().answered >= asked + 8, spread);
    workers[0]!.child.kill("SIGKILL");
    const { code, stderr } = await spread.result;
    expect([code, stderr]).toEqual([0, expect.stringContaining("40 accepted")]);
    expect(await read("spread")).toEqual(await read("alone"));
    expect(server.counts().answered - asked).toBeLessThanOrEqual(asked + 4);

    workers[1]!.child.kill("SIGINT");
    const stopped = await workers[1]!.result;
    expect([stopped.code, stopped.stdout]).toEqual([0, expect.stringMatching(/^\d+ calls made/)]);
    const holding = spawnSync("grep", ["-rl", "sk-of-the-workers-1", join(folder, "spread")], { encoding: "utf8" });
    expect([holding.status, holding.stdout]).toEqual([1, ""]);
  });

  it("is looked at by doctor, which tells no password", async () => {
    await using redis = await testRedis({ password: "open-sesame-1" });
    const doctor = async (url: string) => (await runCli(["doctor", "corpus", "--redis", url], { cwd: folder })).stdout;
    const alone = await doctor(redis.url);
    expect(alone).toMatch(/ok {4}redis +Redis \d+\.\d+\.\d+ at 127\.0\.0\.1:\d+, password, no TLS/);
    expect(alone).toMatch(/warn {2}workers +none\n +-> start one/);
    await redis.client.config("SET", "maxmemory-policy", "allkeys-lru");
    const worker = startCli(["worker", "--redis", redis.url], { cwd: folder });
    await until(async () => (await redis.client.keys("rag-instruct:worker:*")).length > 0, worker);
    const served = await doctor(redis.url);
    expect(served).toMatch(/ok {4}workers +1 \(1 make calls, 0 embed\)/);
    expect(served).toMatch(/warn {2}redis memory .*allkeys-lru\n.*noeviction/);
    worker.child.kill("SIGINT");
    await worker.result;
    const wrong = await doctor(redis.url.replace("open-sesame-1", "wrong-secret-2"));
    expect(wrong).toMatch(/FAIL {2}redis +cannot use Redis at 127/);
    expect(alone + served + wrong).not.toMatch(/open-sesame|wrong-secret/);
  });

  it("says what a worker lacks", async () => {
    await using redis = await testRedis();
    const nameless = await runCli(["worker"], { cwd: folder });
    expect([nameless.code, nameless.stderr]).toEqual([2, expect.stringContaining("--redis")]);
    await using server = await faultyServer();
    const run = (...args: string[]) =>
      runCli(["run", "corpus", "--to", "refused", "--pairs", "1", "--redis", redis.url, ...args], { cwd: folder });
    const modelAt = (keyVariable: string) => [
      ...["--paradigm", "useless-doc", "--set"],
      `model=${JSON.stringify({ name: "m", baseUrl: server.url, keyVariable })}`,
    ];
    const worker = startCli(["worker", "--redis", redis.url, "--embeddings", "theirs"], {
      cwd: folder,
      env: { OPENAI_API_KEY: "x", SECRET_OF_OTHERS: "x" },
    });
    const otherKey = await run(...modelAt("SECRET_OF_OTHERS"));
    expect([otherKey.code, otherKey.stderr]).toEqual([2, expect.stringContaining("--key-variable SECRET_OF_OTHERS")]);
    const otherAddress = await run(...modelAt("OPENAI_API_KEY"));
    expect([otherAddress.code, otherAddress.stderr]).toEqual([2, expect.stringContaining(`--allow ${server.url}`)]);
    const otherModel = await run("--embeddings", "mine");
    expect([otherModel.code, otherModel.stderr]).toEqual([2, expect.stringContaining("--embeddings mine")]);
    worker.child.kill("SIGINT");
    await worker.result;
    expect(server.counts().requests).toBe(0);
  });

  it("embeds by shards, to the bytes of one machine, though a worker is killed", async () => {
    await using redis = await testRedis();
    await writeTinyModel(join(folder, "tiny"));
    const passages = Array.from({ length: 9000 }, (_, i) => ({
      id: `p${i}`,
      title: "",
      text: `w${4 + (i % 9)} w${5 + (i % 7)}`,
    }));
    await writeFile(join(folder, "words.jsonl"), passages.map((passage) => JSON.stringify(passage)).join("\n"));
    const argsFor = (to: string) => ["embed", "words.jsonl", "--to", to, "--embeddings", "tiny"];
    const alone = await runCli(argsFor("embedded"), { cwd: folder });
    expect([alone.code, alone.stderr]).toEqual([0, expect.stringContaining("embed ")]);
    const worker = () => startCli(["worker", "--redis", redis.url, "--embeddings", "tiny"], { cwd: folder });
    const workers = [worker(), worker()];
    const spread = startCli([...argsFor("embedded-by-workers"), "--redis", redis.url], { cwd: folder });
    await until(async () => (await redis.client.keys("rag-instruct:embed-*:j*:lock")).length > 0, spread);
    workers[0]!.child.kill("SIGKILL");
    const { code, stderr } = await spread.result;
    expect([code, stderr]).toEqual([0, expect.stringContaining("embed ")]);
    expect(await contentOf(join(folder, "embedded-by-workers/embeddings"))).toEqual(
      await contentOf(join(folder, "embedded/embeddings")),
    );
    workers[1]!.child.kill("SIGINT");
    await workers[1]!.result;
  });

  describe("by workers that serve one command after another", () => {
    let redis: TestRedis;
    let embeddings: Awaited<ReturnType<typeof embeddingServer>>;
    let server: FaultyServer;
    let workers: ReturnType<typeof startCli>[];
    beforeAll(async () => {
      redis = await testRedis();
      embeddings = await embeddingServer();
      server = await faultyServer({ reply: ({ messages }) => `It is ${messages.at(-1)!.content.length}.` });
      const args = ["worker", "--redis", redis.url, "--allow", embeddings.url, server.url];
      workers = [startCli(args, { cwd: folder }), startCli(args, { cwd: folder })];
    });
    afterAll(async () => {
      for (const { child } of workers) child.kill("SIGINT");
      await Promise.all(workers.map(({ result }) => result));
      await server.close();
      await embeddings[Symbol.asyncDispose]();
      await redis[Symbol.asyncDispose]();
    });

    it("embeds by the workers' endpoints, and the ledger keeps what they gave", async () => {
      const choice = `embeddings=${JSON.stringify({ name: "words", baseUrl: embeddings.url, dimensions: embeddings.dimensions })}`;
      const argsFor = (to: string) => ["embed", "corpus", "--to", to, "--set", choice];
      await runCli(argsFor("called"), { cwd: folder });
      const asked = embeddings.requests();
      const spread = await runCli([...argsFor("called-by-workers"), "--redis", redis.url], { cwd: folder });
      expect([spread.code, embeddings.requests() - asked]).toEqual([0, asked]);
      const places = ["called-by-workers", "called"].map((run) => join(folder, run));
      const [theirs, ours] = await Promise.all(places.map((run) => contentOf(join(run, "embeddings"))));
      expect(theirs).toEqual(ours);
      const ledgers = await Promise.all(places.map((run) => readFile(join(run, "ledger.jsonl"), "utf8")));
      const [made, expected] = ledgers.map((text) => text.trim().split("\n").sort());
      expect(made).toEqual(expected);
    });

    it("evaluates by items, to the report of one machine", async () => {
      const records = Array.from({ length: 60 }, (_, i) => ({
        question: `What is ${"x".repeat(i)}?`,
        answers: [`${i}`],
      }));
      await writeFile(join(folder, "questions.jsonl"), records.map((record) => JSON.stringify(record)).join("\n"));
      const argsFor = (to: string) => ["eval", "triviaqa=questions.jsonl", "--output", to, "--base-url", server.url];
      const alone = await runCli([...argsFor("report"), "--model", "m"], { cwd: folder });
      expect([alone.code, alone.stdout]).toEqual([0, expect.stringContaining("60 answered + 0 failed = 60 asked")]);
      const spread = await runCli([...argsFor("report-of-workers"), "--model", "m", "--redis", redis.url], {
        cwd: folder,
      });
      expect(spread.code).toBe(0);
      const reports = ["report", "report-of-workers"].map((to) => readFile(join(folder, to, "eval.json"), "utf8"));
      const [theirs, ours] = (await Promise.all(reports)).map((report) => JSON.parse(report));
      expect(ours.command).toBe(
        theirs.command.replace(/--output report /, "--output report-of-workers ").concat(` --redis ${redis.url}`),
      );
      expect(theirs).toEqual({ ...ours, command: theirs.command });
      expect(server.counts().requests).toBe(120);
    });
  });
});
