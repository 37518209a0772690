import { execFileSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { jsonLines, readAs } from "../../test/read-as.ts";
import type { RejectedRecord } from "../item.ts";
import { readBenchmark } from "../read-benchmark.ts";

const python = process.env.RAG_INSTRUCT_PYTHON;
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "read-benchmark-"));
});

afterEach(() => rm(folder, { recursive: true }));

/** Labels 1, 2, 3 are kept; letters need no keeping. */
function labelsOf(record: unknown): string[] | undefined {
  return JSON.stringify(record).includes('"label":"1"') ? ["1", "2", "3"] : undefined;
}

describe("layouts of benchmark files", () => {
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
    expect(await readAs(folder, "popqa", file)).toMatchObject([
      {
        question: "Where was Ada Moss born?",
        golds: ["Leeds"],
        documents: [{ id: "7", title: "Ada Moss", text: "Ada Moss was born in Leeds." }],
      },
    ]);
    await expect(readAs(folder, "musique", file)).rejects.toThrow(
      /lists popqa_longtail_w_gs, hotpot_dev_ori, which are not musique/,
    );
  });

  it("reads lists that are JSON or Python inside a string", async () => {
    const record = { id: 1, question: "q", possible_answers: '["one", "1"]', s_pop: 40, prop: "age" };
    expect(await readAs(folder, "popqa", [record])).toEqual([
      { id: "1", question: "q", golds: ["one", "1"], groups: { property: "age", popularity: "long-tail" } },
    ]);
    const [item] = await readAs(
      folder,
      "triviaqa",
      jsonLines({ question: "q", answer: `['it\\'s', "d'Or", 'caf\\xe9']` }),
      {
        name: "a.jsonl",
      },
    );
    expect(item!.golds).toEqual(["it's", "d'Or", "café"]);
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
    ["options with their letters", { id: "m", question: "q", options: ["A. x", "B. y", "C. z"], answer: "B. y" }, "B"],
    ["options in brackets", { id: "m", question: "q", options: ["(A) x", "(B) y", "(C) z"], answer: "(C)" }, "C"],
    ["MMLU", { id: "m", question: "q", A: "x", B: "y", C: "z", answer: "C" }, "C"],
    [
      "MedQA's copy with endings",
      { id: "m", sent1: "q", sent2: "", ending0: "x", ending1: "y", ending2: "z", label: 1 },
      "B",
    ],
    ["lm-eval's documents", { id: "m", query: "q", choices: ["x", "y", "z"], gold: 2 }, "C"],
  ])("reads multiple choice in the layout of %s", async (_name, record, gold) => {
    expect(await readAs(folder, "arc-challenge", [record])).toEqual([
      { id: "m", question: "q", golds: [gold], options: ["x", "y", "z"], optionLabels: labelsOf(record) },
    ]);
  });

  it("reads DPR's tables without a header, KILT and FlashRAG", async () => {
    const table = `who is it\t['Ann', "O'Neill"]\r\n"what is ""it"""\t"['a ""thing""']"\r\n`;
    const dpr = await readAs(folder, "nq", table, { name: "nq.csv" });
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
    expect(await readAs(folder, "nq", jsonLines(kilt, { ...kilt, id: "l" }), { name: "k.jsonl" })).toMatchObject([
      { id: "k", golds: ["a", "b"] },
      { id: "l" },
    ]);
    expect(await readAs(folder, "hotpotqa", [flash])).toMatchObject([
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
    expect(await readAs(folder, "pubhealth", test, { name: "test.tsv" })).toEqual([
      { id: "31", question: "Water is wet.", golds: ["true"] },
    ]);
    expect(await readAs(folder, "pubhealth", test, { name: "test.tsv", subset: false })).toHaveLength(2);
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
    expect(await readAs(folder, "convfinqa", [record])).toEqual([
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

  it("counts each turn of ConvFinQA's turn files once, by the turn that its record is about", async () => {
    const dialogue = { dialogue_break: ["sales?", "costs?", "so what was left?"], exe_ans_list: [7, 4, 3] };
    const record = (turn: number) => ({
      id: `Single_X-1_${turn}`,
      pre_text: ["before"],
      annotation: { ...dialogue, turn_ind: turn, cur_dial: dialogue.dialogue_break.slice(0, turn + 1), exe_ans: turn },
    });
    const items = await readAs(folder, "convfinqa", [0, 1, 2].map(record));
    expect(items.map(({ question, golds, turns }) => [question, golds[0], turns!.length])).toEqual([
      ["sales?", "0", 0],
      ["costs?", "1", 1],
      ["so what was left?", "2", 2],
    ]);
    const inOneText = { query: "Page. Question: sales? Answer: 7 Question: costs?\nAnswer:", answer: "4", turn: 1 };
    expect(await readAs(folder, "convfinqa", [{ id: "f1", ...inOneText }])).toEqual([
      {
        id: "f1",
        question: "costs?",
        golds: ["4"],
        context: "Page. Question: sales? Answer: 7",
        groups: { turn: "2" },
      },
    ]);
  });

  const sentences = [["One.", "Two."], ["Three."]];
  const facts = [
    ["S", 0],
    ["T", 1],
  ];
  const columns = { title: ["S", "T"], sentences };
  const pandas = "{'title': array(['S', 'T'], dtype=object), 'sentences': array([['One.' 'Two.'], ['Three.']])}";
  it.each([
    [
      "JSON in texts",
      {
        context: JSON.stringify([
          ["S", sentences[0]],
          ["T", sentences[1]],
        ]),
        supporting_facts: JSON.stringify(facts),
      },
    ],
    [
      "JSON columns in texts",
      { context: JSON.stringify(columns), supporting_facts: JSON.stringify({ title: ["S", "T"] }) },
    ],
    [
      "what pandas writes into a table",
      { context: pandas, supporting_facts: "{'title': ['S', 'T'], 'sent_id': [0, 1]}" },
    ],
    [
      "facts as objects",
      {
        context: [
          { title: "S", sentences: sentences[0] },
          { title: "T", text: "Three." },
        ],
        supporting_facts: [
          { title: "S", sent_id: 0 },
          { title: "T", sent_id: 1 },
        ],
      },
    ],
    [
      "FlashRAG",
      { metadata: { context: { title: ["S", "T"], content: sentences }, supporting_facts: { title: ["S", "T"] } } },
    ],
    ["FlashRAG's Parquet", { metadata: JSON.stringify({ context: columns, supporting_facts: facts }) }],
  ])("reads the paragraphs and facts of a multi-hop set from %s", async (_name, folded) => {
    const [item] = await readAs(folder, "2wikimultihopqa", [{ id: "1", question: "q", answer: "a", ...folded }]);
    expect(item).toMatchObject({
      documents: [
        { title: "S", text: "One. Two." },
        { title: "T", text: "Three." },
      ],
      groups: { hops: "2" },
    });
  });

  it("reads SQuAD's answers and context, Alpaca's two texts, and lists under a usual key", async () => {
    const squad = {
      data: [
        { id: "1", title: "T", context: "One.", question: "q", answers: { text: ["a", "a"], answer_start: [0, 1] } },
      ],
    };
    expect(await readAs(folder, "nq", squad)).toMatchObject([
      { id: "1", golds: ["a"], documents: [{ title: "T", text: "One." }] },
    ]);
    const alpaca = { rows: [{ row_idx: 0, row: { instruction: "Answer.", input: "Who?", output: "Ann" } }] };
    expect(await readAs(folder, "nq", alpaca)).toMatchObject([{ question: "Answer.\n\nWho?", golds: ["Ann"] }]);
  });

  it("reads the copies that call keys otherwise or label by number", async () => {
    const data = {
      Question: "q",
      Options: { A: "yes", B: "no", C: "maybe" },
      "Correct Option": "B",
      "Correct Answer": "no",
      Context: ["One.", "Two."],
    };
    expect(await readAs(folder, "medqa", [{ id: "1", data }])).toMatchObject([
      { golds: ["B"], options: ["yes", "no", "maybe"] },
    ]);
    expect(await readAs(folder, "pubmedqa", [{ id: "1", data: JSON.stringify(data) }])).toMatchObject([
      { golds: ["no"], context: "One. Two." },
    ]);
    const lexglue = { context: "c <HOLDING>", endings: ["v", "w", "x", "y", "z"], label: 2 };
    expect(await readAs(folder, "casehold", [lexglue])).toMatchObject([{ question: "c <HOLDING>", golds: ["C"] }]);
    const claims = "claim_id,claim,label\n1,c1,0\n2,c2,2\n";
    expect(await readAs(folder, "pubhealth", claims, { name: "c.csv" })).toMatchObject([
      { golds: ["false"] },
      { golds: ["true"] },
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
    const items = await readAs(folder, "musique", jsonLines(record, { ...record, id: "2hop__x", answerable: false }), {
      name: "m.jsonl",
      onRejected: (each) => rejected.push(each),
    });
    expect(items).toEqual([{ id: "3hop1__1_2_3", question: "q", golds: ["a", "b"], groups: { hops: "3" } }]);
    expect(rejected).toMatchObject([{ line: 2, reason: "missing-gold" }]);
  });

  it.skipIf(!python)("reads Hugging Face's Parquet files (needs RAG_INSTRUCT_PYTHON with pyarrow)", async () => {
    const script = `import sys, pyarrow as pa, pyarrow.parquet as pq
rows = [{"id": 7, "question": "q", "choices": {"text": ["x", "y"], "label": ["1", "2"]}, "answerKey": "2"}]
pq.write_table(pa.Table.from_pylist(rows), sys.argv[1])`;
    const path = join(folder, "test-00000-of-00001.parquet");
    execFileSync(python!, ["-c", script, path]);
    const items = await Array.fromAsync(readBenchmark({ benchmark: "arc-challenge", from: path }));
    expect(items).toEqual([{ id: "7", question: "q", golds: ["B"], options: ["x", "y"], optionLabels: ["1", "2"] }]);
  });
});
