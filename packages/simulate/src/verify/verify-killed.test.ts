import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { seededRandom } from "@rag-instruct/core";
import { type ChatRequest, type FaultyServer, faultyServer } from "@rag-instruct/core/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { until } from "../../../core/test/children.ts";
import { readByRules } from "../../test/rule-reader.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "verify-killed-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const inFlight = 8;
const kills = process.env.RAG_INSTRUCT_KILLS ? 3 : 1;

const child = fileURLToPath(new URL("../../test/verify-child.ts", import.meta.url));

/** Verifies labelled pairs of every kind to the proof, then the noise of examples, in a process of its own. */
function startRun(url: string, name: string) {
  const files = [join(folder, `${name}.ledger.jsonl`), join(folder, `${name}.out`)];
  const args = ["--conditions=@rag-instruct/source", "--no-warnings", child, url, ...files, String(inFlight)];
  return spawn(process.execPath, args, { stdio: ["ignore", "inherit", "inherit"] });
}

const startServer = (seed: number): Promise<FaultyServer> =>
  faultyServer({
    seed,
    latency: 10,
    faults: { "rate-limit": 0.03, "server-error": 0.05, reset: 0.03, "cut-body": 0.03 },
    retryAfterSeconds: 0,
    reply: ({ messages }: ChatRequest) => readByRules(messages[0]!.content, messages.at(-1)!.content),
  });

describe("kill -9 of a verification", () => {
  it("changes no byte of the verdicts, and pays twice for no more than was in flight", async () => {
    const random = seededRandom("verify kills");
    await using calm = await startServer(1);
    expect((await once(startRun(calm.url, "whole"), "exit"))[0]).toBe(0);
    const all = calm.counts().distinct;
    expect(all).toBeGreaterThan(100);
    await using server = await startServer(2);
    for (let kill = 0; kill < kills; kill++) {
      const child = startRun(server.url, "killed");
      const ended = once(child, "exit");
      const target = server.counts().answered + 1 + random.integer(Math.floor(all / kills));
      await until(() => server.counts().answered >= target || child.exitCode !== null, { every: 2 });
      await sleep(random.integer(12));
      child.kill("SIGKILL");
      await ended;
    }
    expect((await once(startRun(server.url, "killed"), "exit"))[0]).toBe(0);
    const output = (name: string) => readFile(join(folder, `${name}.out`), "utf8");
    expect(await output("killed")).toBe(await output("whole"));
    const { answered, distinct, requests } = server.counts();
    expect(distinct).toBe(all);
    expect(answered - distinct).toBeLessThanOrEqual(kills * inFlight);
    await once(startRun(server.url, "killed"), "exit");
    expect(server.counts().requests).toBe(requests);
  }, 300_000);
});
