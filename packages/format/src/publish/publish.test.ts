import { spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { RagInstructError } from "@rag-instruct/core";
import { type HubUploadServer, hubUploadServer } from "@rag-instruct/core/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { madeExample } from "../../test/made-set.ts";
import { exportAlignment } from "../alignment/export-alignment.ts";
import { exportExamples } from "../export-examples.ts";
import { type DatasetCardOptions, datasetCard, summarizeExamples } from "./dataset-card.ts";
import { pushToHub } from "./push-to-hub.ts";

const python = process.env.RAG_INSTRUCT_PYTHON;
const examples = Array.from({ length: 30 }, (_, i) =>
  madeExample(i, { paradigm: i % 3 ? "multi-doc-answer" : "useless-doc", model: i % 2 ? "gpt-x" : "qwen" }),
);
const card = async (more: Partial<DatasetCardOptions> = {}): Promise<string> =>
  datasetCard({
    name: "Harbours",
    license: "cc-by-sa-4.0",
    corpus: { name: "Harbour handbook", license: "CC BY-SA 4.0", url: "https://example.org/handbook" },
    exemplars: [{ name: "made exemplars", license: "Apache-2.0" }],
    summary: await summarizeExamples(examples),
    files: [
      { format: "parquet", path: "examples.parquet" },
      { format: "messages", path: "messages.jsonl" },
      { format: "axolotl", path: "axolotl-datasets.yaml" },
    ],
    cost: { usd: 1.5, inputTokens: 1_000, outputTokens: 200 },
    seeds: { noise: 7, plan: 3 },
    checks: ["every answer stands in its sources"],
    limits: ["harbours alone"],
    ...more,
  });

describe("datasetCard", () => {
  it("states licenses, counts, models, cost, seeds, checks, limits and how to load", async () => {
    const text = await card();
    for (const part of [
      "[Harbour handbook](https://example.org/handbook) (CC BY-SA 4.0)",
      "made exemplars (Apache-2.0)",
      "30 training examples",
      "| multi-doc-answer | 20 |",
      "| useless-doc | 10 |",
      "| source | 60 |",
      "| noise | 240 |",
      "qwen (15 examples), gpt-x (15 examples)",
      "1.50 US dollars, 1000 input tokens, 200 output tokens",
      "noise 7, plan 3",
      "- every answer stands in its sources",
      "- harbours alone",
      "load_dataset(",
      "readExamples(",
    ]) {
      expect(text).toContain(part);
    }
    expect(text).not.toContain("Dry-run data");
  });

  it("names the languages of the set, and none where examples tell none", async () => {
    const german = {
      question: "Wann wurde der Leuchtturm auf der Insel gebaut?",
      answer: "Er wurde im Jahr 1871 gebaut.",
    };
    const english = { question: "When was the lighthouse on the island built?", answer: "It was built in 1871." };
    const languageOf = async (texts: readonly object[]) => {
      const summary = await summarizeExamples(texts.map((text, i) => madeExample(i, text)));
      return parse((await card({ summary })).split("---\n")[1]!).language;
    };
    expect(await languageOf([german, german, english])).toEqual(["de", "en"]);
    expect(await languageOf([...Array(40).fill(german), english])).toEqual(["de"]);
    expect(await languageOf([{ question: "1871?", answer: "1872" }])).toBeUndefined();
  });

  it("opens with the metadata that the hub reads", async () => {
    const [, front] = (await card()).split("---\n");
    expect(parse(front!)).toEqual({
      license: "cc-by-sa-4.0",
      language: ["en"],
      pretty_name: "Harbours",
      task_categories: ["question-answering", "text-generation"],
      size_categories: ["n<1K"],
      tags: ["rag", "retrieval-augmented-generation", "rag-instruct", "synthetic"],
      configs: [{ config_name: "parquet", default: true, data_files: [{ split: "train", path: "examples.parquet" }] }],
    });
  });

  it("says of each kind of file how it is loaded, and declares tables alone", async () => {
    const beir = { format: "beir", path: "beir/corpus.jsonl" } as const;
    const folders = await card({ files: [beir] });
    expect(folders).toContain("Folders for the loaders of their own kind: beir.");
    expect(folders).not.toContain("load_dataset(");
    expect(folders).not.toContain("readExamples(");
    const triplets = await card({ files: [beir, { format: "triplets", path: "triplets/test.jsonl", split: "test" }] });
    expect(triplets).toContain('load_dataset("REPO", "triplets", split="test")');
    expect(parse(triplets.split("---\n")[1]!).configs).toEqual([
      { config_name: "triplets", default: true, data_files: [{ split: "test", path: "triplets/test.jsonl" }] },
    ]);
  });

  it("declares tables of one loader alone, of JSON and Parquet that of more formats, and says how the others are loaded", async () => {
    const verl = { format: "verl", path: "verl/train.parquet", split: "train" } as const;
    const json = (["messages", "grpo", "dpo"] as const).map((format) => ({ format, path: `${format}.jsonl` }));
    const mixed = await card({ files: [{ format: "parquet", path: "examples.parquet" }, verl, ...json] });
    const { configs } = parse(mixed.split("---\n")[1]!) as { configs: { config_name: string }[] };
    expect(configs.map(({ config_name }) => config_name)).toEqual(["messages", "grpo", "dpo"]);
    expect(mixed).toContain('load_dataset("parquet", data_files="hf://datasets/REPO/verl/train.parquet")');
    expect(mixed).toContain('load_dataset("REPO", "messages", split="train")');
  });

  it.skipIf(!python)("is read by datasets, each configuration (needs RAG_INSTRUCT_PYTHON)", async ({ skip }) => {
    if (spawnSync(python!, ["-c", "import datasets"]).status !== 0) return skip("datasets is not installed there");
    const to = await mkdtemp(join(tmpdir(), "card-"));
    try {
      const sure = examples.map((example) => ({ ...example, answer: "No" }));
      const made = await exportExamples({ examples: sure, to, formats: ["parquet", "messages", "sharegpt"] });
      const aligned = await exportAlignment({ splits: { train: sure, test: sure }, to, formats: ["grpo", "verl"] });
      const tables = [...made.files, ...aligned.files.filter(({ isTable }) => isTable)];
      const files = tables.map((file) => ({ ...file, path: relative(to, file.path) }));
      await writeFile(join(to, "README.md"), await card({ files }));
      const script = `
import sys
from datasets import get_dataset_config_names, load_dataset
for name in get_dataset_config_names(sys.argv[1]):
    parts = load_dataset(sys.argv[1], name, cache_dir=sys.argv[1] + "/cache")
    print(name, {part: len(rows) for part, rows in parts.items()})
`;
      const env = { ...process.env, HF_HUB_OFFLINE: "1" };
      const { stdout } = spawnSync(python!, ["-c", script, to], { encoding: "utf8", env });
      expect(stdout.trim().split("\n").toSorted()).toEqual([
        "grpo {'train': 30, 'test': 30}",
        "messages {'train': 30}",
        "sharegpt {'train': 30}",
      ]);
    } finally {
      await rm(to, { recursive: true });
    }
  });

  it("tells the hub where no license is stated", async () => {
    expect(await card({ license: "none stated" })).toContain('license: "unknown"');
  });

  it("is not written without a license for corpus, exemplars and set", async () => {
    await expect(card({ license: "" })).rejects.toThrow(/license of this set is empty/);
    await expect(card({ corpus: { name: "Handbook", license: " " } })).rejects.toThrow(/license of Handbook is empty/);
    await expect(card({ exemplars: [] })).rejects.toThrow(/no exemplar set is named/);
  });
});

describe("pushToHub", () => {
  let hub: HubUploadServer;
  let folder: string;
  beforeEach(async () => {
    hub = await hubUploadServer();
    folder = await mkdtemp(join(tmpdir(), "push-"));
    await exportExamples({ examples, to: folder, formats: ["parquet", "messages"] });
    await writeFile(join(folder, "README.md"), await card());
    await writeFile(join(folder, ".lock"), "mine");
  });
  afterEach(async () => {
    await hub.close();
    await rm(folder, { recursive: true });
  });
  const push = (more: Partial<Parameters<typeof pushToHub>[0]> = {}) =>
    pushToHub({ folder, repo: "me/harbours", token: "hf_made", endpoint: hub.url, ...more });
  const all = ["README.md", "examples.parquet", "messages.jsonl"];

  it("makes a private repository and sends every file in one commit", async () => {
    const progress: string[] = [];
    const report = await push({ onProgress: ({ note = "" }) => progress.push(note) });
    const repository = hub.repositories.get("me/harbours")!;
    expect(report).toEqual({
      url: `${hub.url}/datasets/me/harbours`,
      created: true,
      uploaded: all,
      unchanged: [],
      leftOut: [],
      commit: repository.commits[0],
    });
    expect(repository.visibility).toBe("private");
    expect(repository.commits).toHaveLength(1);
    for (const path of all) {
      expect(Buffer.from(repository.files.get(path)!.content), path).toEqual(await readFile(join(folder, path)));
    }
    expect([...repository.files.keys()].sort()).toEqual(all);
    expect(progress).toContain("examples.parquet");
  });

  it("makes it public only when told", async () => {
    await push({ visibility: "public" });
    expect(hub.repositories.get("me/harbours")!.visibility).toBe("public");
  });

  it("sends only what changed, and nothing when nothing did", async () => {
    await push();
    expect(await push()).toMatchObject({ created: false, uploaded: [], unchanged: all });
    expect(hub.repositories.get("me/harbours")!.commits).toHaveLength(1);
    await writeFile(join(folder, "README.md"), `${await card()}\nMore.\n`);
    expect(await push()).toMatchObject({ uploaded: ["README.md"], unchanged: all.slice(1) });
  });

  it("goes on after an interruption without sending a large file twice", async () => {
    hub.failUploads = 1;
    await expect(push()).rejects.toThrow(/publishing me\/harbours failed: .*storage is away/);
    expect(hub.repositories.get("me/harbours")!.commits).toEqual([]);
    await push();
    hub.repositories.get("me/harbours")!.files.clear();
    hub.requests.length = 0;
    await push();
    expect(hub.repositories.get("me/harbours")!.files.size).toBe(3);
    expect(hub.requests.filter((request) => request.startsWith("PUT"))).toEqual([]);
  });

  it("contacts nothing in a dry run", async () => {
    const report = await pushToHub({ folder, repo: "me/harbours", endpoint: hub.url, dryRun: true });
    expect(report).toMatchObject({ created: false, uploaded: all });
    expect(hub.requests).toEqual([]);
  });

  it("refuses data of the offline model, by its files and by its card, unless told", async () => {
    const offline = [madeExample(1, { model: "rag-instruct/offline-extractive" })];
    await exportExamples({ examples: offline, to: folder, formats: ["parquet"], overwrite: true });
    const refused = expect.objectContaining({ code: "bad-input" });
    await expect(push()).rejects.toEqual(refused);
    await rm(join(folder, "examples.parquet"));
    await writeFile(join(folder, "README.md"), await card({ summary: await summarizeExamples(offline) }));
    await expect(push({ dryRun: true })).rejects.toEqual(refused);
    expect(hub.requests).toEqual([]);
    await push({ allowDryRunData: true });
    expect(hub.repositories.has("me/harbours")).toBe(true);
    expect(await readFile(join(folder, "README.md"), "utf8")).toContain("**Dry-run data.**");
  });

  it("says what is wrong with token, card and folder", async () => {
    await expect(push({ token: "hf_wrong" })).rejects.toThrow(/Invalid token.*; give a token that may write there/s);
    await expect(push({ token: "" })).rejects.toThrow(/needs an access token.*HF_TOKEN/);
    await expect(push({ repo: "harbours" })).rejects.toThrow("is called owner/name on the hub, not harbours");
    await rm(join(folder, "README.md"));
    await expect(push()).rejects.toThrow(/has no README.md; write a dataset card/);
    await expect(push({ folder: join(folder, "nowhere") })).rejects.toSatisfy((e) =>
      RagInstructError.is(e, "file-missing"),
    );
  });

  it("stops when told, with the caller's reason", async () => {
    const reason = new Error("enough");
    await expect(push({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });
});
