import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Pair, type Review, seenHash, type TrainingExample } from "@rag-instruct/core";
import { openReviewLog } from "@rag-instruct/core/node";
import { type FaultyServer, faultyServer } from "@rag-instruct/core/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { answerFromDocuments } from "./support/answering-model.ts";
import { runCli } from "./support/cli.ts";
import { jsonl } from "./support/run-files.ts";
import { miniLm } from "./support/shared.ts";
import { writeSmallCorpus } from "./support/small-corpus.ts";

let folder: string;
let server: FaultyServer;
const at = (...names: string[]) => join(folder, ...names);
const cli = (...args: string[]) => runCli(args, { cwd: at("elsewhere") });
const model = () => ["--base-url", server.url, "--model", "m"];

/** Runs a command from elsewhere that must succeed. */
async function succeed(...args: string[]) {
  const { code, stdout, stderr } = await cli(...args);
  expect(code, `${args.join(" ")}: ${stderr}`).toBe(0);
  return { stdout, stderr };
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "moved-run-"));
  server = await faultyServer({ reply: answerFromDocuments });
  await mkdir(at("elsewhere"));
  await mkdir(at("work"));
  await writeSmallCorpus(at("work/docs"), { pages: 60 });
  await writeFile(at("work/open.jsonl"), '{"question":"Who built the first lighthouse?","task":"open"}\n');
  await writeFile(
    at("work/taken.txt"),
    "A text that no training data may hold, of many words, more than thirteen of them.\n",
  );
  const args = ["--exemplars", "open.jsonl", "--paradigm", "single-doc-answer", "--pairs", "5", ...model()];
  const benchmark = ["--benchmark", "texts=taken.txt"];
  const made = await runCli(["run", "docs", "--to", "run", ...args, ...benchmark], { cwd: at("work") });
  expect(made.code, made.stderr).toBe(0);
});
beforeEach(() => rm(at("moved"), { recursive: true, force: true }));
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

describe("a run folder that was moved, without what it was made of", () => {
  it("is searched, asked, shown, given out, assembled anew and gone on with", async () => {
    await cp(at("work"), at("moved"), { recursive: true });
    // The paths that the run keeps are those of the folder it was made in.
    await rename(at("work"), at("gone"));
    try {
      await rm(at("moved/docs"), { recursive: true });
      const { requests } = server.counts();
      expect((await succeed("run", "../moved/run")).stderr).not.toMatch(/ s\)/);
      expect((await succeed("search", "../moved/run", "the harbour")).stdout).toContain("harbour");
      await succeed("report", "../moved/run");
      await succeed("assemble", "../moved/run", "--documents", "5");
      await succeed("export", "../moved/run");
      const examples = await jsonl<TrainingExample>(at("moved/run/train.jsonl"));
      expect(examples.map(({ documents }) => documents.length)).toEqual([5, 5, 5, 5, 5]);
      expect(server.counts().requests).toBe(requests);
      await succeed("ask", "../moved/run", "Who painted the bridge?", ...model());
      // What needs the documents says so, and touches nothing.
      const words = await cli("run", "../moved/run", "--set", "corpus.words=50");
      expect([words.code, words.stderr]).toEqual([1, expect.stringMatching(/work\/docs is not there/)]);
    } finally {
      await rename(at("gone"), at("work"));
    }
  });

  it("is gone on with where it was stopped", async () => {
    await cp(at("work"), at("moved"), { recursive: true });
    await rename(at("work"), at("gone"));
    try {
      for (const name of ["train.jsonl", "pairs.jsonl"]) await rm(at("moved/run", name));
      const { requests } = server.counts();
      await rm(at("moved/taken.txt"));
      const { code, stderr } = await cli("run", "../moved/run");
      // The pairs are checked against a benchmark that is gone.
      expect([code, stderr]).toEqual([1, expect.stringMatching(/taken\.txt is not there/)]);
      await succeed("run", "../moved/run", "--set", "benchmarks={}");
      expect(server.counts().requests).toBe(requests);
      const pairs = (path: string) => readFile(at(path), "utf8");
      expect(await pairs("moved/run/pairs.jsonl")).toBe(await pairs("gone/run/pairs.jsonl"));
    } finally {
      await rename(at("gone"), at("work"));
    }
  });

  it("knows its embedding model by a path from the root, says when that is gone, and takes it from another place", async (test) => {
    test.skip(!(await readdir(miniLm).catch(() => undefined)), "needs all-MiniLM-L6-v2");
    await mkdir(at("moved/docs"), { recursive: true });
    for (const name of (await readdir(at("work/docs"))).slice(0, 4))
      await cp(at("work/docs", name), at("moved/docs", name));
    await cp(miniLm, at("moved/models/mini"), { recursive: true });
    const made = await runCli(["index", "docs", "--to", "run", "--embeddings", "models/mini"], { cwd: at("moved") });
    expect(made.code, made.stderr).toBe(0);
    const found = (await succeed("search", "../moved/run", "the harbour")).stdout;
    await rename(at("moved/models"), at("moved/other"));
    const lost = await cli("search", "../moved/run", "the harbour");
    expect([lost.code, lost.stderr]).toEqual([
      1,
      expect.stringMatching(/moved\/models\/mini is not there; say where its folder is now with --embeddings/),
    ]);
    expect((await succeed("search", "../moved/run", "the harbour", "--embeddings", "../moved/other/mini")).stdout).toBe(
      found,
    );
    await rm(at("moved/docs"), { recursive: true });
    // Its vectors are not made anew either.
    const again = await succeed("index", "../moved/run", "--embeddings", "../moved/other/mini");
    expect(again.stderr).toMatch(/embed .*\(unchanged\)/);
    expect((await succeed("search", "../moved/run", "the harbour")).stdout).toBe(found);
    expect((await succeed("search", "../moved/run", "the harbour", "--retrieval", "bm25")).stdout).toContain("harbour");
  });
});

describe("verified pairs", () => {
  it("of a run are a run, which assemble and export take as it is, also when the first one is gone", async () => {
    await cp(at("work/run"), at("moved/first"), { recursive: true });
    const [left] = await jsonl<Pair>(at("moved/first/pairs.jsonl"));
    {
      await using log = await openReviewLog(at("moved/first"));
      const { id, paradigm } = left!;
      const time = new Date().toISOString();
      await log.append({ id, paradigm, seen: seenHash(left!), decision: "rejected", reviewer: "ada", time });
    }
    await succeed("verify", "../moved/first");
    // What was decided before goes along, and once.
    await succeed("verify", "../moved/first", "--replace");
    const reviews = await jsonl<Review>(at("moved/first/verified/reviews.jsonl"));
    expect(reviews.map(({ id, decision }) => [id, decision])).toEqual([[left!.id, "rejected"]]);
    const verified = await jsonl<Pair>(at("moved/first/verified/pairs.jsonl"));
    const pairs = verified.filter(({ id }) => id !== left!.id);
    expect([pairs.length > 0, verified.length - pairs.length]).toEqual([true, 1]);
    await rename(at("moved/first/verified"), at("moved/verified"));
    await rm(at("moved/first"), { recursive: true });
    const { requests } = server.counts();
    await succeed("assemble", "../moved/verified");
    await succeed("export", "../moved/verified");
    await succeed("report", "../moved/verified");
    expect((await succeed("search", "../moved/verified", "the harbour")).stdout).toContain("harbour");
    const examples = await jsonl<TrainingExample>(at("moved/verified/train.jsonl"));
    expect(examples.map(({ id }) => id)).toEqual(pairs.map(({ id }) => id));
    expect(await readdir(at("moved/verified/exports"))).toContain("messages.jsonl");
    // All of its stages too, and no pair is written for it.
    await succeed("run", "../moved/verified", "--retry-rejected");
    expect(server.counts().requests).toBe(requests);
    expect(await jsonl(at("moved/verified/pairs.jsonl"))).toEqual(verified);
    await writeFile(at("moved/verified/pairs.jsonl"), "");
    const edited = await cli("assemble", "../moved/verified");
    expect([edited.code, edited.stderr]).toEqual([
      1,
      expect.stringMatching(/verified\/pairs\.jsonl was changed since/),
    ]);
    await rm(at("moved/verified/pairs.jsonl"));
    const gone = await cli("assemble", "../moved/verified");
    expect([gone.code, gone.stderr]).toEqual([
      1,
      expect.stringMatching(/pairs\.jsonl is gone, which rag-instruct verify made/),
    ]);
  });

  it("go on from pairs that were edited, and never into the place of others", async () => {
    await cp(at("work/run"), at("moved/first"), { recursive: true });
    const file = at("moved/first/pairs.jsonl");
    const pairs = await jsonl<Pair>(file);
    await writeFile(
      file,
      pairs
        .slice(1)
        .map((pair) => `${JSON.stringify(pair)}\n`)
        .join(""),
    );
    const refused = await cli("assemble", "../moved/first");
    expect(refused.stderr).toMatch(
      /first\/pairs\.jsonl was changed .*rag-instruct verify \S+pairs\.jsonl --output <folder>/,
    );
    await succeed("verify", "../moved/first/pairs.jsonl", "--to", "../moved/first", "--output", "../moved/mine");
    await succeed("assemble", "../moved/mine");
    const examples = await jsonl<TrainingExample>(at("moved/mine/train.jsonl"));
    expect(examples.map(({ id }) => id)).toEqual(pairs.slice(1).map(({ id }) => id));
    for (const into of ["../moved/first", "../moved/mine"]) {
      const other = await cli("verify", "../moved/first/train.jsonl", "--output", into);
      expect([other.code, other.stderr]).toEqual([1, expect.stringMatching(/was changed|would lose \d pairs/)]);
    }
    expect(await jsonl(at("moved/mine/pairs.jsonl"))).toEqual(pairs.slice(1));
  });

  it("of a file become a run by the documents that noise is to come from", async () => {
    await cp(at("work/run/pairs.jsonl"), at("moved/pairs.jsonl"));
    await succeed("verify", "../moved/pairs.jsonl", "--output", "../moved/checked");
    const early = await cli("assemble", "../moved/checked");
    expect(early.stderr).toMatch(/rag-instruct index <documents> --to \S*checked/);
    await succeed("index", "../work/docs", "--to", "../moved/checked");
    await succeed("assemble", "../moved/checked");
    expect(await jsonl(at("moved/checked/train.jsonl"))).toHaveLength((await jsonl(at("moved/pairs.jsonl"))).length);
  });

  it("are not looked for in a folder of documents", async () => {
    const { code, stderr } = await cli("verify", "../work/docs");
    expect([code, stderr]).toEqual([2, expect.stringMatching(/docs is a folder, and no run/)]);
  });
});
