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

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "synthesize-killed-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const inFlight = 8;
// One kill is enough for every day; `pnpm run test:kills` takes them all.
const { seeds, moments } = process.env.RAG_INSTRUCT_KILLS
  ? { seeds: [1, 2, 3, 4, 5], moments: 6 }
  : { seeds: [1], moments: 1 };

const child = fileURLToPath(new URL("../../test/synthesize-child.ts", import.meta.url));

/** Writes the outcomes of 120 tasks and their reserves, in a process of its own. */
function startRun(url: string, name: string) {
  const files = [join(folder, `${name}.ledger.jsonl`), join(folder, `${name}.out`)];
  const args = ["--conditions=@rag-instruct/source", "--no-warnings", child, url, ...files, String(inFlight)];
  return spawn(process.execPath, args, { stdio: ["ignore", "inherit", "inherit"] });
}

const startServer = (seed: number): Promise<FaultyServer> =>
  faultyServer({
    seed,
    latency: 15,
    faults: { "rate-limit": 0.03, "server-error": 0.05, reset: 0.03, "cut-body": 0.03, drip: 0.1 },
    retryAfterSeconds: 0,
    reply: ({ messages }: ChatRequest) => {
      const prompt = messages.at(-1)!.content;
      const code = prompt.match(/code\d+/)![0];
      // A fifth cannot be read the first time, and half of those not the second time either.
      const mood = seededRandom("mood", code).next();
      if (mood < 0.1 || (mood < 0.2 && !prompt.includes("could not be used"))) return "Sure!";
      return JSON.stringify({
        question: "Which of the old stations on the line did the engineer build?",
        answer: code,
      });
    },
  });

const output = (name: string) => readFile(join(folder, `${name}.out`), "utf8");

describe("kill -9", () => {
  it.each(seeds)(
    `at ${moments} seeded moments changes no byte and pays twice for no more than was in flight (seed %i)`,
    async (seed) => {
      const random = seededRandom(seed, "kills");
      await using calm = await startServer(100 + seed);
      await once(startRun(calm.url, `whole-${seed}`), "exit");
      await using server = await startServer(seed);
      const name = `killed-${seed}`;
      let kills = 0;
      for (; kills < moments; kills++) {
        const child = startRun(server.url, name);
        const ended = once(child, "exit");
        const target = server.counts().answered + 1 + random.integer(22);
        await until(() => server.counts().answered >= target || child.exitCode !== null, { every: 2 });
        await sleep(random.integer(12));
        child.kill("SIGKILL");
        await ended;
      }
      expect((await once(startRun(server.url, name), "exit"))[0]).toBe(0);
      expect(await output(name)).toBe(await output(`whole-${seed}`));
      const { answered, distinct } = server.counts();
      expect(distinct).toBe(calm.counts().distinct);
      expect(answered - distinct).toBeLessThanOrEqual(kills * inFlight);

      const { requests } = server.counts();
      await once(startRun(server.url, name), "exit");
      expect(server.counts().requests).toBe(requests);
    },
    120_000,
  );
});
