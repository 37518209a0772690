import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readBeir } from "./read-beir.ts";
import { measureRetrieval } from "./retrieval-measures.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "beir-"));
  await mkdir(join(folder, "qrels"));
  await put("corpus.jsonl", [
    '{"_id": "d 1", "title": "Quays", "text": "The east quay is of granite.", "metadata": {"url": "u"}}',
    '{"_id": "d2", "title": "", "text": "Cranes."}',
  ]);
  await put("queries.jsonl", ['{"_id": "q1", "text": "What is the quay of?"}', '{"_id": "q2", "text": "Unjudged?"}']);
  await put("qrels/test.tsv", ["query-id\tcorpus-id\tscore", "q1\td 1\t2", 'q1\t"a\t""b"""\t0']);
});
afterEach(() => rm(folder, { recursive: true }));

const put = (name: string, lines: readonly string[]) => writeFile(join(folder, name), `${lines.join("\n")}\n`);

describe("readBeir", () => {
  it("reads the questions that a split judges, their judgements and the corpus", async () => {
    const { queries, qrels, passages } = await readBeir(folder);
    expect([...queries]).toEqual([["q1", "What is the quay of?"]]);
    expect([...qrels.get("q1")!]).toEqual([
      ["d 1", 2],
      ['a\t"b"', 0],
    ]);
    expect(await Array.fromAsync(passages())).toEqual([
      { id: "d 1", title: "Quays", text: "The east quay is of granite.", metadata: { url: "u" } },
      { id: "d2", title: "", text: "Cranes.", metadata: undefined },
    ]);
    const run = new Map([["q1", [{ id: "d 1", score: 1 }]]]);
    expect(measureRetrieval(run, qrels, { measures: ["recip_rank"] }).means).toEqual({ recip_rank: 1 });
  });

  it("says what is missing or wrong, with file and line", async () => {
    await expect(readBeir(folder, { split: "dev" })).rejects.toThrow(/dev\.tsv/);
    await put("qrels/test.tsv", ["query-id\tcorpus-id\tscore", "q1\td 1\thigh"]);
    await expect(readBeir(folder)).rejects.toThrow(/test\.tsv:2: the score "high" is no whole number/);
    await put("qrels/test.tsv", ["query-id\tcorpus-id\tscore", "q3\td2\t1"]);
    await expect(readBeir(folder)).rejects.toThrow(/judges the question q3, which queries\.jsonl lacks/);
    await put("qrels/test.tsv", ["q1\t0\td2\t1", "q1\t0\td2\t1"]);
    await expect(readBeir(folder)).rejects.toThrow(/needs the text `query-id`/);
    await put("qrels/test.tsv", ["query-id\tcorpus-id\tscore", "q1\td2\t1"]);
    await put("corpus.jsonl", ['{"id": "d2", "text": "Cranes."}']);
    const { passages } = await readBeir(folder);
    await expect(Array.fromAsync(passages())).rejects.toThrow(/corpus\.jsonl:1: a record of BEIR needs the text `_id`/);
  });
});
