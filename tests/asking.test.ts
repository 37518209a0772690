import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { faultyServer } from "@rag-instruct/core/testing";
import { afterAll, beforeAll, expect, it } from "vitest";
import { runCli } from "./support/cli.ts";
import { embeddingServer } from "./support/embedding-server.ts";
import { writeSmallCorpus } from "./support/small-corpus.ts";

let folder: string;
const cli = (...args: string[]) => runCli(args, { cwd: folder });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "asking-"));
  await writeSmallCorpus(join(folder, "docs"), { pages: 40 });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it("questions are asked at the same time in one folder, and the same one is paid for once", async () => {
  await using server = await faultyServer({ latency: 300, reply: () => "In 1850." });
  await cli("index", "docs");
  const ask = (question: string) => cli("ask", question, "--base-url", server.url, "--model", "m", "--json");
  const questions = ["When was the harbour opened?", "When was the harbour opened?", "Who painted the bridge?"];
  const results = await Promise.all(questions.map(ask));
  const said = results.map(({ code, stderr }) => [code, stderr.replace(/^ *waiting.*\n/gm, "")]);
  const header =
    /^an answer by m at 127\.0\.0\.1:\d+: about 1 call, [\d,]+ tokens in, 1,024 out; .*nothing is charged; no ceiling\n$/;
  // What the ledger answers is not announced.
  expect(said.filter(([, stderr]) => stderr === "")).toEqual([[0, ""]]);
  expect(said.filter(([, stderr]) => stderr !== "")).toEqual([1, 2].map(() => [0, expect.stringMatching(header)]));
  expect(results.map(({ stdout }) => JSON.parse(stdout).answer)).toEqual(questions.map(() => "In 1850."));
  expect(server.counts().requests).toBe(2);
  expect(await readdir(join(folder, "run/asked"))).toHaveLength(2);
});

it("searches by an embedding endpoint run at the same time in one folder", async () => {
  await using server = await embeddingServer();
  const embeddings = JSON.stringify({ name: "words", baseUrl: server.url, dimensions: server.dimensions });
  await cli("index", "docs", "--set", `embeddings=${embeddings}`, "--to", "dense");
  const search = (question: string) => cli("search", question, "--to", "dense", "--json");
  const results = await Promise.all([search("the harbour"), search("a bridge"), search("the library")]);
  expect(results.map(({ code, stdout }) => [code, JSON.parse(stdout).ctxs?.length])).toEqual([
    [0, 10],
    [0, 10],
    [0, 10],
  ]);
});
