import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Embedder, Kept } from "@rag-instruct/core";
import { sharedBudget } from "@rag-instruct/core/calls";
import { faultyServer } from "@rag-instruct/core/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeTinyModel } from "../packages/embed/test/tiny-model.ts";
import { readRunSettings } from "../packages/rag-instruct/src/cli/settings.ts";
import { openRunRetriever } from "../packages/rag-instruct/src/pipeline/search.ts";
import { runCli } from "./support/cli.ts";
import { embeddingServer } from "./support/embedding-server.ts";
import { writeSmallCorpus } from "./support/small-corpus.ts";

let folder: string;
const cli = (...args: string[]) => runCli(args, { cwd: folder });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "search-"));
  await writeSmallCorpus(join(folder, "docs"), { pages: 60 });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("search and ask", () => {
  const record = { question: "Who rebuilt the bridge near the harbour?", kept: [1] };

  it("ranks for one question, from an index that is there, and names the command that makes one that is not", async () => {
    const early = await cli("search", record.question, "--to", "found");
    const [command] = early.stderr.match(/rag-instruct index <documents> --to found/)!;
    expect([early.code, early.stdout]).toEqual([1, ""]);
    await cli(...command.replace("<documents>", "docs").split(" ").slice(1));
    const found = JSON.parse((await cli("search", record.question, "--to", "found", "--n-docs", "3", "--json")).stdout);
    expect(found.ctxs).toHaveLength(3);
    expect(Object.keys(found.ctxs[0])).toEqual(["id", "title", "text", "score"]);
    expect(found.ctxs[0].score).toBeGreaterThan(found.ctxs[2].score);
    expect((await cli("search", record.question, "--to", "found", "--n-docs", "1")).stdout).toContain(
      found.ctxs[0].title,
    );
  });

  it("adds ctxs to depth 250 to each record of a JSONL or JSON file, by its question or instruction", async () => {
    const records = [record, { instruction: "Tell of the lighthouse.", id: "second" }];
    await writeFile(join(folder, "questions.jsonl"), records.map((each) => `${JSON.stringify(each)}\n`).join(""));
    await writeFile(join(folder, "questions.json"), JSON.stringify(records, null, 2));
    const lines = (await cli("search", "--input", "questions.jsonl", "--to", "found")).stdout.trim().split("\n");
    const fromLines = lines.map((line) => JSON.parse(line));
    expect(fromLines.map(({ ctxs: _, ...rest }) => rest)).toEqual(records);
    expect(fromLines[0].ctxs.length).toBe(250);
    const array = await cli("search", "--input", "questions.json", "--output", "with.json", "--to", "found");
    expect([array.code, array.stdout]).toEqual([0, "with.json\n"]);
    expect(JSON.parse(await readFile(join(folder, "with.json"), "utf8"))).toEqual(fromLines);
  });

  it("indexes, embeds and searches fewer passages than an example has documents; a run says that they are too few", async () => {
    await using server = await embeddingServer();
    const choice = `embeddings=${JSON.stringify({ name: "words", baseUrl: server.url, dimensions: server.dimensions })}`;
    await writeSmallCorpus(join(folder, "few"), { pages: 1 });
    await writeFile(join(folder, "few", "page-000.md"), "The harbour was opened in 1901 by Ibsen.\n");
    const made = await cli("index", "few", "--to", "little", "--set", choice, "retrieval=hybrid", "--json");
    expect([made.code, JSON.parse(made.stdout).stages.map(({ name }: { name: string }) => name)]).toEqual([
      0,
      ["ingest", "embed", "index"],
    ]);
    for (const kind of ["bm25", "dense", "hybrid"]) {
      const found = await cli("search", "Who opened the harbour?", "--to", "little", "--retrieval", kind, "--json");
      expect(JSON.parse(found.stdout).ctxs).toHaveLength(1);
    }
    const run = await cli("run", "few", "--to", "whole", "--model", "offline");
    expect(run).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("the corpus has 1 passage and a training example needs 10; add documents"),
    });
  });

  it("names the line of a record without a question", async () => {
    await writeFile(join(folder, "odd.jsonl"), `${JSON.stringify(record)}\n{"topic":"x"}\n`);
    const { code, stderr } = await cli("search", "--input", "odd.jsonl", "--to", "found");
    expect([code, stderr]).toEqual([1, expect.stringMatching(/odd\.jsonl:2: .*`question`, `Question`, `instruction`/)]);
  });

  it("says how many questions have fewer passages than were asked for, since BM25 finds only what shares a word", async () => {
    await writeFile(join(folder, "rare.txt"), "xyzzy\nWho rebuilt the bridge near the harbour?\n");
    const { stdout, stderr } = await cli("search", "--input", "rare.txt", "--to", "found", "--n-docs", "5");
    expect(
      stdout
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line).ctxs.length),
    ).toEqual([0, 5]);
    expect(stderr).toMatch(/^1 question has fewer than 5 passages, the fewest 0: BM25 finds only/);
  });

  it("reads words as the language of the documents has them, says so, and takes another way where it is told to", async () => {
    const page = "La cour de l’école est vide, et les élèves sont dans la rue avec leurs parents.";
    await writeFile(join(folder, "page.md"), `${page}\n`);
    const made = await cli("index", "page.md", "--to", "cour");
    expect(made.stderr).toMatch(/ingest .* 1 passage, in French /);
    expect(made.stderr).toMatch(/index .* 1 passage, words read as french /);
    const search = (...args: string[]) => cli("search", ...args, "--to", "cour");
    expect((await search("écoles")).stdout).toContain("page.md");
    expect((await search("xyzzy")).stdout).toBe("No passage shares a word with the question.\n");
    expect(JSON.parse((await search("xyzzy", "--json")).stdout)).toMatchObject({
      ctxs: [],
      note: expect.stringContaining("No passage"),
    });

    const simple = ["index", "--to", "cour", "--set", "retrieval.analyzer=simple"];
    expect((await cli(...simple)).stderr).toMatch(/words read as simple/);
    // Kept with the run: a search needs not be told.
    expect((await search("écoles")).stdout).toContain("No passage");
    expect((await search("école", "--retrieval", "bm25")).stdout).toContain("page.md");
    const wrong = await cli(...simple.slice(0, -1), "retrieval.analyzer=frensh");
    expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining('did you mean "french"?') });
  });

  it("answers from the documents, shows them, and pays for the same question once", async () => {
    await using model = await faultyServer({
      reply: ({ messages }) => `By ${messages.at(-1)!.content.match(/by (\w+)/)?.[1]}.`,
    });
    const args = ["ask", record.question, "--to", "found", "--base-url", model.url, "--model", "m", "--json"];
    const { answer, sources } = JSON.parse((await cli(...args)).stdout);
    expect(answer).toMatch(/^By [A-Z]\w+\.$/);
    expect(sources).toHaveLength(10);
    await cli(...args);
    expect(model.counts().requests).toBe(1);
    expect(await cli("ask", "Why?", "--to", "found")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("name one with --model"),
    });
  });
});

describe("dense and hybrid retrieval", () => {
  it("embeds through an endpoint, ranks by either, and embeds a passage once", async () => {
    await using server = await embeddingServer();
    const choice = `embeddings=${JSON.stringify({ name: "words", baseUrl: server.url, dimensions: server.dimensions })}`;
    const embedded = await cli("embed", "docs", "--to", "dense", "--set", choice, "--json");
    const { passages, dimensions } = JSON.parse(embedded.stdout).stages.at(-1).counts;
    expect([dimensions, passages]).toEqual([server.dimensions, JSON.parse(embedded.stdout).stages[0].counts.passages]);
    // What BM25 ranks by; the vectors are there.
    await cli("index", "--to", "dense");
    const before = server.requests();
    const search = async (kind: string) => {
      const found = await cli("search", "lighthouse painted by Dahl", "--to", "dense", "--retrieval", kind, "--json");
      return (JSON.parse(found.stdout).ctxs as { id: string }[]).map(({ id }) => id);
    };
    const [bm25, dense, hybrid] = [await search("bm25"), await search("dense"), await search("hybrid")];
    expect(dense).not.toEqual(bm25);
    expect(bm25.concat(dense)).toEqual(expect.arrayContaining(hybrid.slice(0, 1)));
    expect(server.requests() - before).toBe(1);

    // A word of no passage: BM25 finds nothing, and what dense search ranks takes its place.
    const filled = await cli("search", "xyzzy", "--to", "dense", "--retrieval", "bm25", "--n-docs", "4", "--json");
    expect((JSON.parse(filled.stdout).ctxs as { score: number }[]).map(({ score }) => score)).toEqual([0, 0, 0, 0]);
  });
});

it("a question to OpenAI's model at an address on this machine is announced as free, without a key that pays, and kept as that server's", async () => {
  await cli("index", "docs", "--to", "free");
  const replies = ["first", "second"];
  for (const [n, reply] of replies.entries()) {
    await using server = await faultyServer({ reply: () => reply });
    const env = { OPENAI_API_KEY: "k", OPENAI_BASE_URL: server.url };
    const asked = await runCli(["ask", "free", "Who rebuilt the bridge?", "--model", "gpt-4o-mini"], {
      cwd: folder,
      env,
    });
    expect(asked.stderr).toContain("on this machine, nothing is charged");
    expect(asked.stderr).not.toContain("paid with");
    expect([asked.stdout.split("\n")[0], server.counts().requests]).toEqual([replies[n], 1]);
  }
});

it("whoever searches a run again and again opens its model once, and another one when the run was embedded by that", async () => {
  const [run, model, other] = ["kept", "tiny", "other"].map((name) => join(folder, name)) as [string, string, string];
  await writeTinyModel(model);
  await writeTinyModel(other, { files: { "sentence_bert_config.json": { max_seq_length: 4, do_lower_case: false } } });
  const index = (by: string) =>
    cli("index", "docs", "--to", run, "--embeddings", by, "--retrieval", "dense", "--replace");
  let opened = 0;
  class Counting extends Kept<Embedder & AsyncDisposable> {
    override get(key: string, open: () => Promise<Embedder & AsyncDisposable>) {
      return super.get(key, () => {
        opened++;
        return open();
      });
    }
  }
  await using kept = new Counting();
  const search = async () => {
    const config = await readRunSettings(run, {});
    await using retriever = await openRunRetriever(config, { paying: { budget: sharedBudget(), kept } });
    const [found] = await retriever.retrieve(["w4 w5"], { limit: 2 });
    return found!.map(({ passage }) => passage.id);
  };
  expect((await index(model)).code).toBe(0);
  const first = await search();
  expect(await Promise.all([search(), search()])).toEqual([first, first]);
  expect([first.length, opened]).toEqual([2, 1]);
  expect((await index(other)).code).toBe(0);
  expect([(await search()).length, opened]).toEqual([2, 2]);
});
