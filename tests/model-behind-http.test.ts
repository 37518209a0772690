import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { seededRandom } from "@rag-instruct/core";
import { faultyServer } from "@rag-instruct/core/testing";
import { type RunOptions, type RunSummary, ragInstruct } from "rag-instruct";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { until } from "../packages/core/test/children.ts";
import { answerFromDocuments } from "./support/answering-model.ts";
import { runCli, startCli } from "./support/cli.ts";
import { fingerprints, jsonl } from "./support/run-files.ts";
import { writeSmallCorpus } from "./support/small-corpus.ts";

let folder: string;
let corpus: string;
let openExemplars: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "model-behind-http-"));
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

function endpointFlags(url: string): string[] {
  return ["--exemplars", openExemplars, "--paradigm", "single-doc-answer", "--base-url", url, "--model", "m"];
}

const countsOf = ({ stages }: RunSummary) => stages.find(({ name }) => name === "synthesize")!.counts;

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
    const first = countsOf(await run(0.12));
    // What found no room is counted apart: it did not fail.
    expect(first.unpaid).toBeGreaterThan(0);
    expect(first.failed).toBe(0);
    expect(first.accepted).toBeGreaterThan(0);
    expect(first.accepted! + first.rejected! + first.failed!).toBe(first.requested);
    const { answered } = server.counts();
    const second = countsOf(await run(5));
    expect(second.accepted).toBe(20);
    expect(server.counts().distinct).toBe(server.counts().answered);
    expect(server.counts().answered).toBeGreaterThan(answered);
  });

  it.each([
    ["none", 1, /stopped: 0 of the first 30 pairs were accepted, .*empty-reply \(30\): the model said nothing/],
    ["a part", 0.6, undefined],
  ])("mends what a server spoiled that is mended, %s of it", async (name, share, message) => {
    // A second question on the same document is spoiled as well.
    const isSpoiled = (prompt: string) => seededRandom("spoil", /In \d{4} the [^.]+/.exec(prompt)![0]).next() < share;
    let isMended = false;
    await using server = await faultyServer({
      reply: (request) =>
        !isMended && isSpoiled(request.messages.at(-1)!.content) ? "" : answerFromDocuments(request),
    });
    const run = (options: RunOptions = {}) =>
      ragInstruct(
        {
          to: join(folder, `mended-${name}`),
          corpus: { from: corpus },
          exemplars: openExemplars,
          model: { name: "m", baseUrl: server.url },
          pairs: { "single-doc-answer": 60 },
        },
        options,
      );
    if (message) await expect(run()).rejects.toThrow(message);
    else {
      const first = await run();
      expect(countsOf(first).accepted).toBeLessThan(60);
    }
    const { requests } = server.counts();
    isMended = true;
    // What is made of the pairs that are there asks for no better ones.
    if (!message) await run({ until: "assemble" });
    expect(server.counts().requests).toBe(requests);
    const mended = countsOf(await run());
    expect([mended.accepted, mended.rejected]).toEqual([60, 0]);
    const asked = server.counts().requests;
    await run();
    expect(server.counts().requests).toBe(asked);
  });

  it("takes about what a dry run says before, and nearly what one says that knows a run", async () => {
    await using server = await faultyServer({ reply: answerFromDocuments });
    const to = join(folder, "estimated");
    const dryRun = async (pairs: number) => {
      const flags = [...endpointFlags(server.url), "--to", to, "--pairs", String(pairs), "--dry-run", "--json"];
      return JSON.parse((await runCli(["run", corpus, ...flags], { cwd: folder })).stdout);
    };
    const run = async (pairs: number) => {
      const { calls } = await ragInstruct({
        to,
        corpus: { from: corpus },
        exemplars: openExemplars,
        model: { name: "m", baseUrl: server.url },
        pairs: { "single-doc-answer": pairs },
      });
      return calls;
    };
    const factor = (a: number, b: number) => Math.exp(Math.abs(Math.log(a / b)));
    const before = await dryRun(10);
    const first = await run(10);
    expect(before.basis.measured).toBe(0);
    expect(factor(before.calls, first.made)).toBeLessThan(1.6);
    expect(factor(before.inputTokens / before.calls, first.inputTokens / first.made)).toBeLessThan(1.6);
    const known = await dryRun(20);
    expect(known.basis.measured).toBe(first.made);
    const { made, reused, inputTokens, outputTokens } = await run(20);
    expect(factor(known.calls, made + reused)).toBeLessThan(1.2);
    expect(factor(known.inputTokens / known.calls, inputTokens / made)).toBeLessThan(1.2);
    expect(factor(known.outputTokens / known.calls, outputTokens / made)).toBeLessThan(1.2);
  });

  it.each(["SIGKILL", "SIGINT"] as const)(
    "goes on after %s with the same bytes and pays for no reply twice",
    async (signal) => {
      const ended = Promise.withResolvers<void>();
      await using server = await faultyServer({
        reply: answerFromDocuments,
        // After four answers no more come while that process lives, so that it cannot come to its end.
        intercept: ({ moment }) =>
          moment === "come" && server.counts().answered >= 4 ? ended.promise : Promise.resolve(),
      });
      const run = join(folder, `stopped-${signal}`);
      const flags = [...endpointFlags(server.url), "--to", run, "--pairs", "8", "--concurrency", "2"];
      const { child, result } = startCli(["run", corpus, ...flags], { cwd: folder });
      await until(() => server.counts().answered >= 4, { child });
      child.kill(signal);
      const { code, stderr } = await result;
      if (signal === "SIGINT")
        expect([code, stderr]).toEqual([130, expect.stringContaining("run the same command again")]);
      expect(await readdir(run)).not.toContain("pairs.jsonl");
      const { requests, answered } = server.counts();
      ended.resolve();
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
