import { spawn } from "node:child_process";
import { once } from "node:events";
import { appendFile, cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import type { RequestOptions } from "@modelcontextprotocol/sdk/shared/protocol.js";
import type { Progress } from "@modelcontextprotocol/sdk/types.js";
import type { Pair } from "@rag-instruct/core";
import { hashFile, readReviews } from "@rag-instruct/core/node";
import { type FaultyServerOptions, faultyServer } from "@rag-instruct/core/testing";
import { type Config, ragInstruct } from "rag-instruct";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { answerFromDocuments } from "./support/answering-model.ts";
import { cliProgram, runCli } from "./support/cli.ts";
import { jsonl } from "./support/run-files.ts";
import { writeSmallCorpus } from "./support/small-corpus.ts";

let folder: string;
let run: string;
const program = ["--conditions=@rag-instruct/source", cliProgram, "mcp"];
const price = 'prices={"m":{"inputPerMillion":1,"outputPerMillion":4}}';

/** What tools answer as data, as far as it is looked at. */
interface Data extends Record<string, unknown> {
  ctxs: { id: string }[];
  pairs: { id: string }[];
  pair: { seen: string };
  previews: unknown[];
}

/** A made run as the official client sees it, through a server process of its own. */
async function connected(args: readonly string[] = [], env: Record<string, string> = {}, of = run) {
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [...program, of, ...args],
    cwd: folder,
    env: { OPENAI_API_KEY: "none", ...env },
    stderr: "pipe",
  });
  const said = text(transport.stderr as unknown as NodeJS.ReadableStream);
  const client = new Client({ name: "test", version: "1" });
  // The client's own minute is too short for a busy machine.
  const timeout = 150_000;
  await client.connect(transport, { timeout });
  return {
    client,
    pid: transport.pid!,
    said,
    async call(name: string, input: Record<string, unknown> = {}, options: RequestOptions = {}) {
      const call = { name, arguments: input };
      const {
        content,
        structuredContent,
        isError = false,
      } = await client.callTool(call, undefined, { timeout, ...options });
      const [first] = content as { text: string }[];
      return { isError, text: first!.text, data: structuredContent as Data };
    },
    [Symbol.asyncDispose]: () => client.close(),
  };
}

/** Every file of the run with its hash. */
async function filesOf(): Promise<Record<string, string>> {
  const entries = await readdir(run, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(await Promise.all(paths.sort().map(async (path) => [path, (await hashFile(path)).sha256])));
}

/** A server that answers questions, and what its replies came to at the price. */
async function answering(options: FaultyServerOptions = {}) {
  let usd = 0;
  const server = await faultyServer({
    reply: () => "A crew of 57 workers.",
    reshape(completion) {
      const { prompt_tokens, completion_tokens } = (completion as unknown as { usage: Record<string, number> }).usage;
      usd += (prompt_tokens! + 4 * completion_tokens!) / 1e6;
      return completion;
    },
    ...options,
  });
  return { ...server, usd: () => usd, args: ["--base-url", server.url, "--model", "m"] };
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "agents-"));
  run = join(folder, "run");
  await writeSmallCorpus(join(folder, "docs"), { pages: 60 });
  const config: Config = { to: run, corpus: { from: join(folder, "docs") }, model: "offline" };
  await ragInstruct({ ...config, pairs: { "single-doc-answer": 4, "useless-doc": 2 } });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("a run served to agents", () => {
  it("has five tools that read it, as text and as data, and pairs and documents as resources; nothing in it changes", async () => {
    const before = await filesOf();
    await using model = await answering();
    await using served = await connected(model.args);
    const { tools } = await served.client.listTools();
    expect(tools.map(({ name, annotations }) => [name, annotations?.readOnlyHint])).toEqual([
      ["search", true],
      ["ask", true],
      ["status", true],
      ["preview", false],
      ["review", true],
    ]);
    const { text, data } = await served.call("search", { question: "docs", limit: 3 });
    expect(text).toMatch(/^\[1\] .*document [0-9a-f]{32}|^No passage/m);
    const found = await served.call("search", { question: "Who painted the bridge?", limit: 3 });
    expect(found.data.ctxs).toHaveLength(3);
    expect(data.question).toBe("docs");
    const status = await served.call("status");
    expect(status.text).toContain("The next run would change nothing.");
    expect(status.data.stages).toContainEqual(expect.objectContaining({ name: "synthesize", state: "done" }));
    const answers = [await served.call("ask", { question: "Who?" }), await served.call("ask", { question: "Who?" })];
    expect(answers.map(({ data }) => data.answer)).toEqual(Array(2).fill("A crew of 57 workers."));
    // Replies are kept for as long as the server runs.
    expect(model.counts().requests).toBe(1);
    const { data: list } = await served.call("review", { paradigm: "useless-doc", size: 1 });
    const { id } = list.pairs[0]!;
    const shown = await served.call("review", { id });
    expect(shown.text).toMatch(/Question: .*\nAnswer: /);
    const { contents } = await served.client.readResource({ uri: `rag-instruct://pair/${id}` });
    expect(JSON.parse((contents[0] as { text: string }).text)).toEqual(shown.data.pair);
    const document = found.data.ctxs[0]!.id;
    const read = await served.client.readResource({ uri: `rag-instruct://document/${document}` });
    expect((read.contents[0] as { text: string }).text).toContain(document);
    for (const [name, input] of [
      ["preview", {}],
      ["review", { id, decision: "accepted", seen: shown.data.pair.seen, reviewer: "ada" }],
    ] as const)
      expect(await served.call(name, input)).toMatchObject({
        isError: true,
        text: expect.stringContaining("started without --allow-make"),
      });
    expect(await filesOf()).toEqual(before);
  });

  it("answers wrong input with what is wrong, in words, and goes on", async () => {
    await using served = await connected();
    for (const [name, input, words] of [
      ["search", {}, "at question"],
      ["search", { question: "  " }, "question is empty"],
      ["search", { question: "a", limit: 0 }, "at limit"],
      ["review", { id: "nowhere" }, "this run has no pair nowhere"],
      ["ask", { question: "Who?" }, "offline and recorded models answer no questions"],
      ["dance", {}, "Tool dance not found"],
    ] as const)
      expect(await served.call(name, input)).toMatchObject({ isError: true, text: expect.stringContaining(words) });
    for (const [uri, words] of [
      ["document/x", "has no passage x"],
      ["pair/x", "this run has no pair x"],
      ["pair/%E0%A4%A", "%E0%A4%A is no id"],
    ])
      await expect(served.client.readResource({ uri: `rag-instruct://${uri}` })).rejects.toMatchObject({
        code: -32_002,
        message: expect.stringContaining(words!),
      });
    expect((await served.call("review", { from: 99 })).text).toMatch(/^\d+ pairs, none from 99 on:/);
    expect(await served.call("status")).toMatchObject({ isError: false });
  });

  it("names file and line of what is damaged in the run, and asks no other model where its settings are", async () => {
    const damaged = join(folder, "damaged");
    await cp(run, damaged, { recursive: true });
    await using model = await answering();
    const env = { OPENAI_API_KEY: "k", OPENAI_BASE_URL: model.url };
    await using served = await connected([], env, damaged);
    await appendFile(join(damaged, "rejected.jsonl"), '{"id":\n');
    for (const input of [{}, { id: "x" }])
      expect(await served.call("review", input)).toMatchObject({
        isError: true,
        text: expect.stringMatching(/damaged\/rejected\.jsonl:\d+: not JSON/),
      });
    await writeFile(join(damaged, "settings.json"), '{"to":');
    for (const [name, input] of [
      ["ask", { question: "Who?" }],
      ["search", { question: "Who?" }],
      ["status", {}],
    ] as const)
      expect(await served.call(name, input)).toMatchObject({
        isError: true,
        text: expect.stringContaining("settings.json holds no settings"),
      });
    expect(model.counts().requests).toBe(0);
  });

  it("does nothing that costs without a budget, says why, and never gives a key away", async () => {
    await using model = await answering({ apiKey: "another" });
    const key = "sk-secret-of-a-person";
    await using served = await connected([...model.args, "--set", price], { OPENAI_API_KEY: key });
    const asked = await served.call("ask", { question: "Who?" });
    expect(asked).toMatchObject({ isError: true, text: expect.stringMatching(/an answer by m .*without a --budget/) });
    expect(model.counts().requests).toBe(0);
    await using free = await connected(model.args, { OPENAI_API_KEY: key });
    const refused = await free.call("ask", { question: "Who?" });
    expect(refused.isError).toBe(true);
    expect(model.counts().requests).toBeGreaterThan(0);
    await Promise.all([served.client.close(), free.client.close()]);
    expect([asked.text, refused.text, await served.said, await free.said].join("\n")).not.toContain(key);
  });

  it("stays within its budget, however many ask at once, and says that it ends", async () => {
    await using model = await answering({ latency: 20 });
    const budget = 0.012;
    await using served = await connected([...model.args, "--set", price, "--budget", String(budget)]);
    const questions = Array.from({ length: 12 }, (_, n) => `Who painted bridge ${n}?`);
    const answers = await Promise.all(questions.map((question) => served.call("ask", { question })));
    const refused = answers.filter(({ isError }) => isError);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.length).toBeLessThan(questions.length);
    expect(refused[0]!.text).toMatch(/stopped by the budget: \$0\.\d+ of \$0\.012 are spent/);
    expect(model.usd()).toBeGreaterThan(0);
    expect(model.usd()).toBeLessThanOrEqual(budget);
    await using little = await connected([...model.args, "--set", price, "--budget", "0.000001"]);
    const { requests } = model.counts();
    expect(await little.call("ask", { question: "Who?" })).toMatchObject({ isError: true });
    expect(model.counts().requests).toBe(requests);
  });

  it("takes a question that the client gives up on for paid, as its answer may be", async () => {
    let gone = new AbortController();
    await using model = await answering({
      intercept: ({ moment }) => (moment === "carried-out" ? gone.abort("too slow") : undefined),
    });
    const budget = 0.02;
    await using served = await connected([...model.args, "--set", price, "--budget", String(budget)]);
    const ask = async (n: number) => {
      gone = new AbortController();
      const params = { name: "ask", arguments: { question: `Who painted bridge ${n}?` } };
      const { isError } = await served.client
        .callTool(params, undefined, { signal: gone.signal })
        .catch(() => ({ isError: false }));
      return isError;
    };
    let asked = 0;
    while (asked < 40 && !(await ask(asked))) asked++;
    expect(asked).toBeGreaterThan(0);
    expect(asked).toBe(model.counts().requests);
    expect(asked).toBeLessThan(40);
    expect(model.usd()).toBeLessThanOrEqual(budget);
  });

  it("writes no pair that costs without a budget, and none beyond it", async () => {
    await using model = await answering({ reply: answerFromDocuments });
    const planned = join(folder, "planned");
    const prices = { m: { inputPerMillion: 1, outputPerMillion: 4 } };
    const config: Config = { to: planned, corpus: { from: join(folder, "docs") }, prices };
    await ragInstruct({ ...config, model: { name: "m", baseUrl: model.url }, pairs: { each: 1 } }, { until: "plan" });
    await using none = await connected(["--allow-make"], {}, planned);
    expect(await none.call("preview")).toMatchObject({
      isError: true,
      text: expect.stringMatching(/^5 pairs, .* by m at .*about \$0\.\d+; no ceiling: without a --budget/),
    });
    await using little = await connected(["--allow-make", "--budget", "0.0001"], {}, planned);
    expect((await little.call("preview")).text).toContain("stopped by the budget: $0.0000 of $0.0001 are spent");
    expect(model.counts().requests).toBe(0);
    await using enough = await connected(["--allow-make", "--budget", "0.05"], {}, planned);
    const { data } = await enough.call("preview", { count: 2 });
    expect(data.previews).toHaveLength(2);
    expect(model.usd()).toBeGreaterThan(0);
    expect(model.usd()).toBeLessThanOrEqual(0.05);
    // What was tried is paid for: the run, and whoever previews it again, need not pay.
    const { requests } = model.counts();
    expect((await none.call("preview", { count: 2 })).data.previews).toHaveLength(2);
    expect(model.counts().requests).toBe(requests);
  });

  it("writes pairs and keeps decisions where that is allowed, as the command line and the viewer do", async () => {
    const settings = async () => JSON.parse(await readFile(join(run, "settings.json"), "utf8"));
    const before = await settings();
    await using served = await connected(["--allow-make", "--budget", "1"]);
    const { tools } = await served.client.listTools();
    expect(tools.find(({ name }) => name === "review")!.annotations).toMatchObject({
      readOnlyHint: false,
      destructiveHint: false,
    });
    const heard: Progress[] = [];
    const { data, text } = await served.call("preview", { count: 2 }, { onprogress: (one) => heard.push(one) });
    expect(heard[0]).toMatchObject({ progress: 1, message: expect.stringMatching(/^[a-z]+ \d/) });
    expect(data.previews).toHaveLength(2);
    expect(text).toContain("Prompt, with the documents and the exemplar");
    const [pair] = await jsonl<Pair>(join(run, "pairs.jsonl"));
    const { data: shown } = await served.call("review", { id: pair!.id });
    const { seen } = shown.pair;
    const decision = { id: pair!.id, seen, reviewer: "ada" };
    expect(await served.call("review", { ...decision, decision: "accepted", seen: "other" })).toMatchObject({
      isError: true,
      text: expect.stringContaining("not any more what was seen"),
    });
    expect(await served.call("review", { ...decision, decision: "accepted", reviewer: "" })).toMatchObject({
      isError: true,
    });
    const edit = { question: pair!.question, answer: "according to the document, yes" };
    const edited = await served.call("review", { ...decision, decision: "edited", edit });
    expect(edited.text).toMatch(/^Kept: edited by ada\. The free checks say of the new text: /);
    expect((await readReviews(run)).of(pair!)).toMatchObject({ decision: "edited", reviewer: "ada", edit });
    expect((await served.call("review", { reviewed: "edited" })).data).toMatchObject({ total: 1 });
    await served.call("review", { ...decision, decision: "undone" });
    expect((await readReviews(run)).of(pair!)).toBeUndefined();
    // What the server may cost is no setting of the run.
    expect(await settings()).toEqual(before);
  });
});

describe("a server whose client goes away", () => {
  it("ends when the client closes, and stops what is under way", async () => {
    await using model = await answering({ latency: 60_000 });
    const served = await connected(model.args);
    const asking = served.call("ask", { question: "Who?" }).catch((error: Error) => error.message);
    await expect.poll(() => model.counts().requests).toBe(1);
    await served.client.close();
    expect(await asking).toMatch(/closed/i);
    await served.said;
    expect(() => process.kill(served.pid, 0)).toThrow("ESRCH");
    expect((await runCli(["status", run], { cwd: folder })).code).toBe(0);
  });

  it("answers what came last, writes nothing but the protocol, and obeys a signal", async () => {
    const child = spawn(process.execPath, [...program, run], { cwd: folder });
    const [written, said, ended] = [text(child.stdout), text(child.stderr), once(child, "close")];
    const send = (message: object) => child.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
    const clientInfo = { name: "t", version: "1" };
    send({
      id: 1,
      method: "initialize",
      params: { protocolVersion: "2025-06-18", capabilities: {}, clientInfo },
    });
    send({ method: "notifications/initialized" });
    child.stdin.write("this is no message\n");
    send({ id: 2, method: "tools/call", params: { name: "search", arguments: { question: "the harbour" } } });
    child.stdin.end();
    const messages = (await written).trim().split("\n");
    expect(messages.map((line) => JSON.parse(line).id)).toEqual([1, 2]);
    expect(await said).toBe("note: what came was no message of the protocol, and has no answer\n");
    expect((await ended)[0]).toBe(0);

    await using model = await answering({ latency: 60_000 });
    const served = await connected(model.args);
    const asking = served.call("ask", { question: "Who?" }).catch((error: Error) => error.message);
    await expect.poll(() => model.counts().requests).toBe(1);
    process.kill(served.pid, "SIGTERM");
    expect(await asking).toMatch(/closed|interrupted|aborted/i);
    await served.said;
  });

  it("says why it ends where what comes cannot be read on", async () => {
    const child = spawn(process.execPath, [...program, run], { cwd: folder });
    const [written, said, ended] = [text(child.stdout), text(child.stderr), once(child, "close")];
    child.stdin.on("error", () => {});
    child.stdin.write("x".repeat(11 * 2 ** 20));
    expect([(await ended)[0], await written, await said]).toEqual([
      1,
      "",
      expect.stringMatching(/error: the connection was closed: .*exceeded maximum size/),
    ]);
  });

  it("is not begun for a folder that is no run", async () => {
    const { code, stderr, stdout } = await runCli(["mcp", join(folder, "docs")], { cwd: folder });
    expect({ code, stdout, stderr }).toEqual({ code: 2, stdout: "", stderr: expect.stringContaining("no run folder") });
  });
});
