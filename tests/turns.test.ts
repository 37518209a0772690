import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Pair, Review, TrainingExample } from "@rag-instruct/core";
import { seenHash } from "@rag-instruct/core";
import { type ChatRequest, faultyServer } from "@rag-instruct/core/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { until } from "../packages/core/test/children.ts";
import { runCli, startCli } from "./support/cli.ts";
import { jsonl } from "./support/run-files.ts";

const vowels = ["a", "e", "i", "o", "u"];
const places = ["Sk", "P", "C", "T", "Q", "M", "Br", "Dr"].flatMap((start, i) =>
  vowels.map((vowel, j) => `${start}${vowel}${"rlmnst"[i % 6]}${vowels[(i + j + 1) % 5]}ck`),
);
/** What is said of a light, asked for with its name and as it is asked when the light was named before. */
const facts = [
  {
    says: (name: string, i: number) => `The light of ${name} was lit for the first time in ${1820 + i}.`,
    value: /first time in (\d+)/,
    asks: (name: string) => `When was the light of ${name} lit for the first time?`,
    goesOn: "And when was it lit for the first time?",
    answer: (value: string) => `It was lit in ${value}.`,
  },
  {
    says: (name: string, i: number) => `The tower of the light of ${name} is ${31 + i} metres high.`,
    value: /is (\d+) metres/,
    asks: (name: string) => `How high is the tower of the light of ${name}?`,
    goesOn: "How high is its tower?",
    answer: (value: string) => `The tower is ${value} metres high.`,
  },
  {
    says: (name: string, i: number) => `The lamp in the light of ${name} has been automatic since ${1950 + i}.`,
    value: /automatic since (\d+)/,
    asks: (name: string) => `Since when has the lamp in the light of ${name} been automatic?`,
    goesOn: "And since when has its lamp been automatic?",
    answer: (value: string) => `It has been automatic since ${value}.`,
  },
];

/** Writes a pair on what the document says, and after a conversation one that goes on from it, or that stands alone. */
function writer({ goesOn = true } = {}): (request: ChatRequest) => string {
  return ({ messages }) => {
    const [prompt = "", conversation] = messages.at(-1)!.content.split("<conversation>");
    const [, name = ""] = /light of (\w+)/.exec(prompt) ?? [];
    const fact = facts.find(({ value }) => value.test(prompt))!;
    const standalone = fact.asks(name);
    const answer = fact.answer(fact.value.exec(prompt)![1]!);
    if (conversation === undefined) return JSON.stringify({ question: standalone, answer });
    return JSON.stringify({ standalone, question: goesOn ? fact.goesOn : standalone, answer });
  };
}

/** Writes, judges, and answers from documents; without a conversation it does not know what "it" is, but where it guesses. */
function provingWriter({ guesses = false } = {}): (request: ChatRequest) => string {
  const write = writer();
  return (request) => {
    const [instructions, prompt] = [request.messages[0]!.content, request.messages.at(-1)!.content];
    const stated = /<document[^>]*>\n[^\n]*\n([^\n]+)\n<\/document>/.exec(prompt)?.[1] ?? "";
    const [known] = facts.flatMap(({ value, answer }) => value.exec(stated)?.slice(1).map(answer) ?? []);
    if (instructions.startsWith("You check")) return '{"answering": []}';
    if (instructions.startsWith("You judge")) {
      const verdict = { answer: "right", complete: true, why: "It stands there." };
      return JSON.stringify({ documents: "state", needed: [1], quotes: [{ document: 1, text: stated }], ...verdict });
    }
    if (instructions.startsWith("You see one question"))
      return JSON.stringify({ clear: guesses, missing: guesses ? "" : "what “it” is" });
    if (instructions.startsWith("Compare")) return '{"likeness": "different"}';
    if (!instructions.startsWith("Answer the question")) return write(request);
    return JSON.stringify(known ? { answer: known, sure: true } : { answer: "", sure: false });
  };
}

let folder: string;
const cli = (...args: string[]) => runCli(args, { cwd: folder });
const lines = <T>(...path: string[]) => jsonl<T>(join(folder, ...path));
const stage = async (run: string, name = "synthesize") =>
  JSON.parse(await readFile(join(folder, run, "stages.json"), "utf8"))[name];
const asked = (url: string, to: string, pairs: number, turns: number, exemplars = "open.jsonl") => [
  ...["run", "docs", "--to", to, "--exemplars", exemplars, "--paradigms", "single-doc-answer"],
  ...["--pairs", String(pairs), "--turns", String(turns), "--base-url", url, "--model", "m", "--n-docs", "6"],
];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "turns-run-"));
  await mkdir(join(folder, "docs"));
  for (const [i, name] of places.entries())
    for (const [j, { says }] of facts.entries())
      await writeFile(join(folder, "docs", `${name}-${j}.md`), `---\ntitle: ${name}\n---\n\n${says(name, i)}\n`);
  await writeFile(join(folder, "open.jsonl"), '{"question":"How tall is the Eiffel Tower?","task":"open"}\n');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("a run with --turns", () => {
  it("grows its pairs into conversations, and everything that is said and made of them adds up", async () => {
    await using server = await faultyServer({ reply: writer() });
    const args = asked(server.url, "three", 8, 3);
    const dry = await cli(...args, "--dry-run");
    expect(dry.stdout).toMatch(/synthesize {2}8 pairs, each of up to 3 turns: about 25 calls/);
    expect(dry.stdout).toMatch(/assemble {4}about 21 examples/);
    expect(server.counts().requests).toBe(0);

    const made = await cli(...args);
    expect(made.code, made.stderr).toBe(0);
    const pairs = await lines<Pair>("three", "pairs.jsonl");
    const first = pairs.filter(({ history }) => !history);
    const later = pairs.filter(({ history }) => history);
    expect(first).toHaveLength(8);
    expect(later.length).toBeGreaterThan(8);
    expect(pairs.slice(0, 8)).toEqual(first);
    for (const { history = [], documents, standalone } of later) {
      const before = history.map(({ id }) => pairs.find((pair) => pair.id === id)!);
      expect(history.map(({ question }) => question)).toEqual(before.map(({ question }) => question));
      const used = before.flatMap(({ documents }) => documents.map(({ id }) => id));
      expect(used).not.toContain(documents[0]!.id);
      expect(standalone).toContain(before[0]!.documents[0]!.title);
    }
    // No later turn asks what another conversation asks already.
    const questions = pairs.map(({ question, standalone = question }) => standalone);
    expect(new Set(questions).size).toBe(questions.length);

    const rejected = await lines<{ reason: string }>("three", "rejected.jsonl");
    const { counts, note, paradigms, paid } = await stage("three");
    const seconds = later.filter(({ history }) => history!.length === 1).length;
    expect(counts).toMatchObject({
      requested: pairs.length + rejected.length,
      accepted: pairs.length,
      rejected: rejected.length,
      "later turns": later.length,
      conversations: seconds,
    });
    expect(paradigms["single-doc-answer"]).toMatchObject({ wanted: 8, accepted: 8, short: 0 });
    expect(note).toMatch(/of 3 turns/);
    expect(paid).toMatchObject({ turns: 3, made: server.counts().answered });
    expect(made.stdout).toContain(`${later.length} pairs of them later turns of ${seconds} conversations`);

    const examples = await lines<TrainingExample>("three", "train.jsonl");
    expect(examples.map(({ id }) => id)).toEqual(pairs.map(({ id }) => id));
    expect(new Set(examples.map(({ documents }) => documents.length))).toEqual(new Set([6]));
    const messages = await lines<{ messages: unknown[] }>("three", "exports", "messages.jsonl");
    const turns = messages.map(({ messages }) => messages.length / 2);
    expect(turns.sort()).toEqual(pairs.map(({ history = [] }) => history.length + 1).sort());
    const card = await readFile(join(folder, "three", "exports", "README.md"), "utf8");
    expect(card).toMatch(/\| turn of a conversation \| count \|\n\|---\|---\|\n\| 1 \| 8 \|\n\| 2 \| 8 \|/);
    const left = "8 in rag-instruct, rag-instruct-json and alpaca, with no place for the others";
    expect((await stage("three", "export")).note).toBe(left);
    expect([made.stderr, card]).toEqual([expect.stringContaining(left), expect.stringContaining(left)]);
    const manifest = JSON.parse(await readFile(join(folder, "three", "manifest.json"), "utf8"));
    expect(manifest.options.turns).toBe(3);
    const report = await readFile(join(folder, "three", "report.html"), "utf8");
    expect(report).toContain("later turns");

    // By what they took, the next dry run of as many turns is told.
    const next = await cli(...asked(server.url, "three", 16, 3), "--dry-run");
    expect(next.stdout).toMatch(new RegExp(`By the ${paid.made} calls that the last run here made`));
    const status = await cli("status", "three");
    expect(status.stdout).toMatch(/later turns.* of 3 turns/);

    const { requests } = server.counts();
    expect((await cli(...args)).code).toBe(0);
    // Fewer turns are those that were paid for; what that leaves out is a loss to be asked about.
    const fewer = await cli(...asked(server.url, "three", 8, 2));
    expect([fewer.code, fewer.stderr]).toEqual([
      1,
      expect.stringMatching(/would lose 8 pairs and 24 replies paid for/),
    ]);
    expect((await cli(...asked(server.url, "three", 8, 2), "--replace")).code).toBe(0);
    expect((await lines<Pair>("three", "pairs.jsonl")).length).toBe(8 + seconds);
    expect((await cli(...args)).code).toBe(0);
    expect(await lines<Pair>("three", "pairs.jsonl")).toEqual(pairs);
    expect(server.counts().requests).toBe(requests);
  });

  it("killed among the later turns goes on with nothing asked twice, and ends as one that never was", async () => {
    let later = 0;
    const reply = writer();
    const hold = Promise.withResolvers<void>();
    await using server = await faultyServer({
      async reply(request) {
        // Beyond so many answers none comes before the process has ended that is to be killed.
        if (request.messages.at(-1)!.content.includes("<conversation>") && ++later > 5) await hold.promise;
        return reply(request);
      },
    });
    const args = [...asked(server.url, "killed", 10, 3), "--concurrency", "2"];
    const { child, result } = startCli(args, { cwd: folder });
    await until(() => later > 6, { child });
    child.kill("SIGKILL");
    await result;
    hold.resolve();
    const before = (await lines("killed", "ledger.jsonl")).length;
    const done = await cli(...args);
    expect(done.code, done.stderr).toBe(0);
    await using whole = await faultyServer({ reply });
    expect((await cli(...asked(whole.url, "whole", 10, 3))).code).toBe(0);
    expect(await lines("killed", "pairs.jsonl")).toEqual(await lines("whole", "pairs.jsonl"));
    // Of what was under way when it was killed two answers at most were unread.
    expect(before).toBeGreaterThanOrEqual(10 + 3);
    expect(server.counts().requests).toBeLessThanOrEqual(whole.counts().requests + 2 + 2);
  });

  it("stops at its budget among the later turns, says how many found no room, and goes on with more", async () => {
    await using server = await faultyServer({ reply: writer() });
    const prices = ["--set", 'prices={"m":{"inputPerMillion":1,"outputPerMillion":2}}'];
    const args = [...asked(server.url, "budget", 10, 2), ...prices, "--concurrency", "1"];
    await using free = await faultyServer({ reply: writer() });
    const whole = [...asked(free.url, "free", 10, 2), ...prices];
    expect((await cli(...whole, "--yes")).code).toBe(0);
    const { usd } = (await stage("free")).cost.write;
    const stopped = await cli(...args, "--budget", (usd * 0.9).toFixed(6));
    expect(stopped.code, stopped.stderr).toBe(0);
    const { counts } = await stage("budget");
    expect(counts.unpaid).toBeGreaterThan(0);
    expect(counts["later turns"]).toBeGreaterThan(0);
    expect(stopped.stdout).toContain(`stopped by the budget: ${counts.unpaid} pair`);
    expect((await cli(...args, "--budget", "1")).code).toBe(0);
    expect((await lines<Pair>("budget", "pairs.jsonl")).map(({ question }) => question)).toEqual(
      (await lines<Pair>("free", "pairs.jsonl")).map(({ question }) => question),
    );
  });

  it("gives up a model that cannot go on from what was said, keeps the first turns, and goes on when told to", async () => {
    await using server = await faultyServer({ reply: writer({ goesOn: false }) });
    const args = asked(server.url, "alone", 60, 3);
    const made = await cli(...args);
    expect(made.code, made.stderr).toBe(0);
    const { counts, note } = await stage("alone");
    expect([counts["later turns"], counts.accepted]).toEqual([0, 60]);
    expect(note).toMatch(/30 × needs-no-history, .*0 of the first 30 pairs were accepted/);
    expect(server.counts().answered).toBe(60 + 30);
    expect((await cli("status", "alone")).stdout).toContain("The next run would change nothing.");
    expect((await cli(...args)).code).toBe(0);
    expect(server.counts().answered).toBe(60 + 30);
    expect((await cli(...args, "--keep-going")).code).toBe(0);
    expect(server.counts().answered).toBe(60 + 60);
  });

  it.each([
    ["proves turns whose question nobody understands alone", false, 3],
    ["refuses turns whose question is understood alone", true, 0],
  ])("%s", async (_, guesses, later) => {
    await using server = await faultyServer({ reply: provingWriter({ guesses }) });
    const to = `proved-${guesses}`;
    const args = [...asked(server.url, to, 3, 2), "--verify", "proof", "--set", "noiseSample=1"];
    const dry = await cli(...args, "--dry-run");
    const made = await cli(...args);
    expect(made.code, made.stderr).toBe(0);
    const pairs = await lines<Pair>(to, "pairs.jsonl");
    expect(pairs.filter(({ history }) => history)).toHaveLength(later);
    for (const { evidence } of pairs) expect(evidence?.verify).toMatchObject({ level: "proof" });
    const rejected = await lines<{ reason: string }>(to, "rejected.jsonl");
    expect(rejected.map(({ reason }) => reason)).toEqual(Array(3 - later).fill("needs-no-history"));
    const estimated = Number(/about (\d+) calls/.exec(dry.stdout)![1]);
    expect(estimated).toBeGreaterThanOrEqual(server.counts().answered);
  });

  it("asks by batches what it asks one by one, and makes the same of it", async () => {
    await using server = await faultyServer({ reply: writer(), batch: { looks: 1 } });
    const batched = await cli(...asked(server.url, "batched", 6, 2), "--batch");
    expect(batched.code, batched.stderr).toBe(0);
    expect(server.counts().batches).toBeGreaterThan(1);
    expect((await cli(...asked(server.url, "direct", 6, 2))).code).toBe(0);
    expect(await lines("batched", "pairs.jsonl")).toEqual(await lines("direct", "pairs.jsonl"));
  });

  it("takes what people decided of a turn to those that go on from it", async () => {
    await using server = await faultyServer({ reply: writer() });
    const args = asked(server.url, "reviewed", 6, 3);
    expect((await cli(...args)).code).toBe(0);
    const pairs = await lines<Pair>("reviewed", "pairs.jsonl");
    const begun = [...new Set(pairs.flatMap(({ history }) => history?.[0]?.id ?? []))];
    const [rejected, edited] = begun.map((id) => pairs.find((pair) => pair.id === id)!) as [Pair, Pair];
    const decide = (pair: Pair, how: Partial<Review>): string =>
      `${JSON.stringify({ id: pair.id, paradigm: pair.paradigm, seen: seenHash(pair), reviewer: "Ada", time: "2026-11-29T10:00:00Z", ...how })}\n`;
    const edit = { question: edited.question, answer: "In the year of the great storm." };
    const reviews = decide(rejected, { decision: "rejected" }) + decide(edited, { decision: "edited", edit });
    await writeFile(join(folder, "reviewed", "reviews.jsonl"), reviews);
    expect((await cli(...args)).code).toBe(0);
    const examples = await lines<TrainingExample>("reviewed", "train.jsonl");
    const goesOn = (from: Pair) => examples.filter(({ history }) => history?.[0]?.id === from.id);
    expect(goesOn(rejected)).toEqual([]);
    expect(goesOn(edited).length).toBeGreaterThan(0);
    for (const { history } of goesOn(edited)) expect(history![0]!.answer).toBe(edit.answer);
    const left = await lines<{ id: string; detail: string }>("reviewed", "unassembled.jsonl");
    expect(left.map(({ detail }) => detail)).toContain("a person rejected a turn before it");
    // Another pair is written for the first turn alone.
    expect((await cli(...args, "--redraw")).code).toBe(0);
    const again = await lines<Pair>("reviewed", "pairs.jsonl");
    expect(again.filter(({ history }) => !history)).toHaveLength(6);
    expect(again.some(({ id, history }) => id === rejected.id || history?.[0]?.id === rejected.id)).toBe(false);
  });

  it.each([
    ["the offline model", ["docs"], /--turns: later turns need a model that is no stand-in, and a corpus/],
    [
      "no corpus",
      ["--no-documents", "--base-url", "http://127.0.0.1:9/v1", "--model", "m"],
      /--turns: later turns need/,
    ],
    ["five turns", ["docs", "--base-url", "http://127.0.0.1:9/v1", "--model", "m"], /--turns: .*4/],
  ])("refuses %s", async (what, args, message) => {
    const turns = what === "five turns" ? "5" : "2";
    const { code, stderr } = await cli(
      "run",
      ...args,
      "--to",
      "refused",
      "--exemplars",
      "open.jsonl",
      "--turns",
      turns,
    );
    expect([code, stderr]).toEqual([2, expect.stringMatching(message)]);
  });

  it("says before it pays for anything that no exemplar can be gone on from", async () => {
    await using server = await faultyServer({ reply: writer() });
    await writeFile(
      join(folder, "verdicts.jsonl"),
      '{"question":"Is the Eiffel Tower higher than 300 metres?","task":"yes-no"}\n',
    );
    const { code, stderr } = await cli(...asked(server.url, "none", 4, 2, "verdicts.jsonl"));
    expect([code, stderr]).toEqual([2, expect.stringMatching(/later turns need exemplars that ask openly/)]);
    expect(server.counts().answered).toBe(0);
  });
});
