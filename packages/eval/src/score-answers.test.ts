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

  async function read(name: string, content: string, key?: string) {
    const path = join(folder, name);
    await writeFile(path, content);
    return Array.fromAsync(readPredictions(path, { key }));
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
      /p\.jsonl:2: it cannot be told which key holds the prediction; the record has id;/,
    );
    await expect(read("q.jsonl", '{"output":"x","n":1}\n')).rejects.toMatchObject({ code: "bad-record" });
  });

  it.each([
    ["HotpotQA", '{"answer":{"q1":"Paris","q2":"yes"},"sp":{"q1":[["A",0]],"q2":[]}}'],
    [
      "MuSiQue",
      '[{"id":"q1","predicted_answer":"Paris","predicted_support_idxs":[1]},{"id":"q2","predicted_answer":"yes"}]',
    ],
    [
      "KILT",
      '[{"id":"q1","input":"q","output":[{"answer":"Paris","provenance":[]}]},{"id":"q2","output":[{"answer":"yes"}]}]',
    ],
    [
      "FlashRAG",
      '[{"id":"q1","golden_answers":["London"],"output":{"prompt":"..","pred":"Paris"}},{"id":"q2","output":{"pred":"yes"}}]',
    ],
    [
      "lm-eval",
      '[{"doc_id":"q1","doc":{},"target":"x","resps":[["Paris."]],"filtered_resps":["Paris"]},{"doc_id":"q2","resps":[["yes"]]}]',
    ],
    [
      "batches of OpenAI",
      ["q1,Paris", "q2,yes"]
        .map((each) => each.split(","))
        .map(([id, content]) => ({
          id: `batch_req_${id}`,
          custom_id: id,
          response: { status_code: 200, body: { choices: [{ message: { role: "assistant", content } }] } },
          error: null,
        })),
    ],
    [
      "responses of OpenAI, after reasoning",
      ["q1,Paris", "q2,yes"]
        .map((each) => each.split(","))
        .map(([id, text]) => ({
          custom_id: id,
          response: {
            body: {
              output: [
                { type: "reasoning", summary: [] },
                { type: "message", content: [{ type: "output_text", text }] },
              ],
            },
          },
        })),
    ],
    [
      "batches of Anthropic",
      ["q1,Paris", "q2,yes"]
        .map((each) => each.split(","))
        .map(([id, text]) => ({
          custom_id: id,
          result: { type: "succeeded", message: { content: [{ type: "text", text }] } },
        })),
    ],
    ["vLLM", '[{"id":"q1","outputs":[{"text":"Paris"}]},{"id":"q2","outputs":[{"text":"yes"}]}]'],
    ["an answer alone", '[{"id":"q1","answer":"Paris"},{"id":"q2","answer":"yes"}]'],
    [
      "a gold beside",
      '[{"id":"q1","question":"q","answer":"London","pred_ans":"Paris"},{"id":"q2","answer":"no","response":"yes"}]',
    ],
  ])("reads predictions in the form of %s", async (_name, content) => {
    expect(await read("p.json", typeof content === "string" ? content : JSON.stringify(content))).toEqual([
      { id: "q1", output: "Paris" },
      { id: "q2", output: "yes" },
    ]);
  });

  it("never takes a gold for a prediction: it stops and lists the keys, or is told which", async () => {
    const gold = '{"id":"q1","question":"q","answer":"London"}\n';
    await expect(read("g.jsonl", gold)).rejects.toThrow(
      /g\.jsonl:1: .*the record has id, question, answer; name one with `key`/,
    );
    await expect(read("t.jsonl", '{"id":"1","output":"a","response":"b"}\n')).rejects.toThrow(/id, output, response/);
    expect(await read("t.jsonl", '{"id":"1","output":"a","response":"b"}\n', "response")).toEqual([
      { id: "1", output: "b" },
    ]);
    // Nothing was said: the item is missing, not answered by its gold.
    expect(await read("n.jsonl", '{"id":"1","output":null,"answer":"gold"}\n')).toEqual([]);
  });

  it("says what holds no text, and takes a request that failed for none", async () => {
    const failed = '{"custom_id":"1","response":{"status_code":429,"body":{"error":{"message":"slow down"}}}}\n';
    expect(await read("f.jsonl", failed)).toEqual([]);
    await expect(read("u.jsonl", '{"id":"1","output":{"score":1}}\n')).rejects.toThrow(
      /u\.jsonl:1: its output holds no text/,
    );
  });

  it("keeps every digit of an id beyond 2^53", async () => {
    const lines =
      '{"id":9007199254740993,"output":"x"}\n{"id":9007199254740992,"output":"y 9007199254740993 \\" 12345678901234567"}\n';
    expect((await read("big.jsonl", lines)).map(({ id }) => id)).toEqual(["9007199254740993", "9007199254740992"]);
    expect((await read("big.jsonl", lines))[1]!.output).toBe('y 9007199254740993 " 12345678901234567');
  });
});
