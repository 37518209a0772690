import { createHash } from "node:crypto";
import { cp, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inflateRawSync } from "node:zlib";
import type { Pair, TrainingExample } from "@rag-instruct/core";
import { ragInstruct } from "rag-instruct";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fingerprints, jsonl } from "./support/run-files.ts";
import { writeSmallCorpus } from "./support/small-corpus.ts";

let folder: string;
let corpus: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "main-job-"));
  corpus = await writeSmallCorpus(join(folder, "corpus"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("the main job", () => {
  it("leaves training data of every paradigm, and every file it speaks of", async () => {
    const run = join(folder, "run");
    const summary = await ragInstruct({ to: run, corpus: { from: corpus }, pairs: 6 });
    expect(summary.stages.map(({ name }) => name)).toEqual([
      "ingest",
      "index",
      "exemplars",
      "plan",
      "synthesize",
      "assemble",
      "export",
      "report",
      "manifest",
    ]);
    const { requested, accepted, rejected, failed } = summary.stages.find(({ name }) => name === "synthesize")!.counts;
    expect(accepted! + rejected! + failed!).toBe(requested);
    expect(accepted).toBe(30);

    const pairs = await jsonl<Pair>(join(run, "pairs.jsonl"));
    const perParadigm = Object.groupBy(pairs, ({ paradigm }) => paradigm);
    expect(Object.values(perParadigm).map((group) => group!.length)).toEqual([6, 6, 6, 6, 6]);
    for (const { paradigm, documents, model } of pairs) {
      expect(documents.length).toBeGreaterThanOrEqual(paradigm.startsWith("multi") ? 2 : 1);
      expect(documents.length).toBeLessThanOrEqual(paradigm.startsWith("multi") ? 4 : 1);
      expect(model).toBe("offline-extractive");
    }
    const examples = await jsonl<TrainingExample>(join(run, "train.jsonl"));
    // A pair whose answer stands in every document finds no noise; another is written in its place.
    expect(examples.map(({ id }) => id)).toEqual(pairs.map(({ id }) => id));
    const replaced = await jsonl<{ id: string; reason: string }>(join(run, "replaced.jsonl")).catch(() => []);
    expect(replaced.filter(({ reason }) => reason !== "noise-exhausted")).toEqual([]);
    expect(summary.stages.find(({ name }) => name === "synthesize")!.paradigms).toMatchObject(
      Object.fromEntries(Object.keys(perParadigm).map((paradigm) => [paradigm, { wanted: 6, accepted: 6, short: 0 }])),
    );
    const pairOf = new Map(pairs.map((pair) => [pair.id, pair]));
    for (const { id, documents, model } of examples) {
      expect(documents).toHaveLength(10);
      expect(new Set(documents.map(({ id }) => id)).size).toBe(10);
      const sources = documents.filter(({ role }) => role === "source").map(({ id }) => id);
      expect(sources.sort()).toEqual(
        pairOf
          .get(id)!
          .documents.map((document) => document.id)
          .sort(),
      );
      for (const { role, rank, relaxed } of documents)
        if (role === "noise" && !relaxed) expect(rank).toBeGreaterThan(200);
      expect(model).toBe("offline-extractive");
    }
    const manifest = JSON.parse(await readFile(join(run, "manifest.json"), "utf8"));
    expect(manifest.notice).toMatch(/offline/);
    for (const [name, { bytes, sha256 }] of Object.entries<{ bytes: number; sha256: string }>(manifest.outputs)) {
      const content = await readFile(join(run, name));
      expect([name, content.length, createHash("sha256").update(content).digest("hex")]).toEqual([name, bytes, sha256]);
    }
    expect(Object.keys(manifest.outputs)).toEqual(
      expect.arrayContaining(["train.jsonl", "report.html", "exports/sharegpt.jsonl", "exports/messages.jsonl"]),
    );
    const report = await readFile(join(run, "report.html"), "utf8");
    expect(report).toContain("Made with the offline model");
    // With the prompt of each pair and the reply that it was read from.
    const [first] = JSON.parse(
      inflateRawSync(Buffer.from(report.match(/id="examples-0">([^<]*)</)![1]!, "base64")).toString("utf8"),
    );
    expect(first.prompt).toContain(pairOf.get(first.id)!.documents[0]!.text);
    expect(first.reply).toContain("question");
    expect(await readFile(join(run, "exports/README.md"), "utf8")).toContain("Dry-run data");
    expect((await readdir(run)).filter((name) => name.includes("tmp") || name === ".lock")).toEqual([]);
  });

  it("does nothing the second time, and only what has changed the third", async () => {
    const config = { to: join(folder, "again"), corpus: { from: corpus }, pairs: 2 };
    await ragInstruct(config);
    const before = await fingerprints(config.to);
    const second = await ragInstruct(config);
    expect(second.stages.every(({ skipped }) => skipped)).toBe(true);
    const third = await ragInstruct({ ...config, seed: 2 });
    expect(third.stages.filter(({ skipped }) => skipped).map(({ name }) => name)).toEqual([
      "ingest",
      "index",
      "exemplars",
    ]);
    const fourth = await ragInstruct(config);
    expect(fourth.stages.find(({ name }) => name === "synthesize")!.spent).toMatchObject({ "calls made": 0 });
    expect(await fingerprints(config.to)).toEqual(before);
  });

  it("gives the same bytes at any concurrency and in any place", async () => {
    const elsewhere = join(folder, "elsewhere");
    await cp(corpus, join(elsewhere, "corpus"), { recursive: true });
    await ragInstruct({
      to: join(elsewhere, "run"),
      corpus: { from: join(elsewhere, "corpus") },
      pairs: 3,
      concurrency: 16,
    });
    await ragInstruct({ to: join(folder, "serial"), corpus: { from: corpus }, pairs: 3, concurrency: 1 });
    expect(await fingerprints(join(folder, "serial"))).toEqual(await fingerprints(join(elsewhere, "run")));
  });
});
