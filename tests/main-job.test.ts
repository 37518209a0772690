import { createHash } from "node:crypto";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Pair, TrainingExample } from "@rag-instruct/core";
import { faultyServer } from "@rag-instruct/core/testing";
import { ragInstruct } from "rag-instruct";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { answerFromDocuments } from "./support/answering-model.ts";
import { runCli, startCli } from "./support/cli.ts";
import { writeSmallCorpus } from "./support/small-corpus.ts";

let folder: string;
let corpus: string;
let openExemplars: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "main-job-"));
  corpus = await writeSmallCorpus(join(folder, "corpus"));
  openExemplars = join(folder, "open.jsonl");
  const questions = [
    "Who built the first lighthouse?",
    "When was the oldest library in town founded, and by whom?",
    "How old is that bridge?",
  ];
  await writeFile(
    openExemplars,
    questions.map((question) => `${JSON.stringify({ question, task: "open" })}\n`).join(""),
  );
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function jsonl<T>(path: string): Promise<T[]> {
  const text = await readFile(path, "utf8");
  return text
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as T);
}

/** Hashes of everything a run leaves that must not depend on time, place or concurrency. */
async function fingerprints(run: string): Promise<Record<string, string>> {
  const names = [
    "exemplars.jsonl",
    "plan.jsonl",
    "pairs.jsonl",
    "rejected.jsonl",
    "train.jsonl",
    "report.html",
    "manifest.json",
  ];
  const exports = (await readdir(join(run, "exports"))).map((name) => `exports/${name}`);
  const entries = [...names, ...exports].map(async (name) => [
    name,
    createHash("sha256")
      .update(await readFile(join(run, name)))
      .digest("hex"),
  ]);
  return Object.fromEntries(await Promise.all(entries));
}

describe("the main job", () => {
  it("leaves training data of every paradigm, and every file it speaks of", async () => {
    const run = join(folder, "run");
    const summary = await ragInstruct({ to: run, corpus: { from: corpus }, pairs: 6 });
    expect(summary.stages.map(({ name }) => name)).toEqual([
      "ingest",
      "index",
      "exemplars",
      "plan",
      "synthesize",
      "assemble",
      "export",
      "report",
      "manifest",
    ]);
    const { requested, accepted, rejected, failed } = summary.stages.find(({ name }) => name === "synthesize")!.counts;
    expect(accepted! + rejected! + failed!).toBe(requested);
    expect(accepted).toBe(30);

    const pairs = await jsonl<Pair>(join(run, "pairs.jsonl"));
    const perParadigm = Object.groupBy(pairs, ({ paradigm }) => paradigm);
    expect(Object.values(perParadigm).map((group) => group!.length)).toEqual([6, 6, 6, 6, 6]);
    for (const { paradigm, documents, model } of pairs) {
      expect(documents.length).toBeGreaterThanOrEqual(paradigm.startsWith("multi") ? 2 : 1);
      expect(documents.length).toBeLessThanOrEqual(paradigm.startsWith("multi") ? 4 : 1);
      expect(model).toBe("offline-extractive");
    }
    const examples = await jsonl<TrainingExample>(join(run, "train.jsonl"));
    // A pair whose answer stands in every document ("workers") finds no noise, and is counted as rejected.
    const { rejected: withoutNoise } = summary.stages.find(({ name }) => name === "assemble")!.counts;
    expect(examples.length + withoutNoise!).toBe(pairs.length);
    expect(withoutNoise).toBeLessThan(3);
    const pairOf = new Map(pairs.map((pair) => [pair.id, pair]));
    for (const { id, documents, model } of examples) {
      expect(documents).toHaveLength(10);
      expect(new Set(documents.map(({ id }) => id)).size).toBe(10);
      const sources = documents.filter(({ role }) => role === "source").map(({ id }) => id);
      expect(sources.sort()).toEqual(
        pairOf
          .get(id)!
          .documents.map((document) => document.id)
          .sort(),
      );
      for (const { role, rank, relaxed } of documents)
        if (role === "noise" && !relaxed) expect(rank).toBeGreaterThan(200);
      expect(model).toBe("offline-extractive");
    }
    const manifest = JSON.parse(await readFile(join(run, "manifest.json"), "utf8"));
    expect(manifest.notice).toMatch(/offline/);
    for (const [name, { bytes, sha256 }] of Object.entries<{ bytes: number; sha256: string }>(manifest.outputs)) {
      const content = await readFile(join(run, name));
      expect([name, content.length, createHash("sha256").update(content).digest("hex")]).toEqual([name, bytes, sha256]);
    }
    expect(Object.keys(manifest.outputs)).toEqual(
      expect.arrayContaining(["train.jsonl", "report.html", "exports/sharegpt.jsonl", "exports/messages.jsonl"]),
    );
    expect(await readFile(join(run, "report.html"), "utf8")).toContain("Made with the offline model");
    expect(await readFile(join(run, "exports/README.md"), "utf8")).toContain("Dry-run data");
    expect((await readdir(run)).filter((name) => name.includes("tmp") || name === ".lock")).toEqual([]);
  });

  it("does nothing the second time, and only what has changed the third", async () => {
    const config = { to: join(folder, "again"), corpus: { from: corpus }, pairs: 2 };
    await ragInstruct(config);
    const before = await fingerprints(config.to);
    const second = await ragInstruct(config);
    expect(second.stages.every(({ skipped }) => skipped)).toBe(true);
    const third = await ragInstruct({ ...config, seed: 2 });
    expect(third.stages.filter(({ skipped }) => skipped).map(({ name }) => name)).toEqual([
      "ingest",
      "index",
      "exemplars",
    ]);
    const fourth = await ragInstruct(config);
    expect(fourth.stages.find(({ name }) => name === "synthesize")!.spent).toMatchObject({ "calls made": 0 });
    expect(await fingerprints(config.to)).toEqual(before);
  });

  it("gives the same bytes at any concurrency and in any place", async () => {
    const elsewhere = join(folder, "elsewhere");
    await cp(corpus, join(elsewhere, "corpus"), { recursive: true });
    await ragInstruct({
      to: join(elsewhere, "run"),
      corpus: { from: join(elsewhere, "corpus") },
      pairs: 3,
      concurrency: 16,
    });
    await ragInstruct({ to: join(folder, "serial"), corpus: { from: corpus }, pairs: 3, concurrency: 1 });
    expect(await fingerprints(join(folder, "serial"))).toEqual(await fingerprints(join(elsewhere, "run")));
  });
});

function endpointFlags(url: string): string[] {
  return ["--exemplars", openExemplars, "--paradigm", "single-doc-answer", "--base-url", url, "--model", "m"];
}

describe("with a model behind HTTP", () => {
  it("sends documents and exemplar, takes the key from the environment and leaves it nowhere", async () => {
    const key = "sk-test-0123456789abcdef";
    await using server = await faultyServer({ apiKey: key, reply: answerFromDocuments });
    const run = join(folder, "http");
    const flags = [...endpointFlags(server.url), "--to", run, "--pairs", "2"];
    const { code, stdout, stderr } = await runCli(["run", corpus, ...flags], {
      cwd: folder,
      env: { OPENAI_API_KEY: key },
    });
    expect([code, stderr]).toEqual([0, expect.stringContaining("2 accepted")]);
    expect(stdout).toContain("2 training examples");
    expect(server.counts().statuses).toEqual({ 200: server.counts().requests });
    for (const name of await readdir(run, { recursive: true })) {
      const content = await readFile(join(run, name)).catch(() => Buffer.alloc(0));
      expect(content.includes(key), name).toBe(false);
    }
  });

  it("stops at a wrong key with one line that does not show it", async () => {
    const key = "sk-wrong-0123456789abcdef";
    await using server = await faultyServer({ apiKey: "another" });
    const flags = ["--to", join(folder, "denied"), "--base-url", server.url, "--model", "m", "--pairs", "2"];
    const { code, stderr } = await runCli(["run", corpus, ...flags], { cwd: folder, env: { OPENAI_API_KEY: key } });
    expect(code).toBe(1);
    expect(stderr).toMatch(/error: the endpoint refuses the key/);
    expect(stderr).not.toContain(key);
  });

  it("ends with what it has when the budget is used up, and goes on with a larger one", async () => {
    await using server = await faultyServer({ reply: answerFromDocuments });
    const run = (usd: number) =>
      ragInstruct({
        to: join(folder, "budget"),
        corpus: { from: corpus },
        exemplars: openExemplars,
        model: { name: "m", baseUrl: server.url },
        prices: { m: { inputPerMillion: 10, outputPerMillion: 100 } },
        budget: { usd },
        concurrency: 2,
        pairs: { "single-doc-answer": 20 },
      });
    const counts = (summary: Awaited<ReturnType<typeof run>>) =>
      summary.stages.find(({ name }) => name === "synthesize")!.counts;
    const first = counts(await run(0.5));
    expect(first.failed).toBeGreaterThan(0);
    expect(first.accepted).toBeGreaterThan(0);
    expect(first.accepted! + first.rejected! + first.failed!).toBe(first.requested);
    const { answered } = server.counts();
    const second = counts(await run(5));
    expect(second.accepted).toBe(20);
    expect(server.counts().distinct).toBe(server.counts().answered);
    expect(server.counts().answered).toBeGreaterThan(answered);
  });

  it.each(["SIGKILL", "SIGINT"] as const)(
    "goes on after %s with the same bytes and pays for no reply twice",
    async (signal) => {
      await using server = await faultyServer({ reply: answerFromDocuments, latency: 100 });
      const run = join(folder, `stopped-${signal}`);
      const flags = [...endpointFlags(server.url), "--to", run, "--pairs", "8", "--concurrency", "2"];
      const { child, result } = startCli(["run", corpus, ...flags], { cwd: folder });
      while (server.counts().answered < 4 && child.exitCode === null) await sleep(5);
      child.kill(signal);
      const { code, stderr } = await result;
      if (signal === "SIGINT")
        expect([code, stderr]).toEqual([130, expect.stringContaining("run the same command again")]);
      expect(await readdir(run)).not.toContain("pairs.jsonl");
      const { requests, answered } = server.counts();
      const resumed = await runCli(["run", corpus, ...flags], { cwd: folder });
      expect(resumed.code).toBe(0);
      const fresh = join(folder, `whole-${signal}`);
      await runCli(["run", corpus, ...flags.map((flag) => (flag === run ? fresh : flag))], { cwd: folder });
      expect(await fingerprints(run)).toEqual(await fingerprints(fresh));
      const total = (await jsonl(join(fresh, "ledger.jsonl"))).length;
      // Two calls at a time: at most two were under way and are made again.
      expect(server.counts().requests - requests).toBeLessThanOrEqual(2 * total - answered + 4);
    },
  );
});

describe("bad input gets one line that says what to do, exit code 1 or 2, and leaves nothing half-written", () => {
  const cases: [name: string, message: RegExp, prepare: (place: string) => Promise<string[]>, isUsage?: true][] = [
    ["no such folder", /error: .*nowhere.* not there/, async () => ["nowhere"]],
    [
      "an empty corpus",
      /error: .*(no documents|empty)/i,
      async (place) => {
        await mkdir(join(place, "empty"));
        return ["empty"];
      },
    ],
    [
      "fewer than ten passages",
      /error: .*\b3 passages.*needs 10/,
      async (place) => {
        for (const n of [1, 2, 3]) await writeFile(join(place, `${n}.md`), `Page ${n} is short.`);
        return ["1.md", "2.md", "3.md"];
      },
    ],
    [
      "exemplars that do not parse",
      /error: .*bad\.jsonl:2: not JSON/,
      async (place) => {
        await writeFile(join(place, "bad.jsonl"), '{"question":"What is it?"}\n{"question":\n');
        return [corpus, "--exemplars", "bad.jsonl"];
      },
    ],
    [
      "exemplars of no known shape",
      /error: .*odd\.jsonl has no row of a known exemplar format \(line 1: .*fit no known/,
      async (place) => {
        await writeFile(join(place, "odd.jsonl"), '{"colour":"red"}\n');
        return [corpus, "--exemplars", "odd.jsonl"];
      },
    ],
    [
      "an unknown paradigm",
      /error: there is no paradigm "single-doc"; choose from useless-doc/,
      async () => [corpus, "--paradigm", "single-doc"],
      true,
    ],
    [
      "a run folder that cannot be written",
      /error: cannot write into .*file\/run/,
      async (place) => {
        await writeFile(join(place, "file"), "");
        return [corpus, "--to", "file/run"];
      },
    ],
    [
      "an address that is none",
      /error: --base-url nonsense is no address/,
      async () => [corpus, "--base-url", "nonsense", "--model", "m"],
      true,
    ],
  ];

  it.each(cases)("%s", async (_name, message, prepare, isUsage) => {
    const place = await mkdtemp(join(folder, "bad-"));
    const args = await prepare(place);
    const { code, stdout, stderr } = await runCli(["run", ...args, "--pairs", "1"], { cwd: place });
    const last = stderr.trim().split("\n").at(-1)!;
    expect(last).toMatch(message);
    expect([code, stdout]).toEqual([isUsage ? 2 : 1, ""]);
    const left = await readdir(place, { recursive: true });
    expect(left.filter((name) => /tmp|pairs|train|\.lock/.test(name))).toEqual([]);
  });

  it("a model that answers nonsense", async () => {
    await using server = await faultyServer({ reply: () => "The sky is a large number." });
    const run = join(folder, "nonsense");
    const { code, stderr } = await runCli(
      ["run", corpus, "--to", run, "--pairs", "2", "--base-url", server.url, "--model", "m"],
      { cwd: folder },
    );
    expect(code).toBe(1);
    expect(stderr).toMatch(/error: none of \d+ pairs was accepted, \d+ of them for not-json .*try another model/);
    expect(await readdir(run)).not.toContain("pairs.jsonl");
  });
});
