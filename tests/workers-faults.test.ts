import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type ChatRequest, type FaultyServer, faultyServer } from "@rag-instruct/core/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { until } from "../packages/core/test/children.ts";
import { hasRedis, type TestRedis, testRedis } from "../packages/workers/test/redis-server.ts";
import { type TcpProxy, tcpProxy } from "../packages/workers/test/tcp-proxy.ts";
import { type WorkerProcesses, workerProcesses } from "../packages/workers/test/worker-processes.ts";
import { answerFromDocuments } from "./support/answering-model.ts";
import { runCli, startCli } from "./support/cli.ts";
import { writeSmallCorpus } from "./support/small-corpus.ts";

const each = 18;
const paradigms = ["single-doc-answer", "multi-doc-answer"];
const underWay = 16;
const outputs = ["pairs.jsonl", "rejected.jsonl", "train.jsonl"];

/** What a fault has to work with, once a third of the calls are answered. */
interface Scene {
  redis: TestRedis;
  workers: WorkerProcesses;
  proxy: TcpProxy;
  /** The coordinator's process, and how to start it again. */
  run: ReturnType<typeof startCli>;
  start(): ReturnType<typeof startCli>;
}

interface Fault {
  name: string;
  persistent?: boolean;
  strike(scene: Scene): Promise<unknown>;
}

const faults: Fault[] = [
  { name: "a worker killed", strike: async ({ workers }) => workers.children[0]!.kill("SIGKILL") },
  { name: "a worker that hangs", strike: async ({ workers }) => workers.children[0]!.kill("SIGSTOP") },
  ...[true, false].map((persistent) => ({
    name: `Redis started again ${persistent ? "with" : "without"} its data`,
    persistent,
    async strike({ redis }: Scene) {
      await redis.kill();
      await redis.start();
    },
  })),
  {
    name: "the coordinator killed",
    async strike(scene) {
      scene.run.child.kill("SIGKILL");
      await once(scene.run.child, "close");
      scene.run = scene.start();
    },
  },
  {
    name: "the network cut",
    async strike({ proxy }) {
      proxy.cut();
      await sleep(500);
      proxy.mend();
    },
  },
];

// The one that has to be gone on from by hand is enough for every day, since the tests of the workers alone have the others;
// `pnpm run test:kills` takes them all.
const struck = process.env.RAG_INSTRUCT_KILLS ? faults : faults.filter(({ name }) => name === "the coordinator killed");

function refuseForGood({ messages }: ChatRequest) {
  const isRefused = /In 1813 /.test(messages.at(-1)!.content);
  return isRefused ? { status: 413, code: "too_large", message: "too long for the model" } : undefined;
}

describe.skipIf(!hasRedis)("a run whose fault is (redis-server is not installed)", { timeout: 240_000 }, () => {
  let folder: string;
  let server: FaultyServer;
  let answered: number;
  const argsFor = (run: string) => [
    ...["run", "corpus", "--to", run, "--exemplars", "open.jsonl", "--paradigm", ...paradigms],
    ...["--pairs", String(each), "--base-url", server.url, "--model", "m", "--concurrency", String(underWay)],
  ];
  const read = (run: string) => Promise.all(outputs.map((name) => readFile(join(folder, run, name), "utf8")));

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "spread-faults-"));
    await writeSmallCorpus(join(folder, "corpus"), { pages: 60 });
    await writeFile(join(folder, "open.jsonl"), '{"question":"Who built the first lighthouse?","task":"open"}\n');
    server = await faultyServer({ reply: answerFromDocuments, latency: 150, refuse: refuseForGood });
    const alone = await runCli(argsFor("alone"), { cwd: folder });
    expect([alone.code, alone.stderr]).toEqual([0, expect.any(String)]);
    // Work that always fails is part of every run below.
    expect((await read("alone"))[1]).toContain("too long for the model");
    answered = server.counts().answered;
  }, 240_000);
  afterAll(async () => {
    await server.close();
    await rm(folder, { recursive: true, force: true });
  });

  it.each(struck)("$name ends with exactly the pairs of one machine", async ({ name, persistent = false, strike }) => {
    await using redis = await testRedis({ persistent });
    await using proxy = await tcpProxy(Number(new URL(redis.url).port));
    const far = `redis://127.0.0.1:${proxy.port}`;
    await using workers = await workerProcesses(2, { redis: redis.url, lockFor: 2000 });
    const run = name.replaceAll(" ", "-");
    const start = () =>
      startCli([...argsFor(run), "--redis", name.includes("network") ? far : redis.url], { cwd: folder });
    const before = server.counts();
    const scene: Scene = { redis, workers, proxy, run: start(), start };
    await until(() => server.counts().answered >= before.answered + answered / 3, scene.run);
    await strike(scene);
    const { code, stderr } = await scene.run.result;
    expect([code, stderr]).toEqual([0, expect.stringContaining("synthesize")]);
    expect(await read(run)).toEqual(await read("alone"));
    const pairs = (await readFile(join(folder, run, "pairs.jsonl"), "utf8")).trim().split("\n");
    const of = (paradigm: string) => pairs.filter((line) => JSON.parse(line).paradigm === paradigm).length;
    expect(paradigms.map(of)).toEqual(paradigms.map(() => each));
    const ledger = (await readFile(join(folder, run, "ledger.jsonl"), "utf8")).trim().split("\n");
    expect(new Set(ledger.map((line) => JSON.parse(line).key)).size).toBe(ledger.length);
    expect(server.counts().answered - before.answered).toBeLessThanOrEqual(answered + underWay);
  });
});
