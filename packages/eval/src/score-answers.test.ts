import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { EvalItem } from "./item.ts";
import { readPredictions, scorePredictions } from "./score-answers.ts";

const items: EvalItem[] = ["a", "b", "c"].map((id) => ({ id, question: `q${id}`, golds: [id] }));

describe("scorePredictions", () => {
  it("scores what matches and names what does not: scored + missing = items", async () => {
    const predictions = [
      { id: "a", output: "a" },
      { id: "b", output: "" },
      { id: "a", output: "z" },
      { id: "x", output: "?" },
    ];
    const report = await scorePredictions({ benchmark: "popqa", items, predictions });
    expect(report.scored.map(({ id, score, notes }) => [id, score.correct, notes])).toEqual([
      ["a", true, []],
      ["b", false, ["empty"]],
    ]);
    expect(report).toMatchObject({ missing: ["c"], unknown: ["x"], duplicated: ["a"] });
  });

  it("refuses a file for other items and items of the same id", async () => {
    const other = scorePredictions({ benchmark: "popqa", items, predictions: [{ id: "x", output: "a" }] });
    await expect(other).rejects.toThrow(/none of 1 predictions \(first x\) is for one of 3 items \(first a\)/);
    const twice = scorePredictions({
      benchmark: "popqa",
      items: [...items, items[0]!],
      predictions: [{ id: "a", output: "a" }],
    });
    await expect(twice).rejects.toMatchObject({ code: "duplicate-id" });
  });
});

describe("readPredictions", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "predictions-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  async function read(name: string, content: string) {
    const path = join(folder, name);
    await writeFile(path, content);
    return Array.fromAsync(readPredictions(path));
  }

  it("reads records by id, under the usual names, and one object of texts by id", async () => {
    expect(await read("p.jsonl", '{"id":1,"output":"x"}\n{"qid":"2","pred":""}\n')).toEqual([
      { id: "1", output: "x" },
      { id: "2", output: "" },
    ]);
    expect(await read("p.json", '[{"id":"1","prediction":7}]')).toEqual([{ id: "1", output: "7" }]);
    expect(await read("m.json", '{"tc_1":"x","tc_2":""}')).toEqual([
      { id: "tc_1", output: "x" },
      { id: "tc_2", output: "" },
    ]);
  });

  it("refuses a record without an id or an output, with its line", async () => {
    await expect(read("p.jsonl", '{"id":"1","output":"x"}\n{"id":"2"}\n')).rejects.toThrow(
      /p\.jsonl:2: a prediction needs/,
    );
    await expect(read("q.jsonl", '{"output":"x","n":1}\n')).rejects.toMatchObject({ code: "bad-record" });
  });
});
