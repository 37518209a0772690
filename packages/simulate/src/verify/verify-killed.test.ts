import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { seededRandom } from "@rag-instruct/core";
import { type ChatRequest, type FaultyServer, faultyServer } from "@rag-instruct/core/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readByRules } from "../../test/rule-reader.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "verify-killed-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const inFlight = 8;

/** Verifies labelled pairs of every kind to the proof, then the noise of examples, in a process of its own. */
function startRun(url: string, name: string) {
  const script = `
    import { writeFile } from "node:fs/promises";
    import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
    import { openCalls } from "@rag-instruct/core/calls";
    import { demoPassages } from "../../test/demo-passages.ts";
    import { labelledPairs } from "../../test/labelled-pairs.ts";
    import { noisyExamples } from "../../test/noisy-examples.ts";
    import { proveNoise, verify } from "../index.ts";
    globalThis.AI_SDK_LOG_WARNINGS = false;
    const pairs = labelledPairs(demoPassages(), { each: 3, seed: 3 }).map(({ pair }) => pair);
    const examples = noisyExamples({ count: 20, badShare: 0.3 }).map(({ example }) => example);
    const calls = await openCalls({ ledger: ${JSON.stringify(join(folder, `${name}.ledger.jsonl`))}, backOff: 5, concurrency: { max: ${inFlight} }, breakAfter: 1000, attempts: 12 });
    const model = createOpenAICompatible({ name: "test", baseURL: ${JSON.stringify(url)} })("m");
    const outcomes = await Array.fromAsync(verify({ pairs, level: "proof", model, calls, duplicates: {} }));
    const proof = proveNoise({ examples, model, calls, sample: 12, seed: 2 });
    for await (const outcome of proof) outcomes.push(outcome);
    await calls.close();
    await writeFile(${JSON.stringify(join(folder, `${name}.out`))}, [...outcomes, proof.report()].map((o) => JSON.stringify(o)).join("\\n"));`;
  const args = ["--conditions=@rag-instruct/source", "--no-warnings", "--input-type=module", "-e", script];
  return spawn(process.execPath, args, { cwd: import.meta.dirname, stdio: ["ignore", "inherit", "inherit"] });
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
    const kills = 3;
    for (let kill = 0; kill < kills; kill++) {
      const child = startRun(server.url, "killed");
      const ended = once(child, "exit");
      const target = server.counts().answered + 1 + random.integer(Math.floor(all / kills));
      while (server.counts().answered < target && child.exitCode === null) await sleep(2);
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
