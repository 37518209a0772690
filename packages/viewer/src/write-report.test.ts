import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Script } from "node:vm";
import { inflateRawSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readOutcomes } from "./read-run.ts";
import type { IndexBlock, ReportMeta, ShownExample } from "./shape.ts";
import { writeReport } from "./write-report.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "report-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const page = (i: number) => ({ id: `d${i}`, title: `Page ${i}`, text: `The pump of unit ${i} feeds tank ${i}.` });
const exemplar = { id: "e1", question: "How tall is the tower?", source: "alpaca", task: "open" };
const pair = (i: number) => ({
  id: `p${i}`,
  paradigm: "single-doc-answer",
  exemplarId: "e1",
  model: "m",
  documents: [page(i)],
  question: `Which tank does the pump of unit ${i} feed?`,
  answer: `tank ${i}`,
});
const noise = Array.from({ length: 9 }, (_, k) => ({ ...page(100 + k), role: "noise", rank: 201 + k }));
const exampleOf = (i: number) => {
  const { exemplarId: _, ...rest } = pair(i);
  return { ...rest, documents: [...noise, { ...page(i), role: "source" }], sourceIds: [`d${i}`] };
};
const reply = (text: string) => ({
  key: "0".repeat(32),
  value: { text, finishReason: "stop" },
  usage: { inputTokens: 100, outputTokens: 10 },
  usd: 0.5,
});
const asReply = (i: number) => JSON.stringify({ question: pair(i).question, answer: pair(i).answer });
const refused = {
  status: "rejected",
  id: "t9",
  reason: "answer-stated",
  detail: "the document states it",
  raw: asReply(9),
  input: { id: "t9", paradigm: "single-doc-answer", exemplar, documents: [page(9)], reserve: false },
};

const put = (name: string, records: readonly unknown[]) =>
  writeFile(join(folder, name), records.map((record) => `${JSON.stringify(record)}\n`).join(""));
const write = () =>
  writeReport({
    run: folder,
    promptOf: ({ documents }) => ({
      instructions: "Write a question and its answer.",
      prompt: documents.map(({ text }) => text).join("\n"),
    }),
  });

async function unpack<T>(id: string): Promise<T> {
  const html = await readFile(join(folder, "report.html"), "utf8");
  const packed = html.match(new RegExp(`id="${id}">([^<]*)<`))![1]!;
  return JSON.parse(inflateRawSync(Buffer.from(packed, "base64")).toString("utf8"));
}

async function writeRun(): Promise<void> {
  await put("exemplars.jsonl", [exemplar]);
  await put("pairs.jsonl", [pair(1), pair(2), pair(3)]);
  await put("train.jsonl", [exampleOf(1), exampleOf(3)]);
  await put("rejected.jsonl", [refused, { ...refused, status: "failed", id: "t8", error: "closed", raw: undefined }]);
  await put("ledger.jsonl", [...[1, 2, 3, 9].map((i) => reply(asReply(i))), reply('{"documents":"state"}')]);
}

describe("writeReport", () => {
  it("shows every task once, with what became of it and what was paid for it", async () => {
    await writeRun();
    const { verdicts, reasons, spending, documents } = await write();
    expect(verdicts).toEqual({ accepted: 2, rejected: 1, failed: 1, unassembled: 1 });
    expect(Object.fromEntries(reasons)).toEqual({ "no-noise-documents": 1, "answer-stated": 2 });
    expect(spending.accepted).toMatchObject({ replies: 2, inputTokens: 200, usd: 1 });
    expect(spending.refused).toMatchObject({ replies: 2 });
    expect(spending.other).toMatchObject({ replies: 1, outputTokens: 10 });
    expect(documents).toMatchObject({ source: 2, noise: 18 });
  });

  it("counts the pairs of a run that was not assembled yet as accepted", async () => {
    const run = await mkdtemp(join(folder, "pairs-alone-"));
    await writeFile(join(run, "pairs.jsonl"), `${JSON.stringify(pair(1))}\n`);
    const { verdicts } = await writeReport({ run });
    expect(verdicts).toEqual({ accepted: 1, rejected: 0, failed: 0, unassembled: 0 });
  });

  it("keeps each passage once and links an example to its passages, exemplar, prompt and reply", async () => {
    await writeRun();
    await write();
    const meta = await unpack<ReportMeta>("meta");
    expect(meta.counts).toEqual({ examples: 5, passages: 13, exemplars: 1 });
    const [first] = await unpack<ShownExample[]>("examples-0");
    const passages = await unpack<{ id: string }[]>("passages-0");
    expect(first!.documents).toHaveLength(10);
    expect(passages[first!.sources[0]!]!.id).toBe("d1");
    expect(first!.documents.find(({ role }) => role === "source")!.passage).toBe(first!.sources[0]);
    expect(first!.reply).toBe(asReply(1));
    expect(first!.prompt).toContain("The pump of unit 1 feeds");
    expect(meta.instructions[first!.instructions!]).toContain("question");
    const index = await unpack<IndexBlock>("index-0");
    expect(index.questions).toHaveLength(5);
    expect(index.questions[3]).toBe(pair(9).question);
  });

  it("says of the offline model's pairs that they are not for training, and names who wrote the others", async () => {
    await put("pairs.jsonl", [{ ...pair(1), model: "offline-extractive" }]);
    await put("train.jsonl", [{ ...exampleOf(1), model: "offline-extractive" }]);
    await write();
    expect(await readFile(join(folder, "report.html"), "utf8")).toContain("Made with the offline model");
    await writeRun();
    await write();
    const html = await readFile(join(folder, "report.html"), "utf8");
    expect(html).not.toContain("Made with the offline model");
    expect(html).toMatch(/Written by <bdi dir="auto">m<\/bdi> · <bdi dir="auto">@rag-instruct\/viewer \d/);
  });

  it("carries a script that its policy names, that ends no element and leaves no name behind", async () => {
    await write();
    const html = await readFile(join(folder, "report.html"), "utf8");
    const script = html.match(/<script>([\s\S]*?)<\/script>/)![1]!;
    expect(html).toContain(`script-src 'sha256-${createHash("sha256").update(script).digest("base64")}'`);
    expect(() => new Script(script)).not.toThrow();
    expect(script.trim()).toMatch(/^"use strict";\(\(\) ?=> ?\{[\s\S]*\}\)\(\);$/);
    expect(script).not.toMatch(/<\/script|<!--/);
  });

  it("makes a report of a folder with nothing in it", async () => {
    const { verdicts } = await write();
    expect(verdicts.accepted).toBe(0);
    expect(await readFile(join(folder, "report.html"), "utf8")).toContain("This run has no tasks.");
  });

  it("leaves the report that was there, and nothing else, when a file cannot be read", async () => {
    await writeRun();
    await write();
    const before = await readFile(join(folder, "report.html"), "utf8");
    await writeFile(join(folder, "rejected.jsonl"), "{broken\n");
    await expect(write()).rejects.toThrow(/rejected\.jsonl/);
    expect(await readFile(join(folder, "report.html"), "utf8")).toBe(before);
    expect((await readdir(folder)).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });

  it("passes over a torn last line of the ledger, as a killed run leaves it", async () => {
    await writeRun();
    await writeFile(join(folder, "ledger.jsonl"), `${JSON.stringify(reply(asReply(1)))}\n{"key":"00`);
    expect((await write()).spending.accepted.replies).toBe(1);
  });

  it("draws a bar to the share that is written behind it: 100% reaches the end, whatever the other bars are", async () => {
    await put("exemplars.jsonl", [exemplar]);
    // Ten tasks of one paradigm, half of them rejected; two of another, both accepted.
    const other = (i: number) => ({ ...pair(i), paradigm: "useless-doc" });
    await put("pairs.jsonl", [...[1, 2, 3, 4, 5].map(pair), other(6), other(7)]);
    await put("train.jsonl", [
      ...[1, 2, 3, 4, 5].map(exampleOf),
      ...[6, 7].map((i) => ({ ...exampleOf(i), paradigm: "useless-doc" })),
    ]);
    await put(
      "rejected.jsonl",
      [21, 22, 23, 24, 25].map((i) => ({ ...refused, id: `t${i}` })),
    );
    await write();
    const html = await readFile(join(folder, "report.html"), "utf8");
    const barOf = (label: string) => {
      const [, bar, note] = html.match(
        new RegExp(
          `<th scope="row"><bdi dir="auto">${label}</bdi></th><td class="bar">(.*?)</td><td class="note">(.*?)</td>`,
        ),
      )!;
      const parts = bar!.matchAll(/class="(accepted|rejected)" x="([\d.]+)%" width="([\d.]+)%"/g);
      return { note, parts: [...parts].map(([, name, x, width]) => [name, Number(x), Number(width)]) };
    };
    const all = barOf("useless-doc");
    expect([all.parts, all.note]).toEqual([[["accepted", 0, 100]], expect.stringContaining("100% accepted")]);
    expect(barOf("single-doc-answer").parts).toEqual([
      ["accepted", 0, 50],
      ["rejected", 50, 50],
    ]);
    // Of the twelve tasks five were rejected for this reason.
    expect(barOf("answer-stated").parts).toEqual([["rejected", 0, 41.67]]);
  });

  it("keeps the order of the sources, by which evidence counts them, where an example came without its pair", async () => {
    const sources = [page(3), page(1), page(2)].map((source) => ({ ...source, role: "source" }));
    const shuffled = [sources[1], ...noise.slice(0, 4), sources[2], sources[0]];
    await put("train.jsonl", [{ ...exampleOf(1), documents: shuffled, sourceIds: ["d3", "d1", "d2"] }]);
    await write();
    const [shown] = await unpack<ShownExample[]>("examples-0");
    const passages = await unpack<{ id: string }[]>("passages-0");
    expect(shown!.sources.map((number) => passages[number]!.id)).toEqual(["d3", "d1", "d2"]);
  });

  it("keeps the earlier turns that a question needs", async () => {
    const history = [{ question: pair(1).question, answer: "Tank 1." }];
    const turn = { ...pair(2), question: "And that of unit 2?", history, standalone: pair(2).question };
    await put("pairs.jsonl", [turn]);
    await write();
    expect(await unpack("examples-0")).toMatchObject([{ question: "And that of unit 2?", history }]);
    expect(await Array.fromAsync(readOutcomes(folder))).toMatchObject([{ status: "accepted", value: turn }]);
  });

  it("says what all calls cost by what they were for, and what reading the documents left out, as the stages recorded it", async () => {
    await writeRun();
    const spent = (replies: number, usd: number) => ({ replies, inputTokens: 100 * replies, outputTokens: 0, usd });
    await writeFile(
      join(folder, "stages.json"),
      JSON.stringify({
        ingest: { leftOut: [{ reason: "unknown-format", count: 12, places: ["slides/a.pptx", "<b>.xlsx"] }] },
        synthesize: { cost: { write: spent(4, 0.5), repeat: spent(1, 0.1), judge: spent(3, 0.25) } },
        assemble: { cost: { noise: spent(2, 0.15) } },
        odd: { cost: "none" },
      }),
    );
    await write();
    const html = (await readFile(join(folder, "report.html"), "utf8")).replace(/<[^>]+>/g, " ");
    for (const [name, replies, usd] of [
      ["Writing pairs", 4, "0.5000"],
      ["Asking once more", 1, "0.1000"],
      ["Judging pairs", 3, "0.2500"],
      ["Checking noise documents", 2, "0.1500"],
    ])
      expect(html).toMatch(new RegExp(`${name}\\s+${replies} repl(?:y|ies), \\d+ tokens · \\$${usd}`));
    expect(html).toContain(
      "In all 10 replies, 1,000 tokens · $1.00. An accepted pair took 5 replies, 500 tokens and $0.5.",
    );
    expect(html).toMatch(/unknown-format\s+· 12\s+slides\/a\.pptx\s*,\s+&lt;b&gt;\.xlsx\s+…/);
    // Without stages, as far as the ledger tells.
    await rm(join(folder, "stages.json"));
    await write();
    const bare = (await readFile(join(folder, "report.html"), "utf8")).replace(/<[^>]+>/g, " ");
    expect(bare).toMatch(/Writing pairs\s+4 replies, 440 tokens · \$2\.00\s+Other calls\s+1 reply/);
    expect(bare).not.toContain("left out of the documents");
  });

  it("tells of no reply that was paid for where none was, as those of the offline model", async () => {
    await writeRun();
    const free = { ...reply(asReply(1)), usage: { inputTokens: 0, outputTokens: 0 }, usd: undefined };
    await put("ledger.jsonl", [free]);
    await write();
    const html = await readFile(join(folder, "report.html"), "utf8");
    expect(html).toContain("No reply was paid for.");
    expect(html).toContain("<dt>replies paid for</dt><dd>0</dd>");
  });

  it("gives the same bytes for the same run", async () => {
    await writeRun();
    await write();
    const first = await readFile(join(folder, "report.html"), "utf8");
    await write();
    expect(await readFile(join(folder, "report.html"), "utf8")).toBe(first);
  });
});
