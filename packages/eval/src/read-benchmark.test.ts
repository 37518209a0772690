import { execFileSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { defineBenchmark } from "./define-benchmark.ts";
import type { EvalItem, RejectedRecord } from "./item.ts";
import { type ReadBenchmarkOptions, readBenchmark } from "./read-benchmark.ts";

const python = process.env.RAG_INSTRUCT_PYTHON;
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "read-benchmark-"));
});

afterEach(() => rm(folder, { recursive: true }));

async function read(
  benchmark: ReadBenchmarkOptions["benchmark"],
  content: unknown,
  { name = "data.json", ...options }: { name?: string } & Partial<ReadBenchmarkOptions> = {},
): Promise<EvalItem[]> {
  const path = join(folder, name);
  await writeFile(path, typeof content === "string" ? content : JSON.stringify(content));
  return Array.fromAsync(readBenchmark({ benchmark, from: path, ...options }));
}

const lines = (...records: unknown[]) => records.map((record) => `${JSON.stringify(record)}\n`).join("");

describe("readBenchmark", () => {
  it("reads the method's own file: its lists by source, and the contexts they bring", async () => {
    const file = {
      popqa_longtail_w_gs: [
        {
          question: "Where was Ada Moss born?",
          golds: ["Leeds"],
          retrieval_ctxs: [{ id: "7", title: "Ada Moss", text: "Ada Moss was born in Leeds." }],
        },
      ],
      hotpot_dev_ori: [{ question: "Which town is larger?", golds: ["York"] }],
    };
    expect(await read("popqa", file)).toMatchObject([
      {
        question: "Where was Ada Moss born?",
        golds: ["Leeds"],
        documents: [{ id: "7", title: "Ada Moss", text: "Ada Moss was born in Leeds." }],
      },
    ]);
    await expect(read("musique", file)).rejects.toThrow(
      /lists popqa_longtail_w_gs, hotpot_dev_ori, which are not musique/,
    );
  });

  it("reads lists that are JSON or Python inside a string", async () => {
    const record = { id: 1, question: "q", possible_answers: '["one", "1"]', s_pop: 40, prop: "age" };
    expect(await read("popqa", [record])).toEqual([
      { id: "1", question: "q", golds: ["one", "1"], groups: { property: "age", popularity: "long-tail" } },
    ]);
    const [item] = await read("triviaqa", lines({ question: "q", answer: `['it\\'s', "d'Or", 'caf\\xe9']` }), {
      name: "a.jsonl",
    });
    expect(item!.golds).toEqual(["it's", "d'Or", "café"]);
  });

  it("keeps the paper's long tail of PopQA and tells of what it leaves out", async () => {
    const records = [99, 100, 101].map((s_pop) => ({
      id: s_pop,
      question: `q${s_pop}`,
      possible_answers: '["x"]',
      s_pop,
    }));
    const leftOut: string[] = [];
    const kept = await read("popqa", records, { onLeftOut: ({ id }) => leftOut.push(id) });
    expect([kept.map(({ id }) => id), leftOut]).toEqual([["99"], ["100", "101"]]);
    expect(await read("popqa", records, { subset: false })).toHaveLength(3);
  });

  it.each([
    [
      "AI2",
      {
        id: "m",
        question: {
          stem: "q",
          choices: [
            { text: "x", label: "1" },
            { text: "y", label: "2" },
            { text: "z", label: "3" },
          ],
        },
        answerKey: "3",
      },
      "C",
    ],
    [
      "Hugging Face",
      { id: "m", question: "q", choices: { text: ["x", "y", "z"], label: ["A", "B", "C"] }, answerKey: "B" },
      "B",
    ],
    [
      "OpenBookQA's Hugging Face",
      { id: "m", question_stem: "q", choices: { text: ["x", "y", "z"], label: ["A", "B", "C"] }, answerKey: "A" },
      "A",
    ],
    [
      "options by letter",
      { id: "m", question: "q", options: { A: "x", B: "y", C: "z", D: "" }, answer: "y", answer_idx: "B" },
      "B",
    ],
    ["FlashRAG", { id: "m", question: "q", choices: ["x", "y", "z"], golden_answers: ["z"] }, "C"],
  ])("reads multiple choice in the layout of %s", async (_name, record, gold) => {
    expect(await read("arc-challenge", [record])).toEqual([
      { id: "m", question: "q", golds: [gold], options: ["x", "y", "z"] },
    ]);
  });

  it("reads DPR's tables without a header, KILT and FlashRAG", async () => {
    const table = `who is it\t['Ann', "O'Neill"]\r\n"what is ""it"""\t"['a ""thing""']"\r\n`;
    const dpr = await read("nq", table, { name: "nq.csv" });
    expect(dpr.map(({ question, golds }) => [question, golds])).toEqual([
      ["who is it", ["Ann", "O'Neill"]],
      ['what is "it"', ['a "thing"']],
    ]);
    const kilt = { id: "k", input: "q", output: [{ answer: "a" }, { provenance: [{ title: "t" }] }, { answer: "b" }] };
    const flash = {
      id: "dev_1",
      question: "q",
      golden_answers: ["a"],
      metadata: {
        type: "bridge",
        supporting_facts: { title: ["S", "T"], sent_id: [0, 1] },
        context: { title: ["S"], sentences: [["One.", " Two."]] },
      },
    };
    expect(await read("nq", lines(kilt, { ...kilt, id: "l" }), { name: "k.jsonl" })).toMatchObject([
      { id: "k", golds: ["a", "b"] },
      { id: "l" },
    ]);
    expect(await read("hotpotqa", [flash])).toMatchObject([
      {
        id: "dev_1",
        golds: ["a"],
        groups: { type: "bridge", hops: "2" },
        documents: [{ title: "S", text: "One. Two." }],
      },
    ]);
  });

  it("sets the row number aside that PUBHEALTH's test rows begin with, and leaves mixtures out", async () => {
    const header = "claim_id\tclaim\tdate_published\texplanation\tfact_checkers\tmain_text\tsources\tlabel\tsubjects\n";
    const row = (id: string, label: string) => `${id}\tWater is wet.\t2019\te\tf\tm\ts\t${label}\tHealth\n`;
    const test = `${header}0\t${row("31", "true")}1\t${row("32", "mixture")}`;
    expect(await read("pubhealth", test, { name: "test.tsv" })).toEqual([
      { id: "31", question: "Water is wet.", golds: ["true"] },
    ]);
    expect(await read("pubhealth", test, { name: "test.tsv", subset: false })).toHaveLength(2);
  });

  it("makes an item of each turn of ConvFinQA with the turns before it", async () => {
    const record = {
      id: "Single_X-1",
      pre_text: ["before"],
      post_text: ["after"],
      table: [
        ["", "2019"],
        ["sales", "$ 7"],
      ],
      annotation: { dialogue_break: ["sales in 2019?", "and twice that?"], exe_ans_list: [7, 14] },
    };
    const context = "before\n | 2019\nsales | $ 7\nafter";
    expect(await read("convfinqa", [record])).toEqual([
      {
        id: "Single_X-1#1",
        question: "sales in 2019?",
        golds: ["7"],
        context,
        turns: [],
        groups: { turn: "1", document: "single" },
      },
      {
        id: "Single_X-1#2",
        question: "and twice that?",
        golds: ["14"],
        context,
        turns: ["sales in 2019? 7"],
        groups: { turn: "2", document: "single" },
      },
    ]);
  });

  it("reads MuSiQue's aliases and hops, and refuses its unanswerable questions", async () => {
    const record = {
      id: "3hop1__1_2_3",
      question: "q",
      answer: "a",
      answer_aliases: ["b", "a"],
      question_decomposition: [{}, {}, {}],
      answerable: true,
    };
    const rejected: RejectedRecord[] = [];
    const items = await read("musique", lines(record, { ...record, id: "2hop__x", answerable: false }), {
      name: "m.jsonl",
      onRejected: (each) => rejected.push(each),
    });
    expect(items).toEqual([{ id: "3hop1__1_2_3", question: "q", golds: ["a", "b"], groups: { hops: "3" } }]);
    expect(rejected).toMatchObject([{ line: 2, reason: "missing-gold" }]);
  });

  it("names records it cannot use, with file and line, or stops at the first", async () => {
    const broken = `${lines({ id: "1", question: "q", answers: ["a"] }, { id: "1", question: "r", answers: ["b"] }, { id: "2", question: "s", answers: [] }, { id: "3", answers: ["c"] }, { other: 1 }, [1])}{"torn`;
    const rejected: RejectedRecord[] = [];
    const items = await read("nq", broken, { name: "b.jsonl", onRejected: (each) => rejected.push(each) });
    expect(items).toHaveLength(1);
    expect(rejected.map(({ line, reason }) => [line, reason])).toEqual([
      [2, "duplicate-id"],
      [3, "missing-gold"],
      [4, "missing-question"],
      [5, "unknown-layout"],
      [6, "malformed-record"],
      [7, "malformed-record"],
    ]);
    await expect(read("nq", broken, { name: "b.jsonl" })).rejects.toMatchObject({
      code: "bad-record",
      message: expect.stringMatching(/b\.jsonl:2: duplicate-id/),
    });
    await expect(
      Array.fromAsync(readBenchmark({ benchmark: "nq", from: join(folder, "none.jsonl") })),
    ).rejects.toMatchObject({ code: "file-missing" });
    await expect(read("nope", [])).rejects.toMatchObject({ code: "bad-option" });
  });

  it("gives questions without ids stable ids of their content, numbered when one comes twice", async () => {
    const twice = lines({ question: "q", answers: ["a"] }, { question: "q", answers: ["a"] });
    const ids = (await read("nq", twice, { name: "t.jsonl" })).map(({ id }) => id);
    expect(ids[1]).toBe(`${ids[0]}#2`);
    expect((await read("nq", twice, { name: "u.jsonl" })).map(({ id }) => id)).toEqual(ids);
    // 2^53 + 1 comes as 2^53: ids that JSON rounds are not taken.
    const big =
      '{"id": 9007199254740993, "question": "q", "answers": ["a"]}\n{"id": 9007199254740992, "question": "r", "answers": ["a"]}\n';
    expect(await read("nq", big, { name: "v.jsonl" })).toHaveLength(2);
  });

  it("limits to the first questions, to a seeded sample in the order of the file, or to given ids", async () => {
    const records = Array.from({ length: 50 }, (_, i) => ({ id: `${i}`, question: `q${i}`, answers: ["a"] }));
    const ids = async (options: Partial<ReadBenchmarkOptions>) =>
      (await read("nq", records, options)).map(({ id }) => Number(id));
    expect(await ids({ limit: 3 })).toEqual([0, 1, 2]);
    expect(await ids({ limit: 0 })).toEqual([]);
    const sample = await ids({ limit: 10, seed: 4 });
    expect(sample).toHaveLength(10);
    expect(sample).toEqual(sample.toSorted((a, b) => a - b));
    expect(sample).toEqual(await ids({ limit: 10, seed: 4 }));
    expect(sample).not.toEqual(await ids({ limit: 10, seed: 5 }));
    expect(await ids({ only: ["7", "9"] })).toEqual([7, 9]);
  });

  it.skipIf(!python)("reads Hugging Face's Parquet files (needs RAG_INSTRUCT_PYTHON with pyarrow)", async () => {
    const script = `import sys, pyarrow as pa, pyarrow.parquet as pq
rows = [{"id": 7, "question": "q", "choices": {"text": ["x", "y"], "label": ["1", "2"]}, "answerKey": "2"}]
pq.write_table(pa.Table.from_pylist(rows), sys.argv[1])`;
    const path = join(folder, "test-00000-of-00001.parquet");
    execFileSync(python!, ["-c", script, path]);
    const items = await Array.fromAsync(readBenchmark({ benchmark: "arc-challenge", from: path }));
    expect(items).toEqual([{ id: "7", question: "q", golds: ["B"], options: ["x", "y"] }]);
  });

  it("reads sets of one's own, with the paradigm as a group", async () => {
    const benchmark = defineBenchmark({ id: "tickets" });
    const record = { id: "1", question: "q", answer: "a", paradigm: "useless-doc" };
    expect(await read(benchmark, [record])).toEqual([
      { id: "1", question: "q", golds: ["a"], groups: { paradigm: "useless-doc" } },
    ]);
  });
});
