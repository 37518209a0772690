import { spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { faultyServer } from "@rag-instruct/core/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hasRedis, testRedis } from "../packages/rag-instruct/test/redis-server.ts";
import { answerFromDocuments } from "./support/answering-model.ts";
import { runCli, startCli } from "./support/cli.ts";
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

describe.skipIf(!hasRedis)("a run spread over workers (redis-server is not installed)", () => {
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

    const worker = () => startCli(["worker", "--redis", redis.url, "--concurrency", "4"], { cwd: folder, env: key });
    const workers = [worker(), worker()];
    const spread = startCli([...argsFor("spread"), "--redis", redis.url], { cwd: folder });
    while (server.counts().answered < asked + 8) await sleep(20);
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

  it("says what a worker lacks", async () => {
    await using redis = await testRedis();
    const nameless = await runCli(["worker"], { cwd: folder });
    expect([nameless.code, nameless.stderr]).toEqual([2, expect.stringContaining("--redis")]);
    await using server = await faultyServer();
    const worker = startCli(["worker", "--redis", redis.url], { cwd: folder, env: { SECRET_OF_OTHERS: "x" } });
    const run = await runCli(
      [
        ...["run", "corpus", "--to", "refused", "--pairs", "1", "--paradigm", "useless-doc", "--redis", redis.url],
        ...["--set", `model=${JSON.stringify({ name: "m", baseUrl: server.url, keyVariable: "SECRET_OF_OTHERS" })}`],
      ],
      { cwd: folder },
    );
    worker.child.kill("SIGINT");
    await worker.result;
    expect([run.code, run.stderr]).toEqual([1, expect.stringContaining("--key-variable SECRET_OF_OTHERS")]);
    expect(server.counts().requests).toBe(0);
  });
});
