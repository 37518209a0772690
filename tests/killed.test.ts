import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { seededRandom } from "@rag-instruct/core";
import { faultyServer } from "@rag-instruct/core/testing";
import { afterAll, beforeAll, expect, it } from "vitest";
import { until } from "../packages/core/test/children.ts";
import { answerFromDocuments } from "./support/answering-model.ts";
import { runCli, startCli } from "./support/cli.ts";
import { embeddingServer } from "./support/embedding-server.ts";
import { writeSmallCorpus } from "./support/small-corpus.ts";

// Calls that a run has under way at the same time.
const underWay = 2;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "killed-"));
  await writeSmallCorpus(join(folder, "corpus"), { pages: 40 });
  await writeFile(join(folder, "open.jsonl"), '{"question":"Who built the first lighthouse?","task":"open"}\n');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Hashes of everything in a run folder but what tells of time, place or the order of replies. */
async function contents(run: string): Promise<Record<string, string>> {
  const entries = await readdir(run, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const own = /^(ledger\.jsonl|stages\.json|settings\.json|corpus\.sqlite)$/;
  const hashes: Record<string, string> = {};
  for (const file of files.sort()) {
    const name = relative(run, file);
    if (!own.test(name))
      hashes[name] = createHash("sha256")
        .update(await readFile(file))
        .digest("hex");
  }
  return hashes;
}

it("kill -9 at any moment of the whole flow, hybrid retrieval included, ends in the same bytes after running again", async () => {
  // Beyond this number of requests none is answered before the process has ended that is to be killed: it cannot end by itself.
  let last = Number.POSITIVE_INFINITY;
  let ended = Promise.withResolvers<void>();
  const hold = () => (progress() >= last ? ended.promise : Promise.resolve());
  await using model = await faultyServer({
    ...{ reply: answerFromDocuments, latency: 20 },
    intercept: ({ moment }) => (moment === "come" ? hold() : Promise.resolve()),
  });
  await using embeddings = await embeddingServer({ intercept: hold });
  const progress = () => model.counts().answered + embeddings.requests();
  const choice = JSON.stringify({ name: "words", baseUrl: embeddings.url, dimensions: embeddings.dimensions });
  const argsFor = (run: string) => [
    ...["run", "corpus", "--to", run, "--exemplars", "open.jsonl", "--paradigm", "single-doc-answer", "--pairs", "12"],
    ...["--base-url", model.url, "--model", "m", "--concurrency", String(underWay), "--set", `embeddings=${choice}`],
  ];
  const start = performance.now();
  const whole = await runCli(argsFor("whole"), { cwd: folder });
  const length = performance.now() - start;
  expect([whole.code, whole.stderr]).toEqual([0, expect.stringContaining("12 accepted")]);
  const expected = await contents(join(folder, "whole"));
  expect(Object.keys(expected)).toEqual(
    expect.arrayContaining(["embeddings/manifest.json", "train.jsonl", "manifest.json"]),
  );
  const asked = model.counts().answered;
  const all = progress();

  // One kill, half way through the calls, is enough for every day; `pnpm run test:kills` kills at any moment.
  const isThorough = process.env.RAG_INSTRUCT_KILLS !== undefined;
  const { lives, deathsEach } = isThorough ? { lives: 3, deathsEach: 3 } : { lives: 1, deathsEach: 1 };
  const random = seededRandom("moments of death");
  for (let life = 0; life < lives; life++) {
    const run = `killed-${life}`;
    const [before, first] = [model.counts().answered, progress()];
    // Each death may lose the calls that were under way.
    const moments = Array.from({ length: deathsEach }, () => (isThorough ? random.integer(all - underWay) : all / 2));
    last = first + all - underWay;
    for (const moment of moments.sort((a, b) => a - b)) {
      ended = Promise.withResolvers<void>();
      const { child, result } = startCli(argsFor(run), { cwd: folder });
      await until(() => existsSync(join(folder, run)) && progress() - first >= moment, { child });
      // Somewhere before the next request is as good a moment as that request.
      if (isThorough) await sleep((random.next() * length) / all);
      child.kill("SIGKILL");
      await result;
      ended.resolve();
    }
    last = Number.POSITIVE_INFINITY;
    const resumed = await runCli(argsFor(run), { cwd: folder });
    expect([resumed.code, resumed.stderr]).toEqual([0, expect.stringContaining("12 accepted")]);
    expect(await contents(join(folder, run))).toEqual(expected);
    expect(model.counts().answered - before).toBeLessThanOrEqual(asked + underWay * deathsEach);
  }
});

it("two runs in one folder: the second one is refused by name and harms nothing", async () => {
  const isRefused = Promise.withResolvers<void>();
  await using model = await faultyServer({ reply: answerFromDocuments, intercept: () => isRefused.promise });
  const args = [
    "run",
    "corpus",
    "--to",
    "shared",
    "--pairs",
    "2",
    "--base-url",
    model.url,
    "--model",
    "m",
    "--concurrency",
    "1",
  ];
  const first = startCli(args, { cwd: folder });
  await until(() => model.counts().requests > 0, first);
  const second = await runCli(args, { cwd: folder });
  expect([second.code, second.stderr]).toEqual([1, expect.stringMatching(/error: .*shared is in use by process \d+/)]);
  isRefused.resolve();
  expect((await first.result).code).toBe(0);
});
