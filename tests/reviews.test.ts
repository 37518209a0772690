import { appendFile, cp, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Pair, type Review, seenHash, type TrainingExample } from "@rag-instruct/core";
import { openReviewLog, readReviews, reviewsFile } from "@rag-instruct/core/node";
import { faultyServer } from "@rag-instruct/core/testing";
import { pushToHub } from "@rag-instruct/format";
import { type Config, ragInstruct } from "rag-instruct";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { answerFromDocuments } from "./support/answering-model.ts";
import { runCli } from "./support/cli.ts";
import { jsonl } from "./support/run-files.ts";
import { writeSmallCorpus } from "./support/small-corpus.ts";

let folder: string;
let run: string;
let pairs: Pair[];

function review(pair: Pair, decision: Review["decision"], more: Partial<Review> = {}): Review {
  const { id, paradigm } = pair;
  return { id, paradigm, seen: seenHash(pair), decision, reviewer: "ada", time: "2026-01-02T03:04:05Z", ...more };
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "reviews-"));
  run = join(folder, "run");
  await writeSmallCorpus(join(folder, "docs"), { pages: 60 });
  await ragInstruct({ to: run, corpus: { from: join(folder, "docs") }, pairs: { "single-doc-answer": 12 } });
  const assembled = new Set((await jsonl<TrainingExample>(join(run, "train.jsonl"))).map(({ id }) => id));
  pairs = (await jsonl<Pair>(join(run, "pairs.jsonl"))).filter(({ id }) => assembled.has(id));
  await using log = await openReviewLog(run);
  await log.append(review(pairs[0]!, "rejected", { reason: "trivial" }));
  const edit = { question: `In the end, ${pairs[1]!.question}`, answer: pairs[1]!.answer };
  await log.append(review(pairs[1]!, "edited", { edit }));
  await log.append(review(pairs[2]!, "accepted"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("a run that people have reviewed", () => {
  it("gives out neither what they rejected nor what they have changed, and says what they found", async () => {
    const { code, stderr } = await runCli(["export", run], { cwd: folder });
    expect({ code, stderr }).toMatchObject({ code: 0 });
    const given = await readFile(join(run, "exports/messages.jsonl"), "utf8");
    expect(given.trim().split("\n")).toHaveLength(pairs.length - 1);
    expect(given).not.toContain(JSON.stringify(pairs[0]!.question).slice(1, -1));
    expect(given).toContain("In the end, ");
    const card = await readFile(join(run, "exports/README.md"), "utf8");
    expect(card).toMatch(/3 pairs read by one person: 33% good as written \(95% interval 6 to 79%\), 1 rejected/);
  });

  it("gives out what they accepted alone, where that is asked for", async () => {
    const { code } = await runCli(["export", run, "--only-accepted"], { cwd: folder });
    expect(code).toBe(0);
    expect((await readFile(join(run, "exports/messages.jsonl"), "utf8")).trim().split("\n")).toHaveLength(2);
    const args = ["--only-accepted", "--shares", "train=1", "--output", join(folder, "parts")];
    const splits = await runCli(["split", run, ...args], { cwd: folder });
    expect(splits).toMatchObject({ code: 0, stdout: expect.stringContaining("2 train") });
  });

  it("gives out nothing, and writes over nothing, where nobody has accepted any", async () => {
    const unread = join(folder, "unread");
    await cp(run, unread, { recursive: true });
    await rm(join(unread, reviewsFile));
    const filesOf = async () => {
      const entries = await readdir(unread, { recursive: true, withFileTypes: true });
      return entries
        .filter((entry) => entry.isFile())
        .map(({ parentPath, name }) => join(parentPath, name))
        .sort();
    };
    const messages = () => readFile(join(unread, "exports/messages.jsonl"), "utf8");
    const before = [await filesOf(), await messages()];
    for (const command of [["export"], ["split"], ["recipe", "--base", "m"]]) {
      const { code, stderr } = await runCli([...command, "--run", unread, "--only-accepted"], { cwd: folder });
      expect([code, stderr]).toEqual([2, expect.stringMatching(/nobody has accepted or edited a pair yet.* view\n$/)]);
    }
    expect([await filesOf(), await messages()]).toEqual(before);
    // What failed does not stand in the way.
    expect(await runCli(["recipe", "--base", "m", "--run", unread], { cwd: folder })).toMatchObject({ code: 0 });
  });

  it("assembles what they left, marks what they changed, and keeps their decisions when the run is made again", async () => {
    const { code, stderr } = await runCli(["assemble", "--to", run], { cwd: folder });
    expect({ code, stderr }).toMatchObject({ code: 0 });
    const examples = await jsonl<TrainingExample>(join(run, "train.jsonl"));
    expect(examples.map(({ id }) => id)).toEqual(pairs.slice(1).map(({ id }) => id));
    expect(examples.flatMap(({ id, edited }) => (edited ? [id] : []))).toEqual([pairs[1]!.id]);
    const out = await jsonl<{ id: string; reason: string; detail: string }>(join(run, "unassembled.jsonl"));
    expect(out).toContainEqual(
      expect.objectContaining({ id: pairs[0]!.id, reason: "rejected-by-reviewer", detail: "trivial" }),
    );
    const again = await runCli(["export", run], { cwd: folder });
    expect(again.code).toBe(0);
    expect(await readFile(join(run, "exports/messages.jsonl"), "utf8")).toContain("In the end, ");
  });

  it("are obeyed where its pairs were verified into a folder of it, whose own decisions count beside them", async () => {
    const verified = join(run, "verified");
    for (const words of [
      ["verify", run, "--level", "lexical"],
      ["assemble", verified],
      ["export", verified],
    ]) {
      const { code, stderr } = await runCli(words, { cwd: folder });
      expect({ code, stderr }).toMatchObject({ code: 0 });
    }
    const given = async () => {
      const examples = await jsonl<TrainingExample>(join(verified, "exports/examples.jsonl"));
      return pairs.slice(0, 4).map(({ id }) => examples.find((example) => example.id === id)?.question);
    };
    const [, , third, fourth] = pairs.map(({ question }) => question);
    expect(await given()).toEqual([undefined, expect.stringContaining("In the end, "), third, fourth]);
    {
      await using log = await openReviewLog(verified);
      await log.append(review(pairs[3]!, "rejected"));
    }
    expect(await runCli(["export", verified], { cwd: folder })).toMatchObject({ code: 0 });
    expect(await given()).toEqual([undefined, expect.stringContaining("In the end, "), third, undefined]);
  });

  it("publishes no files that were made before the last decision", async () => {
    const push = () => pushToHub({ folder: join(run, "exports"), repo: "me/set", dryRun: true, allowDryRunData: true });
    expect((await push()).uploaded).toContain("README.md");
    await using log = await openReviewLog(run);
    await log.append(review(pairs[4]!, "rejected"));
    await expect(push()).rejects.toThrow(/people have decided .* since .*exports was written; .*rag-instruct export/);
    expect((await runCli(["export", run], { cwd: folder })).code).toBe(0);
    expect((await push()).uploaded).toContain("README.md");
  });

  it("draws a reserve for each rejected pair where that is asked for, and asks for nothing else", async () => {
    await using server = await faultyServer({ reply: answerFromDocuments });
    const drawn = join(folder, "drawn");
    const config: Config = {
      to: drawn,
      corpus: { from: join(folder, "docs") },
      exemplars: [{ id: "e1", question: "Who built the first lighthouse?", task: "open", source: "mine" }],
      model: { name: "m", baseUrl: server.url },
      pairs: { "single-doc-answer": 4 },
    };
    await ragInstruct(config);
    const before = await jsonl<Pair>(join(drawn, "pairs.jsonl"));
    const { requests } = server.counts();
    await using log = await openReviewLog(drawn);
    await log.append(review(before[0]!, "rejected", { reason: "trivial" }));
    await log.append(review(before[1]!, "accepted"));
    const summary = await ragInstruct(config, { redraw: true });
    expect(summary.pairs).toMatchObject({ wanted: 4, missing: 0 });
    const after = await jsonl<Pair>(join(drawn, "pairs.jsonl"));
    expect(after.filter(({ id }) => before.some((pair) => pair.id === id))).toEqual(before.slice(1));
    expect(await jsonl(join(drawn, "train.jsonl"))).toHaveLength(4);
    expect(server.counts().requests).toBe(requests + 1);
    const [replaced] = await jsonl<{ id: string; reason: string; detail: string }>(join(drawn, "replaced.jsonl"));
    expect(replaced).toMatchObject({ id: before[0]!.id, reason: "rejected-by-reviewer", detail: "trivial" });
    expect((await readReviews(drawn)).of(before[1]!)?.decision).toBe("accepted");
  });

  it("does not trip over a line that a killed process has left half-written", async () => {
    await appendFile(join(run, "reviews.jsonl"), '{"id":"torn');
    expect((await readReviews(run)).size).toBe(4);
    await using log = await openReviewLog(run);
    await log.append(review(pairs[3]!, "accepted"));
    expect((await readReviews(run)).figures().reviewed).toBe(5);
  });

  it("names file and line of a decision that is none", async () => {
    await appendFile(join(run, "reviews.jsonl"), '{"id":"x"}\n');
    await expect(readReviews(run)).rejects.toThrow(/reviews\.jsonl:6: a review needs "paradigm" as text/);
  });
});
