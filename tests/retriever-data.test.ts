import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Pair, TrainingExample } from "@rag-instruct/core";
import { measureRetrieval, readBeir } from "@rag-instruct/eval";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runCli } from "./support/cli.ts";
import { embeddingServer } from "./support/embedding-server.ts";
import { jsonl } from "./support/run-files.ts";
import { writeSmallCorpus } from "./support/small-corpus.ts";

let folder: string;
let run: string;
const cli = (...args: string[]) => runCli(args, { cwd: folder });
const formats = 'exports=["triplets","labelled-pairs","labelled-lists","beir","msmarco"]';
const exported = (...path: string[]) => join(run, "exports", ...path);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "retriever-data-"));
  run = join(folder, "run");
  expect((await cli("demo", "--to", "run")).code).toBe(0);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("exports for retrievers", () => {
  it("are given out of a run by its own index, and measure a ranking of the same run", async () => {
    const { code, stdout } = await cli("export", "run", "--set", formats);
    expect([code, stdout]).toEqual([0, expect.stringContaining("5 formats, 100 examples, 20 left out of triplets")]);
    const { queries, qrels, passages } = await readBeir(exported("beir"), { split: "train" });
    const ids = new Set((await Array.fromAsync(passages())).map(({ id }) => id));
    expect(ids.size).toBe(723);
    expect(qrels.size).toBe(80);
    for (const judged of qrels.values()) for (const id of judged.keys()) expect(ids).toContain(id);

    const found = await cli("search", "--input", "run/exports/beir/queries.jsonl", "--to", "run", "--n-docs", "100");
    const rankings = found.stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { _id: string; ctxs: { id: string; score: number }[] });
    const ranked = new Map(rankings.map(({ _id, ctxs }) => [_id, ctxs]));
    expect([...ranked.keys()]).toEqual([...queries.keys()]);
    const { means, unanswered } = measureRetrieval(ranked, qrels, { measures: ["recall_100", "success_10"] });
    expect(unanswered).toEqual([]);
    // The plan has drawn each pair's documents from this index.
    expect(means.success_10).toBeGreaterThan(0.7);
    expect(means.recall_100).toBeGreaterThan(0.7);

    const { rules, negatives } = JSON.parse(await readFile(exported("retrieval.json"), "utf8"));
    expect(rules).toMatchObject({ from: 11, to: 50 });
    const examples = await jsonl<TrainingExample>(join(run, "train.jsonl"));
    const helpful = examples.filter(({ paradigm }) => paradigm !== "useless-doc");
    expect(negatives.chosen).toBe(4 * helpful.length);
    const sources = helpful.map(({ sourceIds = [] }) => sourceIds.length).reduce((a, b) => a + b);
    expect(await jsonl(exported("triplets", "train.jsonl"))).toHaveLength(sources);
    expect(await readFile(exported("README.md"), "utf8")).toContain("- triplets: 80 questions");
  });

  it("keep to the parts of the run, and to the ranks that are asked for; what an earlier export left of parts goes", async () => {
    await cli("split", "run", "--keep-apart", "sources", "--shares", "train=0.8,validation=0.1,test=0.1");
    const options = ["--set", formats, "negatives.count=1", "negatives.from=30", "negatives.to=60"];
    expect((await cli("export", "run", ...options)).code).toBe(0);
    expect((await readdir(exported("beir", "qrels"))).sort()).toEqual(["dev.tsv", "test.tsv", "train.tsv"]);
    const [row] = await jsonl<object>(exported("triplets", "test.jsonl"));
    expect(Object.keys(row!)).toEqual(["anchor", "positive", "negative"]);
    const parts = ["train", "dev", "test"].map((split) => readBeir(exported("beir"), { split }));
    const judged = (await Promise.all(parts)).map(({ qrels }) => [...qrels.keys()]);
    const testers = await jsonl<TrainingExample>(join(run, "splits", "test.jsonl"));
    const inTest = testers.filter(({ paradigm }) => paradigm !== "useless-doc").map(({ id }) => id);
    expect(judged[2]?.sort()).toEqual(inTest.sort());
    expect(new Set(judged.flat()).size).toBe(80);

    await cli("split", "run", "--keep-apart", "sources", "--shares", "train=0.8,test=0.2", "--replace");
    expect((await cli("export", "run", "--set", formats)).code).toBe(0);
    expect((await readdir(exported("beir", "qrels"))).sort()).toEqual(["test.tsv", "train.tsv"]);

    const report = JSON.parse(await readFile(join(run, "splits", "splits.json"), "utf8"));
    await writeFile(join(run, "splits", "splits.json"), JSON.stringify({ ...report, sha256: "of others" }));
    const stale = await cli("export", "run", "--set", formats);
    expect([stale.code, stale.stderr]).toEqual([1, expect.stringContaining("rag-instruct split run --replace")]);
  });

  it("come with the run where its config asks for them, and never cost anything by export", async () => {
    await using server = await embeddingServer();
    const paid = { name: "words", baseUrl: "http://embeddings.test/v1", dimensions: server.dimensions };
    await writeSmallCorpus(join(folder, "docs"), { pages: 20 });
    const asked = ["--set", 'exports=["triplets","beir"]', "--pairs", "1", "--model", "offline"];
    const made = await cli("run", "docs", "--to", "made", ...asked);
    expect([made.code, made.stderr]).toEqual([0, expect.not.stringContaining("error")]);
    expect((await readdir(join(folder, "made", "exports"))).sort()).toEqual([
      "README.md",
      "beir",
      "retrieval.json",
      "triplets",
    ]);
    const dense = ["retrieval=dense", `embeddings=${JSON.stringify(paid)}`];
    const refused = await cli("export", "made", "--set", 'exports=["triplets"]', ...dense);
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining("export never spends")]);
  });
});

describe("chains of searches", () => {
  interface Chain {
    id: string;
    messages: { role: string; content: string; tool_calls?: { function: { arguments: { query: string } } }[] }[];
    steps: { query: string; found: string[] }[];
  }

  it("are found for the demo's multi-hop pairs by their proof, and each query shows its document again", async () => {
    expect((await cli("demo", "--to", "proved", "--set", "verify=proof")).code).toBe(0);
    const { code, stdout } = await cli("export", "proved", "--set", 'exports=["trajectories"]');
    expect([code, stdout]).toEqual([0, expect.stringContaining("20 chains of searches, 80 left out as one-document")]);
    const file = join(folder, "proved", "exports", "trajectories", "train.jsonl");
    const chains = await jsonl<Chain>(file);
    const pairs = new Map((await jsonl<Pair>(join(folder, "proved", "pairs.jsonl"))).map((pair) => [pair.id, pair]));
    const queries: { question: string; found: string[] }[] = [];
    for (const { id, messages, steps } of chains) {
      const { answer, documents } = pairs.get(id)!;
      expect(messages.map(({ role }) => role).join(" ")).toBe(
        `user${" assistant tool".repeat(steps.length)} assistant`,
      );
      expect(messages.at(-1)!.content).toBe(answer);
      expect(steps.flatMap(({ found }) => found).sort()).toEqual(documents.map(({ id }) => id).sort());
      queries.push(...steps.map(({ query, found }) => ({ question: query, found })));
    }
    await writeFile(join(folder, "queries.jsonl"), queries.map((each) => `${JSON.stringify(each)}\n`).join(""));
    const again = await cli("search", "--input", "queries.jsonl", "--to", "proved", "--n-docs", "3");
    for (const line of again.stdout.trim().split("\n")) {
      const { found, ctxs } = JSON.parse(line) as { found: string[]; ctxs: { id: string }[] };
      expect(ctxs.map(({ id }) => id)).toEqual(expect.arrayContaining(found));
    }
  });

  it("ask for a proof, or take the paradigm at its word where they are told to", async () => {
    await cli("split", "run", "--keep-apart", "sources", "--shares", "train=0.8,test=0.2", "--replace");
    const unproved = await cli("export", "run", "--set", 'exports=["trajectories"]', "--replace");
    expect(unproved.stderr + unproved.stdout).toContain(
      "0 chains of searches, 80 left out as one-document, 20 left out as unproved",
    );
    // A loader refuses a table without a row.
    expect(await readFile(exported("README.md"), "utf8")).not.toContain('"config_name":"trajectories"');
    const believed = ["trajectories.unproved=true", "trajectories.results=5"];
    await cli("export", "run", "--set", 'exports=["trajectories"]', ...believed, "--replace");
    const report = JSON.parse(await readFile(exported("trajectories.json"), "utf8"));
    expect([report.splits, report.chains]).toEqual([["train", "test"], 20]);
    expect(await readFile(exported("README.md"), "utf8")).toContain('"config_name":"trajectories"');
  });

  it("are refused before anything is made where there is no corpus to search", async () => {
    const exemplar = { question: "Which?", documents: [{ id: "d", title: "", text: "This one." }] };
    await writeFile(join(folder, "exemplars.jsonl"), `${JSON.stringify(exemplar)}\n`);
    const brought = ["--no-documents", "--exemplars", "exemplars.jsonl", "--model", "offline"];
    const refused = await cli("run", ...brought, "--to", "none", "--set", 'exports=["trajectories"]');
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining("searched for in a corpus")]);
  });
});
