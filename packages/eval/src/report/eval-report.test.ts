import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Outcome } from "@rag-instruct/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { accuracyOf } from "../accuracy.ts";
import { findBenchmark } from "../benchmarks.ts";
import type { EvalItem } from "../item.ts";
import { type Scored, scoreAnswer } from "../score-answers.ts";
import { comparePaired } from "../statistics.ts";
import { remarksOf } from "./contents.ts";
import { buildEvalReport, conditionsOf, type EvalReport } from "./eval-report.ts";
import { formatHtml } from "./format-html.ts";
import { describeBenchmark, formatMarkdown } from "./format-text.ts";
import { summarizeBenchmark } from "./summarize-benchmark.ts";
import { writeEvalReport } from "./write-eval-report.ts";

const nasty = '| <script>alert("x")</script> [l](u) `c`';

function answered(id: string, gold: string, output: string, hops: string): Outcome<Scored, EvalItem> {
  const item: EvalItem = { id, question: "q", golds: [gold], groups: { hops } };
  const documents = [{ id: "d", title: "", text: `About ${gold}.` }];
  return { status: "accepted", id, value: scoreAnswer(findBenchmark("musique"), item, { output, documents }) };
}

const failed: Outcome<Scored, EvalItem> = {
  status: "failed",
  id: "f",
  input: { id: "f", question: "q", golds: ["x"] },
  error: new Error("the endpoint answered 500"),
};

async function report(): Promise<EvalReport> {
  const summary = await summarizeBenchmark({
    benchmark: "musique",
    outcomes: [
      answered("1", "Leeds", "Leeds", "2"),
      answered("2", "York", `It is not York. ${nasty}`, "2"),
      answered("3", "Bath", "Rome", "3"),
      answered("4", "Bath", "", "10"),
      failed,
    ],
    rejected: [{ file: "m.jsonl", line: 9, reason: "missing-gold", detail: "none" }],
  });
  const comparison = comparePaired(
    [
      { id: "1", value: 1 },
      { id: "2", value: 0 },
    ],
    [
      { id: "1", value: 1 },
      { id: "2", value: 1 },
      { id: "3", value: 1 },
    ],
  );
  return buildEvalReport({
    comparisons: [{ benchmark: "musique", first: "base", second: "tuned", comparison }],
    robustness: [
      {
        benchmark: "musique",
        model: "tuned",
        conditions: [
          { condition: "as retrieved", accuracy: accuracyOf([]), failed: 0 },
          { condition: "shuffled", accuracy: { mean: 0.5, low: 0.1, high: 0.9, count: 2 }, failed: 1, comparison },
        ],
      },
    ],
    command: "rag-instruct eval --config=a,b",
    settings: { seed: 1 },
    models: [{ model: nasty, benchmarks: [summary] }],
  });
}

describe("summarizeBenchmark", () => {
  it("adds everything up: answered + failed = asked", async () => {
    const [summary] = (await report()).models[0]!.benchmarks;
    expect(summary).toMatchObject({
      asked: 5,
      answered: 4,
      failed: [{ id: "f", reason: "the endpoint answered 500" }],
      accuracy: { mean: 0.25, count: 4 },
      reference: { mean: 0.5, count: 4 },
      notes: { empty: ["4"], "cut-off": [], "very-long": [] },
      abstained: { empty: 1 },
      differences: [{ id: "2", ours: false, reference: true }],
      faithfulness: { answerShown: { mean: 1, count: 4 } },
    });
    expect(summary!.breakdowns).toMatchObject([
      {
        by: "hops",
        unknown: 0,
        parts: [
          { name: "2", mean: 0.5, count: 2 },
          { name: "3", count: 1 },
          { name: "10", count: 1 },
        ],
      },
    ]);
    expect(summary!.accuracy.low).toBeCloseTo(0.0456, 3);
    expect(summary!.accuracy.high).toBeCloseTo(0.6994, 3);
    expect(summary!.f1.low).toBeLessThanOrEqual(summary!.f1.mean);
  });

  it("measures nothing where nothing was answered, without making it a zero", async () => {
    const summary = await summarizeBenchmark({ benchmark: "casehold", outcomes: [failed] });
    expect(summary).toMatchObject({ asked: 1, answered: 0, accuracy: { count: 0, low: 0, high: 1 } });
    expect(summary.reference).toBeUndefined();
    expect(summary.accuracy.mean).toBeNaN();
    expect(describeBenchmark(summary)).toBe(
      "CaseHOLD: nothing measured: none of 1 questions was answered; f: the endpoint answered 500",
    );
    const rejected = [{ file: "m.jsonl", line: 9, reason: "missing-gold", detail: "none" } as const];
    const unread = await summarizeBenchmark({ benchmark: "casehold", outcomes: [], rejected });
    expect(describeBenchmark(unread)).toBe(
      "CaseHOLD: nothing measured: no question could be read, 1 record gave none; m.jsonl:9: missing-gold: none",
    );
    const written = buildEvalReport({ command: "c", models: [{ model: "m", benchmarks: [unread] }] });
    expect(`${formatMarkdown(written)}${formatHtml(written)}`).not.toMatch(/\b0\.0\b|NaN/);
  });

  it("says when no question had a paragraph, and does not take the figure for one with paragraphs", async () => {
    const outcome = answered("1", "Leeds", "Leeds", "2");
    const asked = (closedBook: boolean) => ({
      ...outcome,
      value: { ...(outcome as { value: Scored }).value, closedBook },
    });
    const summary = await summarizeBenchmark({ benchmark: "musique", outcomes: [asked(true) as typeof outcome] });
    expect(describeBenchmark(summary)).toMatch(/; asked closed-book: no question had a paragraph$/);
    expect(conditionsOf(summary)).toContainEqual(
      expect.objectContaining({ name: "documents", here: "none", isPublished: false }),
    );
    const some = await summarizeBenchmark({
      benchmark: "musique",
      outcomes: [asked(true) as typeof outcome, asked(false) as typeof outcome],
    });
    expect(describeBenchmark(some)).not.toMatch(/closed-book/);
    expect(remarksOf(some)).toContain("1 question asked without any paragraph");
  });
});

describe("writeEvalReport", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "report-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it("writes JSON, Markdown, CSV and a page, and nothing else", async () => {
    const written = await report();
    const files = await writeEvalReport(written, { to: folder });
    expect(await readdir(folder)).toEqual(["eval.csv", "eval.html", "eval.json", "eval.md"]);
    const withoutMeans = (_key: string, value: unknown) => (Number.isNaN(value) ? null : value);
    expect(JSON.parse(await readFile(files.json, "utf8"))).toEqual(JSON.parse(JSON.stringify(written, withoutMeans)));
  });

  it("sets Markdown figures beside the published rows, with interval, count, command and source", async () => {
    const files = await writeEvalReport(await report(), { to: folder });
    const markdown = await readFile(files.markdown, "utf8");
    expect(markdown).toContain("Made by `rag-instruct eval --config=a,b`.");
    expect(markdown).toMatch(
      /\| model \| WQA \| PQA \| TQA \| OBQA \| Pub \| ARC \| 2WIKI \| HotP \| MSQ \| CFQA \| PubMed \|/,
    );
    expect(markdown).toContain("50.0 \\[15.0, 85.0\\] (4)");
    expect(markdown).toContain(
      "| Llama3.1-8B + RAG-Instruct | 69.7 | 68.4 | 80.0 | 82.4 | 77.2 | 79.6 | 76.8 | 59.6 | 33.7 | 57.3 | 77.0 |",
    );
    expect(markdown).toContain("arXiv 2501.00353");
    expect(markdown).toContain("1 empty answers, counted as wrong (4)");
    expect(markdown).toContain("1 without an answer, not counted (f: the endpoint answered 500)");
    expect(markdown).toMatch(
      /\| musique \| base \| tuned \| 50\.0 \\\[0\.0, 100\.0\\\] \| 1 \| 0 \| 2 \| 1\.0000 \| 1 \|/,
    );
    expect(markdown).toMatch(/\| musique \| tuned \| shuffled \| 50\.0 \\\[10\.0, 90\.0\\\] \| 1 \| 50\.0 /);
    expect(markdown).not.toContain("<script>");
    const columns = (row: string) => row.split(/(?<!\\)\|/).length;
    const rows = markdown.split("\n").filter((line) => line.startsWith("|"));
    for (const table of rows.filter((row) => row.includes("hops="))) expect(columns(table)).toBe(8);
  });

  it("says of each figure under which conditions it was made, and which of them are the published ones", async () => {
    const summary = await summarizeBenchmark({
      benchmark: "popqa",
      outcomes: [answered("1", "Leeds", "Leeds", "2")],
      leftOut: 12,
    });
    const asked = { sampling: "published", template: "published", raw: true } as const;
    expect(conditionsOf(summary, asked).map(({ name, isPublished }) => [name, isPublished])).toEqual([
      ["sampling", true],
      ["layout", true],
      ["asked by", true],
      ["documents", true],
      ["subset", true],
      ["n", false],
    ]);
    const models = [{ model: "tuned", benchmarks: [summary] }];
    const markdown = formatMarkdown(buildEvalReport({ command: "c", models, asked: { ...asked, sampling: "greedy" } }));
    expect(markdown).toContain("| temperature 0, 500 tokens (published: temperature 0.5, top-p 0.9, 500 tokens) |");
    expect(markdown).toContain("| 1 (published: 1399) | no |");
    expect(markdown).toContain("12 questions left out, which the published figures are not about");
    expect(conditionsOf(summary, { documents: 5, retriever: "run" })[3]).toMatchObject({ here: "5 by run" });
    expect(conditionsOf({ ...summary, benchmark: "my-own" })[5]).toMatchObject({ published: "not stated" });
  });

  it("compares with the version of the published table that is asked for", async () => {
    const models = [{ model: "tuned", benchmarks: [] }];
    const markdown = formatMarkdown(buildEvalReport({ command: "c", models, published: "2025-01-09" }));
    expect(markdown).toContain("| Llama3.2-3B + RAG-Instruct | 65.3 |");
    expect(markdown).toContain("as of 2025-01-09");
    const unknown = "2024-01-01" as "2025-01-09";
    expect(() => buildEvalReport({ command: "c", models, published: unknown })).toThrow(/2025-01-06 and 2025-01-09/);
  });

  it("writes CSV that a spreadsheet reads back, a figure a line", async () => {
    const files = await writeEvalReport(await report(), { to: folder });
    const [head, first, ...rest] = (await readFile(files.csv, "utf8")).trimEnd().split("\r\n");
    expect(head).toBe("model,benchmark,measure,part,mean,low,high,count,command");
    expect(first).toMatch(
      /^"\| <script>alert\(""x""\)<\/script> \[l\]\(u\) `c`",musique,accuracy,,0\.25,0\.04\d+,0\.69\d+,4,"rag-instruct eval --config=a,b"$/,
    );
    expect(rest.some((line) => line.includes(",hops=10,"))).toBe(true);
  });

  it("draws a page that stands alone and runs nothing it was given", async () => {
    const files = await writeEvalReport(await report(), { to: folder });
    const html = await readFile(files.html, "utf8");
    expect(html).not.toMatch(/<script|https?:\/\/(?!github)|src=/);
    expect(html.match(/<rect class="published"/g)).toHaveLength(3);
    expect(html.match(/<rect class="own"/g)).toHaveLength(1);
    expect(html).toContain('class="whisker"');
    expect(html).toContain("<h2>Paired comparisons</h2>");
    expect(html).toContain("<td>shuffled</td>");
    expect(html).toContain("&lt;script&gt;");
  });
});
