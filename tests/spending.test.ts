import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type SpendingByPurpose, wholeSpending } from "@rag-instruct/core";
import { type ChatRequest, faultyServer } from "@rag-instruct/core/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { answerFromDocuments } from "./support/answering-model.ts";
import { cliProgram, runCli } from "./support/cli.ts";
import { embeddingServer } from "./support/embedding-server.ts";
import { jsonl } from "./support/run-files.ts";
import { writeSmallCorpus } from "./support/small-corpus.ts";
import { hasTerminal, onTerminal } from "./support/terminal.ts";

let folder: string;
const cli = (...args: string[]) => runCli(args, { cwd: folder });
const json = async (path: string) => JSON.parse(await readFile(join(folder, path), "utf8"));
const priced = ["--set", 'prices={"m":{"inputPerMillion":1,"outputPerMillion":2}}'];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "spending-"));
  await writeSmallCorpus(join(folder, "docs"), { pages: 60 });
  await writeFile(join(folder, "docs/slides.pptx"), Buffer.from([0, 1, 2, 3, 255, 254]));
  await writeFile(join(folder, "open.jsonl"), '{"question":"Who built the first lighthouse?","task":"open"}\n');
  const { code, stderr } = await cli("index", "docs", "--to", "base");
  expect(code, stderr).toBe(0);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const asked = (url: string, to: string, pairs: number) => [
  ...["docs", "--to", to, "--exemplars", "open.jsonl", "--paradigms", "single-doc-answer", "--pairs", String(pairs)],
  ...["--base-url", url, "--model", "m"],
];

/** What the stages of a run came to. */
async function spentIn(run: string): Promise<SpendingByPurpose> {
  const stages = Object.values(await json(`${run}/stages.json`)) as { cost?: SpendingByPurpose }[];
  return { all: wholeSpending(...stages.map(({ cost = {} }) => cost)) };
}

/** Writes pairs, judges them, and finds no noise that answers. */
function writesAndJudges(request: ChatRequest): string {
  const [instructions, prompt] = [request.messages[0]!.content, request.messages.at(-1)!.content];
  if (instructions.startsWith("You check")) return '{"answering": []}';
  if (!instructions.startsWith("You judge")) return answerFromDocuments(request);
  const stated = prompt.match(/<document[^>]*>\n([\s\S]*?)\n<\/document/)![1]!;
  const quotes = [{ document: 1, text: stated.split("\n").at(-1)!.slice(0, 60) }];
  const verdict = { answer: "right", complete: true, why: "It stands there." };
  return JSON.stringify({ documents: "state", needed: [1], quotes, ...verdict });
}

describe("a model that answers nothing", () => {
  it("is given up after thirty pairs, with the reasons, what there is and no further call, and gone on with when told to", async () => {
    await using server = await faultyServer({ reply: () => "Sure, here is a question!" });
    // With askAgain a later run asks once more; here only what is new may be asked.
    const args = ["run", ...asked(server.url, "hopeless", 80), "--set", "askAgain=0"];
    const stopped = await cli(...args);
    expect(stopped.code).toBe(1);
    expect(stopped.stderr).toMatch(
      /^80 pairs by m at 127\.0\.0\.1:\d+: about \d+ calls, [\d,]+ tokens in, [\d,]+ out; on this machine, nothing is charged; no ceiling$/m,
    );
    expect(stopped.stderr).toMatch(
      /error: stopped: 0 of the first 30 pairs were accepted, fewer than 5%; mostly not-json \(30\): .* Try: .*--keep-going/,
    );
    expect(server.counts().requests).toBe(60);
    expect(await jsonl(join(folder, "hopeless/rejected.jsonl"))).toHaveLength(30);
    expect(await readFile(join(folder, "hopeless/report.html"), "utf8")).toContain("not-json");
    const { synthesize } = await json("hopeless/stages.json");
    expect(synthesize).toMatchObject({
      counts: { accepted: 0, rejected: 30 },
      cost: { write: { replies: 30 }, repeat: { replies: 30 } },
    });
    expect((await cli(...args)).code).toBe(1);
    expect(server.counts().requests).toBe(60);
    const gone = await cli(...args, "--keep-going");
    expect([gone.code, gone.stderr]).toEqual([1, expect.stringMatching(/error: none of \d+ pairs was accepted/)]);
    expect((await jsonl(join(folder, "hopeless/rejected.jsonl"))).length).toBeGreaterThan(79);
  });

  it("is told of by the last pair that was refused for the commonest reason", async () => {
    let requests = 0;
    // The last of all is refused for another one.
    const reply = () => (++requests < 12 ? "No." : '{"question":"The Fulmar in 1871.","answer":"In 1871."}');
    await using server = await faultyServer({ reply });
    const { code, stderr } = await cli("run", ...asked(server.url, "commonest", 4), "--concurrency", "1");
    const said = /5 of them for not-json \(the last: the reply has no JSON/;
    expect([code, stderr]).toEqual([1, expect.stringMatching(said)]);
  });

  it("is nobody at all where no server listens: the run stops at the first call, and says so", async () => {
    const server = await faultyServer();
    await server.close();
    const { code, stderr } = await cli("run", ...asked(server.url, "nobody", 5));
    expect(code).toBe(1);
    expect(stderr).toMatch(/error: no server listens at http:\/\/127\.0\.0\.1:\d+; start it, or mend the base URL/);
  });
});

describe("a run that comes out short", () => {
  it("says what is missing, why, what to try, what was left out and what all of it cost, everywhere the same", async () => {
    await using server = await faultyServer({
      reply: (request) => {
        const [instructions, prompt] = [request.messages[0]!.content, request.messages.at(-1)!.content];
        const isHard = !/^You (?:check|judge)/.test(instructions) && / 18[0-4]\d /.test(prompt.slice(0, 400));
        return isHard ? "no" : writesAndJudges(request);
      },
    });
    const args = [
      "run",
      ...asked(server.url, "short", 24),
      "--verify",
      "judge",
      ...priced,
      "askAgain=0",
      "--keep-going",
    ];
    const { code, stdout, stderr } = await cli(...args, "--json");
    expect(code, stderr).toBe(0);
    const summary = JSON.parse(stdout);
    const { missing } = summary.pairs;
    expect(missing).toBeGreaterThan(0);
    expect(stderr).toContain(`warning: ${missing} of 24 pairs are missing.`);
    const cost = summary.cost as SpendingByPurpose;
    expect(Object.keys(cost)).toEqual(expect.arrayContaining(["write", "repeat", "judge", "noise"]));
    expect(wholeSpending(cost).replies).toBe(server.counts().answered);
    const stages = Object.values(await json("short/stages.json")) as { cost?: SpendingByPurpose }[];
    expect(wholeSpending(...stages.map(({ cost = {} }) => cost))).toEqual(wholeSpending(cost));
    const manifest = await json("short/manifest.json");
    expect(manifest.cost).toEqual(cost);
    expect(manifest.stages.ingest).toMatchObject({
      leftOut: { "unknown-format": 1 },
      leftOutAt: { "unknown-format": ["docs/slides.pptx"] },
    });
    const report = (await readFile(join(folder, "short/report.html"), "utf8")).replace(/<[^>]+>/g, " ");
    const { usd } = wholeSpending(cost);
    expect(report).toContain(`In all ${server.counts().answered} replies`);
    expect(report).toContain(usd.toFixed(usd < 1 ? 4 : 2));
    expect(report).toMatch(/unknown-format\s+· 1\s+docs\/slides\.pptx|unknown-format\s+· 1\s+\S*slides\.pptx/);

    // The second run changes nothing, and says it all again; --strict makes it an error.
    const { requests } = server.counts();
    const again = await cli(...args, "--strict");
    expect([again.code, server.counts().requests]).toEqual([1, requests]);
    expect(again.stderr).toContain(`warning: ${missing} of 24 pairs are missing.`);
    expect(again.stdout).toMatch(/^ {2}single-doc-answer {2}\d+ of 24: \d+ missing, after \d+ × not-json/m);
    expect(again.stdout).toMatch(/^ {2}not-json \(\d+\): the reply is no JSON object\. Try: /m);
    expect(again.stdout).toMatch(/^Left out of the documents:\n {2}1 unknown-format: \S*slides\.pptx$/m);
    expect(again.stdout).toMatch(/^One of the pairs \(single-doc-answer\):\n {2}Q .*\n {2}A .*$/m);
    expect(again.stdout).toMatch(
      /^Replies that these data rest on: write \d+, \$.* \+ noise \d+, \$.* = \d+, [\d,]+ tokens, \$/m,
    );
    expect(again.stdout).toContain(pathToFileURL(join(folder, "short/report.html")).href);
  });
});

describe("what is said of attempts", () => {
  it("adds up to the requests that the server counted, answers that were lost on their way among them, in every place", async () => {
    await using server = await faultyServer({ faults: { "lost-answer": 0.3 }, reply: answerFromDocuments });
    const run = await cli("run", ...asked(server.url, "lost", 12), ...priced);
    expect(run.code, run.stderr).toBe(0);
    const { requests, faults } = server.counts();
    const lost = faults["lost-answer"]!;
    const made = requests - lost;
    expect(run.stdout).toContain(
      `\n${made} attempts answered + ${lost} failed = ${requests}, ${lost} of which the endpoint may charge for\n`,
    );
    expect(run.stdout).toMatch(
      new RegExp(`^Replies that .*: write ${made}, \\$.* \\+ lost ${lost}, \\$.* = ${requests}, `, "m"),
    );
    const cost = await spentIn("lost");
    expect(cost.all!.replies).toBe(requests);
    const manifest = await json("lost/manifest.json");
    expect(manifest.cost.lost.replies).toBe(lost);
    const status = await cli("status", "lost");
    expect(status.stdout).toMatch(new RegExp(`^  lost +${lost} replies, [\\d,]+ tokens in, [\\d,]+ out, \\$`, "m"));
    const report = (await readFile(join(folder, "lost/report.html"), "utf8")).replace(/<[^>]+>/g, " ");
    expect(report).toContain("Answers lost on their way, at most");
    const paid = (await jsonl<{ usd?: number }>(join(folder, "lost/ledger.jsonl"))).map(({ usd = 0 }) => usd);
    expect(cost.all!.usd).toBeCloseTo(
      paid.reduce((sum, usd) => sum + usd, 0),
      10,
    );
  });

  it("names no figure of tokens where the endpoint counts none", async () => {
    await using server = await faultyServer({ faults: { "no-usage": 1 }, reply: answerFromDocuments });
    const run = await cli("run", ...asked(server.url, "uncounted", 6));
    const { requests } = server.counts();
    expect(run.stdout).toContain(
      `\n${requests} calls made now (the endpoint counts no tokens) + 0 from the ledger, in `,
    );
    expect(run.stdout).toContain(
      `\nReplies that these data rest on: write ${requests}, ${requests} without a count of tokens\n`,
    );
    expect((await cli("status", "uncounted")).stdout).toMatch(
      new RegExp(`^  write +${requests} replies, the endpoint counts no tokens$`, "m"),
    );
    const report = (await readFile(join(folder, "uncounted/report.html"), "utf8")).replace(/<[^>]+>/g, "");
    expect(report).toMatch(new RegExp(`${requests} replies, ${requests} without a count of tokens`));
  });
});

describe("an estimate", () => {
  it("of a model on this machine is that nothing is charged, as before its first call; a preview counts what it writes", async () => {
    await using server = await faultyServer({ reply: writesAndJudges });
    const dry = await cli("run", ...asked(server.url, "estimated", 4), "--dry-run");
    expect(dry.stdout).toMatch(/^ {2}cost {2}nothing$/m);
    const [docs, ...flags] = asked(server.url, "estimated", 4);
    const two = ["--paradigms", "single-doc-answer,useless-doc", "-n", "1"];
    const { stderr } = await cli("preview", docs!, ...flags, ...two);
    expect(stderr).toMatch(/^1 pair\b.* by m at /m);
  });
});

describe("a ceiling", () => {
  it("ends every command that it stops with what found no room and what the rest would cost", async () => {
    await using server = await faultyServer({ reply: writesAndJudges });
    const flags = asked(server.url, "ceiling", 30).slice(1);
    const last = ({ stdout }: { stdout: string }) => stdout.trimEnd().split("\n").at(-1);
    const of = (what: string) =>
      new RegExp(
        `^stopped by the budget: \\d+ ${what} found no room, and would cost about \\$0\\.\\d{4} more; raise it and run again to go on$`,
      );
    const run = await cli("run", "docs", ...flags, ...priced, "budget.usd=0.015");
    expect([run.code, last(run)]).toEqual([0, expect.stringMatching(of("pairs"))]);
    expect(run.stdout).toMatch(/^ {2}single-doc-answer {2}\d+ of 30: \d+ missing, after \d+ × budget-exhausted/m);
    expect(run.stdout).not.toContain("the plan has no task");
    const written = await cli("synthesize", "docs", ...flags, ...priced, "budget.usd=0.017");
    expect([written.code, last(written)]).toEqual([0, expect.stringMatching(of("pairs"))]);
    const usd = wholeSpending(await spentIn("ceiling")).usd;
    const judging = ["--level", "judge", ...flags.slice(-4), ...priced, `budget.usd=${usd + 0.008}`];
    const verified = await cli("verify", "ceiling", ...judging);
    expect([verified.code, last(verified)]).toEqual([0, expect.stringMatching(of("pairs"))]);
    const none = await cli("run", "docs", ...flags, "--to", "no-room", ...priced, "budget.usd=0.0001");
    expect([none.code, none.stderr.trimEnd().split("\n").at(-1)]).toEqual([
      1,
      expect.stringMatching(
        /^error: stopped by the budget: \$0\.0000 of \$0\.0001 are spent and the next call may cost/,
      ),
    ]);
  });
});

describe("before a run", () => {
  it("says what an endpoint that embeds is called for, beside a model that costs nothing too", async () => {
    await using embeddings = await embeddingServer();
    const { url: baseUrl, dimensions } = embeddings;
    const dense = [
      ...["run", "docs", "--to", "embedded", "--exemplars", "open.jsonl", "--pairs", "2", "--total", "--retrieval"],
      ...["dense", "--set", `embeddings=${JSON.stringify({ name: "e", baseUrl, dimensions })}`],
      'prices={"e":{"inputPerMillion":1,"outputPerMillion":0}}',
    ];
    const { code, stderr } = await cli(...dense, "--model", "offline");
    expect(code, stderr).toBe(0);
    const header =
      /^vectors of \d+ texts by e at 127\.0\.0\.1:\d+: about \d+ calls, [\d,]+ tokens in; about \$0\.\d+; no ceiling$/gm;
    expect(stderr.match(header)).toHaveLength(1);
    expect(stderr.search(header)).toBeLessThan(stderr.search(/^embed /m));
    expect((await cli(...dense, "--model", "offline")).stderr).not.toMatch(header);
  });

  it("preview shows a pair with all that led to it, and the run does not pay for it again", async () => {
    await using server = await faultyServer({ reply: answerFromDocuments });
    const args = [...asked(server.url, "seen", 6), ...priced];
    const { code, stdout, stderr } = await cli("preview", ...args);
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(/^1 pair by m at 127\.0\.0\.1:\d+: about 2 calls, .*; about \$0\.\d+; no ceiling$/m);
    expect(stdout).toMatch(
      /^── single-doc-answer ──$[\s\S]*^Prompt[\s\S]*<document number="1">[\s\S]*^Documents\n {2}\[1\] /m,
    );
    expect(stdout).toMatch(
      /^Reply\n {2}\{[\s\S]*^Accepted\n {2}question[\s\S]*^ {2}lexical[\s\S]*^1 of 1 would be accepted\.$/m,
    );
    expect(stdout).toMatch(/^Replies that these data rest on: write 1, [\d,]+ tokens, \$0\.\d+$/m);
    expect(server.counts().requests).toBe(1);
    const opener = join(folder, "bin");
    await mkdir(opener);
    await writeFile(join(opener, "xdg-open"), `#!/bin/sh\necho "$1" > "${folder}/opened"\n`);
    await chmod(join(opener, "xdg-open"), 0o755);
    const env = { PATH: `${opener}:${process.env.PATH}` };
    const run = await runCli(["run", ...args, "--open"], { cwd: folder, env });
    expect(run.code, run.stderr).toBe(0);
    const { requests, distinct } = server.counts();
    expect([requests, requests > 5]).toEqual([distinct, true]);
    if (process.platform === "linux")
      await expect
        .poll(() => readFile(join(folder, "opened"), "utf8").catch(() => ""))
        .toBe(`${pathToFileURL(join(folder, "seen/report.html")).href}\n`);
  });

  it("asks on a terminal before it pays, and not where a budget is set (needs Linux)", async (test) => {
    test.skip(!hasTerminal, "needs `script` of util-linux, for a terminal");
    await using server = await faultyServer({ reply: answerFromDocuments });
    const program = [process.execPath, "--conditions=@rag-instruct/source", cliProgram, "run"];
    const command = [...program, ...asked(server.url, "typed", 3), "--set", "'prices.m.inputPerMillion=1'"];
    const price = [...command, "'prices.m.outputPerMillion=1'"].join(" ");
    const no = await onTerminal(price, {
      cwd: folder,
      env: process.env,
      typed: [{ when: /Make these calls/, keys: "n" }],
    });
    expect([no.code, no.shown]).toEqual([2, expect.stringMatching(/3 pairs by m at [\s\S]*nothing was called/)]);
    expect(server.counts().requests).toBe(0);
    const free = await onTerminal(`${price} --budget 5`, { cwd: folder, env: process.env, typed: [] });
    expect([free.code, free.shown]).toEqual([0, expect.stringMatching(/; ceiling \$5\.00/)]);
    expect(free.shown).not.toContain("Make these calls");
  });

  it("says by which key it is paid where nothing but the environment names a model", async () => {
    await using refusing = await faultyServer({ apiKey: "another" });
    const env = { OPENAI_API_KEY: "sk-in-the-environment", OPENAI_BASE_URL: refusing.url };
    const price = 'prices={"gpt-4o-mini":{"inputPerMillion":1,"outputPerMillion":1}}';
    const args = ["run", "docs", "--to", "env", "--pairs", "1", "--set", price];
    const { code, stderr } = await runCli(args, { cwd: folder, env });
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^5 pairs, 1 of each of 5 paradigms by gpt-4o-mini at 127\.0\.0\.1:\d+: .*; about \$0\.\d+; no ceiling$/m,
    );
    expect(stderr).toMatch(/^ {2}paid with the key in OPENAI_API_KEY; --model offline costs nothing$/m);
    expect(stderr).not.toContain("sk-in-the-environment");
  });
});
