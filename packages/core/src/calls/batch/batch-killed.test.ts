import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { until } from "../../../test/children.ts";
import { type BatchPlay, type FaultyServer, faultyServer } from "../../testing/index.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "batch-killed-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const child = fileURLToPath(new URL("../../../test/batch-child.ts", import.meta.url));

/** Asks 40 questions through batches of 16, in a process of its own, and writes the replies. */
function startRun(url: string): ChildProcess {
  const args = [
    "--conditions=@rag-instruct/source",
    "--no-warnings",
    child,
    url,
    join(folder, "ledger.jsonl"),
    join(folder, "out"),
  ];
  return spawn(process.execPath, args, { stdio: ["ignore", "inherit", "inherit"] });
}

/** A server that kills the client when a request of this kind has come for the nth time, or has been carried out. */
async function serverThatKills(
  at: { request: RegExp; nth: number; moment: "come" | "carried-out" },
  batch: BatchPlay = {},
) {
  let child: ChildProcess | undefined;
  let seen = 0;
  let killed = false;
  const server = await faultyServer({
    batch,
    async intercept({ method, path, moment }) {
      if (killed || moment !== at.moment || !at.request.test(`${method} ${path}`) || ++seen < at.nth) return;
      killed = true;
      child?.kill("SIGKILL");
      await once(child!, "exit");
    },
  });
  return {
    server,
    wasKilled: () => killed,
    async run() {
      child = startRun(server.url);
      return (await once(child, "exit"))[0];
    },
  };
}

async function expectWhole({ counts }: FaultyServer, batchesMade = 3): Promise<void> {
  const texts = (await readFile(join(folder, "out"), "utf8")).split("\n");
  expect(new Set(texts).size).toBe(40);
  const { answered, distinct, batches } = counts();
  expect({ answered, distinct, batches }).toEqual({ answered: 40, distinct: 40, batches: batchesMade });
  const ledger = (await readFile(join(folder, "ledger.jsonl"), "utf8")).trim().split("\n");
  expect(new Set(ledger.map((line) => JSON.parse(line).key)).size).toBe(40);
  expect(ledger).toHaveLength(40);
  expect(existsSync(join(folder, "ledger.jsonl.batches"))).toBe(false);
}

/** One kill of each kind for every day; `pnpm run test:kills` takes them all. */
const everyDay = <T>(cases: readonly T[]): readonly T[] => (process.env.RAG_INSTRUCT_KILLS ? cases : cases.slice(-1));

describe("kill -9", () => {
  const steps: [string, RegExp][] = [
    ["a file is uploaded", /^POST \/files$/],
    ["a batch is created", /^POST \/batches$/],
    ["a batch is looked at", /^GET \/batches\/\w+$/],
    ["answers are fetched", /^GET \/files\/\S+\/content$/],
  ];
  const cases = steps.flatMap(([step, request]) =>
    (["come", "carried-out"] as const).flatMap((moment) => [1, 3].map((nth) => ({ step, request, moment, nth }))),
  );
  it.each(everyDay(cases))(
    "when $step for the $nth time ($moment) loses nothing and pays nothing twice",
    async (at) => {
      const { server, run, wasKilled } = await serverThatKills(at);
      await using _ = server;
      await run();
      expect(wasKilled()).toBe(true);
      expect(await run()).toBe(0);
      await expectWhole(server);
    },
  );

  const halvings = (["come", "carried-out"] as const).flatMap((moment) => [1, 3, 5].map((nth) => ({ moment, nth })));
  it.each(everyDay(halvings))(
    "while files are halved, at the $nth. of them ($moment), loses nothing and pays nothing twice",
    async (at) => {
      // A request has about 150 bytes: four at a time are taken.
      const { server, run, wasKilled } = await serverThatKills({ ...at, request: /^POST \/files$/ }, { bytes: 800 });
      await using _ = server;
      await run();
      expect(wasKilled()).toBe(true);
      expect(await run()).toBe(0);
      await expectWhole(server, server.counts().batches);
      expect(server.counts().statuses[413]).toBeGreaterThan(0);
    },
  );

  it("while answers land in the ledger adds each of them once", async () => {
    await using server = await faultyServer();
    const ledger = join(folder, "ledger.jsonl");
    const child = startRun(server.url);
    const ended = once(child, "exit");
    const size = async () => (await readFile(ledger, "utf8").catch(() => "")).length;
    await until(async () => child.exitCode !== null || (await size()) >= 1500, { every: 0 });
    child.kill("SIGKILL");
    await ended;
    // As a kill between two lines leaves it: some answers landed, the batch still on record.
    const text = await readFile(ledger, "utf8");
    await writeFile(ledger, text.slice(0, text.lastIndexOf("\n") + 1));
    expect((await once(startRun(server.url), "exit"))[0]).toBe(0);
    await expectWhole(server);
  });
});
