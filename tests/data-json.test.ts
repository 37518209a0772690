import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Pair, TrainingExample } from "@rag-instruct/core";
import type { SynthesisTask } from "@rag-instruct/simulate";
import { ragInstruct } from "rag-instruct";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runCli } from "./support/cli.ts";
import { sharedData } from "./support/shared.ts";

let folder: string;
const cli = (...args: string[]) => runCli(args, { cwd: folder });
const jsonl = async <T>(path: string): Promise<T[]> =>
  (await readFile(join(folder, path), "utf8")).split("\n").flatMap((line) => (line ? [JSON.parse(line)] : []));

const tasks = [
  "Single-Doc Answer",
  "Multi-Doc Answer",
  "Single-Doc Support",
  "Multi-Doc Support",
  "Single-Doc Useless",
];
const paradigmOf: Record<string, string> = {
  ...{ "Single-Doc Answer": "single-doc-answer", "Multi-Doc Answer": "multi-doc-answer" },
  ...{ "Single-Doc Support": "single-doc-support", "Multi-Doc Support": "multi-doc-support" },
  "Single-Doc Useless": "useless-doc",
};
const verbs = ["painted", "repaired", "measured", "insured"];
const passage = (i: number) => ({
  ...{ id: String(4000 + i), title: `Bridge ${i}`, socre: 2 - i / 100 },
  text: `The bridge of harbour ${i} was ${verbs[i % 4]} by Dahl${i} in ${1700 + i}. The bridge of harbour ${i} is ${i + 12} metres long. The bridge of harbour ${i} costs ${i + 3} crowns.`,
});
// As the method's own data.json, misspelt fields included; a document serves two of them, and one asks for a poem.
const rows = Array.from({ length: 10 }, (_, i) => ({
  context: tasks[i % 5]!.startsWith("Multi") ? [passage(i), passage(i + 21)] : [passage(i % 7)],
  ...{ source: "slimOcar", task: tasks[i % 5]! },
  example_question: i === 3 ? "Write a poem about bridges." : `Who painted bridge number ${i}, and when was that?`,
}));

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "data-json-"));
  await writeFile(join(folder, "data.json"), JSON.stringify(rows, null, 2));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("data.json without a corpus", () => {
  it("is written once by each exemplar, from its own documents and under its own paradigm, in the order of the data", async () => {
    const estimate = JSON.parse(
      (await cli("run", "--exemplars", "data.json", "--no-documents", "--dry-run", "--json")).stdout,
    );
    expect(estimate).toMatchObject({ exemplars: 10, pairs: 10 });
    const run = await cli("run", "--exemplars", "data.json", "--no-documents", "--to", "brought");
    expect([run.code, run.stderr]).toEqual([0, expect.not.stringContaining("warning")]);
    expect(run.stdout).toContain("There is no corpus, so there are no noise documents");
    const plan = await jsonl<SynthesisTask>("brought/plan.jsonl");
    expect(plan.map(({ paradigm, documents }) => [paradigm, documents.map(({ id }) => id)])).toEqual(
      rows.map(({ task, context }) => [paradigmOf[task], context.map(({ id }) => id)]),
    );
    const pairs = await jsonl<Pair>("brought/pairs.jsonl");
    const examples = await jsonl<TrainingExample>("brought/train.jsonl");
    expect([pairs.length, examples.length]).toEqual([10, 10]);
    for (const [i, { documents }] of examples.entries()) {
      expect(documents.every(({ role }) => role === "source")).toBe(true);
      expect(documents.map(({ id }) => id).sort()).toEqual(pairs[i]!.documents.map(({ id }) => id).sort());
    }
    for (const file of ["exports/messages.jsonl", "exports/README.md", "report.html", "manifest.json"])
      expect(existsSync(join(folder, "brought", file)), file).toBe(true);
    const again = JSON.parse((await cli("run", "brought", "--json")).stdout);
    expect(again.stages.map(({ name, skipped }: { name: string; skipped: boolean }) => [name, skipped])).toEqual(
      ["exemplars", "plan", "synthesize", "assemble", "export", "report", "manifest"].map((name) => [name, true]),
    );
    const repeated = await cli(
      "run",
      "--from",
      "brought/manifest.json",
      "--exemplars",
      "data.json",
      "--to",
      "repeated",
    );
    expect([repeated.code, repeated.stdout]).toEqual([0, expect.stringContaining("Every file has the bytes")]);
  });

  it("gives no more than is asked for, in a program too; other commands say that there is no corpus", async () => {
    const config = { corpus: false, exemplars: join(folder, "data.json"), to: join(folder, "few") } as const;
    const summary = await ragInstruct({ ...config, pairs: { "single-doc-answer": 1, "multi-doc-answer": 2 } });
    expect(summary.pairs).toEqual({ wanted: 3, missing: 0 });
    for (const command of ["index", "embed", "ingest"])
      expect(await cli(command, "few")).toMatchObject({
        code: 2,
        stderr: expect.stringContaining("there is no corpus here"),
      });
    expect(await cli("search", "few", "Who painted it?")).toMatchObject({
      ...{ code: 1, stderr: expect.stringContaining("few has no corpus to search") },
    });
    expect(await cli("run", "data.json", "--no-documents")).toMatchObject({
      ...{
        code: 2,
        stderr: expect.stringContaining("data.json are documents, and --no-documents says that there are none"),
      },
    });
    await writeFile(join(folder, "plain.jsonl"), '{"question":"Who built the first lighthouse?"}\n');
    expect(await cli("run", "--no-documents", "--exemplars", "plain.jsonl", "--to", "plain")).toMatchObject({
      ...{ code: 1, stderr: expect.stringMatching(/brings no documents and there is no corpus to find some in/) },
    });
  });

  it("is a corpus as well, of each document once", async () => {
    const distinct = new Set(rows.flatMap(({ context }) => context.map(({ id }) => id)));
    const made = JSON.parse((await cli("ingest", "data.json", "--to", "corpus", "--json")).stdout);
    expect(made.stages[0].counts).toMatchObject({ passages: distinct.size });
    const found = JSON.parse((await cli("ingest", "data.json", "--to", "corpus", "--json")).stdout);
    expect(found.stages[0].skipped).toBe(true);
  });

  it.skipIf(!existsSync(join(sharedData, "rag-instruct")))(
    `all hundred of the method's own are planned, over their 178 documents (needs ${join(sharedData, "rag-instruct")})`,
    async () => {
      const data = join(sharedData, "rag-instruct/examplar_data.data.json");
      const { stages } = await ragInstruct(
        { corpus: false, exemplars: data, to: join(folder, "own") },
        { until: "plan" },
      );
      expect(stages.map(({ name, counts }) => [name, counts])).toEqual([
        ["exemplars", { read: 100, exemplars: 100, rejected: 0 }],
        ["plan", { tasks: 100, reserves: 0, unplanned: 0 }],
      ]);
      const ingested = await ragInstruct(
        { corpus: { from: data }, to: join(folder, "own-corpus") },
        { until: "ingest" },
      );
      expect(ingested.stages[0]!.counts.passages).toBe(178);
    },
  );
});
