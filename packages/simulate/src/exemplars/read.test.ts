import { existsSync } from "node:fs";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { detectTask } from "./detect-task.ts";
import { readExemplars, type UnreadExemplar } from "./read.ts";
import { splitOptions } from "./split-options.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "exemplars-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function read(name: string, content: unknown, options = {}) {
  const path = join(folder, name);
  await writeFile(path, typeof content === "string" ? content : JSON.stringify(content));
  return Array.fromAsync(readExemplars(path, options));
}

/** Rows in the shapes of the published files, and what becomes of them. */
const shapes: readonly [name: string, row: unknown, question: string, source: string][] = [
  [
    "Alpaca",
    { instruction: "Explain tides.", input: "For a child.", output: "…" },
    "Explain tides.\nFor a child.",
    "alpaca",
  ],
  [
    "Alpaca without input",
    { instruction: "Explain tides.", input: "<noinput>", output: "…" },
    "Explain tides.",
    "alpaca",
  ],
  [
    "Dolly",
    { instruction: "When did it open?", context: "It opened in 1932.", response: "1932", category: "closed_qa" },
    "When did it open?\nIt opened in 1932.",
    "dolly",
  ],
  ["WizardLM 70k", { instruction: "Explain tides.", output: "…" }, "Explain tides.", "wizardlm"],
  [
    "WizardLM V2 196k",
    {
      idx: "sharegpt_2",
      conversations: [
        { from: "human", value: "What is a fjord?" },
        { from: "gpt", value: "…" },
      ],
    },
    "What is a fjord?",
    "wizardlm",
  ],
  [
    "WizardLM test set",
    { idx: 1, Skill: "History", Difficulty: 1, Instruction: "Who was Cato?" },
    "Who was Cato?",
    "wizardlm",
  ],
  [
    "ShareGPT with a system turn",
    {
      id: "QWJhYvA_0",
      conversations: [
        { from: "system", value: "s" },
        { from: "human", value: "What is a fjord?" },
        { from: "gpt", value: "…" },
        { from: "human", value: "And a loch?" },
      ],
    },
    "What is a fjord?",
    "sharegpt",
  ],
  [
    "ShareGPT split in the middle, so that it begins with the model",
    {
      id: "QWJhYvA_17",
      conversations: [
        { from: "gpt", value: "…" },
        { from: "human", value: "What is a fjord?" },
      ],
    },
    "What is a fjord?",
    "sharegpt",
  ],
  [
    "ShareGPT as HTML",
    { id: "x", conversations: [{ from: "human", value: "<div><p>Is 3 &lt; 4 &amp; why?</p></div>" }] },
    "Is 3 < 4 & why?",
    "sharegpt",
  ],
  [
    "ShareGPT as items",
    { id: "x", items: [{ from: "user", value: "What is a fjord?" }] },
    "What is a fjord?",
    "sharegpt",
  ],
  [
    "SlimOrca",
    {
      conversations: [
        { from: "system", value: "You are an AI assistant.", weight: null },
        { from: "human", value: "What is a fjord?", weight: 0 },
        { from: "gpt", value: "…", weight: 1 },
      ],
    },
    "What is a fjord?",
    "slimorca",
  ],
  [
    "OpenOrca",
    { id: "niv.242684", system_prompt: "", question: "What is a fjord?", response: "…" },
    "What is a fjord?",
    "openorca",
  ],
  ["chat messages", { messages: [{ role: "user", content: "List three rivers." }] }, "List three rivers.", "messages"],
  [
    "chat messages in parts",
    {
      messages: [
        {
          role: "USER",
          content: [
            { type: "text", text: "List" },
            { type: "text", value: "three rivers." },
          ],
        },
      ],
    },
    "List\nthree rivers.",
    "messages",
  ],
  [
    "MT-Bench",
    { question_id: 1, turns: ["Compare tea and coffee.", "And cocoa?"] },
    "Compare tea and coffee.",
    "turns",
  ],
  ["Arena-Hard", { turns: [{ content: "Compare tea and coffee." }] }, "Compare tea and coffee.", "turns"],
  [
    "self-instruct",
    { id: "seed_task_1", instruction: "Explain the idiom.", instances: [{ input: "black sheep", output: "…" }] },
    "Explain the idiom.\nblack sheep",
    "self-instruct",
  ],
  [
    "LongForm",
    { input: "What is a fjord?", output: "…", source: "Wikipedia", subset: "main" },
    "What is a fjord?",
    "longform",
  ],
  ["preference data", { prompt: "What is a fjord?", chosen: "…", rejected: "…" }, "What is a fjord?", "prompt"],
  ["our own", { question: "Is it raining?", source: "mine", id: "q1", task: "yes-no" }, "Is it raining?", "mine"],
];

/** A row of LMSYS-chat-1M. */
function lmsysRow({
  content,
  flagged = false,
  redacted = false,
}: {
  content: unknown;
  flagged?: boolean;
  redacted?: boolean;
}) {
  return {
    conversation_id: "33f0",
    model: "vicuna-13b",
    conversation: [
      { content, role: "user" },
      { content: "…", role: "assistant" },
    ],
    turn: 1,
    language: "English",
    openai_moderation: [
      { categories: { hate: false }, category_scores: { hate: 0.1 }, flagged },
      { flagged: !flagged },
    ],
    redacted,
  };
}

describe("readExemplars", () => {
  it.each(shapes)("reads %s by its shape", async (_, row, question, source) => {
    const [exemplar] = await read("one.jsonl", JSON.stringify(row));
    expect(exemplar).toMatchObject({ question, source });
  });

  it("reads LMSYS-chat-1M, and says which rows were flagged or redacted where it matters", async () => {
    const rows = [
      lmsysRow({ content: "What is a fjord?" }),
      lmsysRow({ content: "Something vile", flagged: true }),
      lmsysRow({ content: "Who is NAME_1?", redacted: true }),
      lmsysRow({ content: "What is a loch?", redacted: true }),
      lmsysRow({ content: null }),
      { ...lmsysRow({ content: "x" }), conversation: [{ content: "I begin", role: "assistant" }] },
      { conversation_hash: "9", conversation: [{ role: "user", content: "vile", toxic: true, redacted: false }] },
    ];
    const unread: UnreadExemplar[] = [];
    const exemplars = await read("lmsys.json", rows, { onUnread: (row: UnreadExemplar) => unread.push(row) });
    expect(exemplars.map(({ question, source, language }) => [question, source, language])).toEqual([
      ["What is a fjord?", "lmsys", "English"],
      ["What is a loch?", "lmsys", "English"],
    ]);
    expect(unread.map(({ line, reason }) => [line, reason])).toEqual([
      [2, "flagged"],
      [3, "redacted"],
      [5, "not-text"],
      [6, "no-human-turn"],
      [7, "flagged"],
    ]);
  });

  it("reads the method's own file with its documents, scenarios, options and spelling", async () => {
    const row = {
      example_question: "Which is it?",
      source: "slimOcar",
      task: "Single-Doc Useless",
      context: [{ id: 7, title: "T", text: "x", socre: "1.5" }],
      Options: ["red", "green"],
    };
    const [exemplar] = await read("data.json", [row]);
    expect(exemplar).toMatchObject({
      source: "SlimOrca",
      task: "multiple-choice",
      documents: [{ id: "7", title: "T", text: "x", metadata: { score: 1.5 } }],
      paradigm: "useless-doc",
      options: ["red", "green"],
    });
  });

  it("gives every odd row a line and a reason", async () => {
    const rows: [unknown, string][] = [
      ["not json", "not-json"],
      [[1], "not-an-object"],
      [{ colour: 1 }, "unknown-shape"],
      [{ instruction: "", input: "", output: "" }, "empty"],
      [{ instruction: 7, output: "" }, "not-text"],
      [{ conversations: [] }, "no-human-turn"],
      [
        {
          conversations: [
            { from: "human", value: " " },
            { from: "human", value: "More?" },
          ],
        },
        "empty",
      ],
      [{ conversations: [null, 3, { from: "human", value: { x: 1 } }] }, "not-text"],
      [{ messages: [{ role: "user", content: [{ type: "image", url: "x" }] }] }, "not-text"],
      [{ turns: [] }, "not-text"],
      [{ example_question: "Q?", context: [{ title: "no text" }] }, "bad-documents"],
      [{ question: "Q?", task: "sing" }, "bad-task"],
    ];
    const lines = rows.map(([row]) => (row === "not json" ? row : JSON.stringify(row))).join("\n");
    const unread: UnreadExemplar[] = [];
    const exemplars = await read("odd.jsonl", lines, { onUnread: (row: UnreadExemplar) => unread.push(row) });
    expect(exemplars).toEqual([]);
    expect(unread.map(({ line, reason }) => [line, reason])).toEqual(rows.map(([, reason], i) => [i + 1, reason]));
  });

  it("throws at the first such row when nobody counts them, naming file and line", async () => {
    await expect(read("bad.jsonl", '{"question":"A good one?"}\n{"colour":1}\n')).rejects.toThrow(
      /bad\.jsonl:2: its keys \(colour\) fit no known exemplar format \(unknown-shape\); pass onUnread/,
    );
  });

  it("refuses whole files that hold something else, with what to give instead", async () => {
    const refused = (content: unknown) => read("file.json", content, { onUnread: () => {} });
    await expect(refused({ input_ids: [1, 2], labels: [1, 2] })).rejects.toThrow(/token ids, not text/);
    await expect(refused({ a: { file_name: "a.json" }, b: { hf_hub_url: "x/y" } })).rejects.toThrow(/list of datasets/);
    await expect(refused([{ colour: 1 }, { colour: 2 }])).rejects.toThrow(/no row of a known exemplar format \(line 1/);
    await expect(refused([])).resolves.toEqual([]);
    await expect(Array.fromAsync(readExemplars(join(folder, "none.json")))).rejects.toThrow(/none\.json/);
  });

  it("takes a format by name, which then is the source too, and refuses names there are none of", async () => {
    const row = { id: "a", conversations: [{ from: "human", value: "What is a fjord?" }] };
    expect((await read("x.json", [row], { format: "wizardlm" }))[0]!.source).toBe("wizardlm");
    expect((await read("x.json", [row], { source: "mine" }))[0]!.source).toBe("mine");
    await expect(read("x.json", [row], { format: "dolly" })).rejects.toThrow(
      /it has no instruction; its keys are id, conv/,
    );
    await expect(read("x.json", [row], { format: "nonsense" })).rejects.toThrow(/choose from alpaca, dolly,/);
  });

  it("reads several files in turn, in UTF-16 and packed ones too", async () => {
    const rows = '{"question":"Où est la Loire ?"}\n{"question":"Et la Seine ?"}\n';
    await writeFile(join(folder, "a.jsonl"), Buffer.from(`\ufeff${rows}`, "utf16le"));
    await writeFile(join(folder, "b.jsonl.gz"), gzipSync(rows));
    const exemplars = await Array.fromAsync(readExemplars([join(folder, "a.jsonl"), join(folder, "b.jsonl.gz")]));
    expect(exemplars.map(({ question }) => question)).toEqual([
      "Où est la Loire ?",
      "Et la Seine ?",
      "Où est la Loire ?",
      "Et la Seine ?",
    ]);
    expect(exemplars[2]!.id).toBe(exemplars[0]!.id);
  });
});

const shared =
  process.env.RAG_INSTRUCT_SHARED_DATA ?? fileURLToPath(new URL("../../../../../shared/data/", import.meta.url));

describe.skipIf(!existsSync(shared))("the shared exemplar files", () => {
  it.each([
    ["rag-instruct/examplar_data.data.json", 100, 0],
    ["exemplars/alpaca_en_demo.json", 999, 0],
    ["exemplars/WizardLM_testset.jsonl", 218, 0],
    ["exemplars/litgpt.dolly.json", 12, 0],
    ["exemplars/v1_sft_demo.jsonl", 500, 0],
    ["exemplars/identity.alpaca.json", 91, 0],
    ["exemplars/sharegpt.dummy_conversation.json", 500, 0],
    ["exemplars/glaive_toolcall_en_demo.sharegpt.json", 300, 0],
    ["exemplars/self_instruct_seed_tasks.jsonl", 175, 0],
    ["exemplars/arena-hard-v0.1.question.jsonl", 500, 0],
    ["exemplars/mt_bench.question.jsonl", 80, 0],
    ["exemplars/vicuna_bench.question.jsonl", 80, 0],
    ["exemplars/axolotl.conversation.json", 1, 0],
    ["exemplars/litgpt.alpaca.json", 23, 0],
    ["exemplars/litgpt.longform_val.json", 9, 0],
    ["exemplars/torchtune.alpaca_tiny.json", 100, 0],
    ["exemplars/torchtune.chat_tiny.json", 1, 0],
  ])("%s has %i exemplars and %i that cannot be read", async (name, count, unreadable) => {
    let unread = 0;
    const exemplars = await Array.fromAsync(readExemplars(join(shared, name), { onUnread: () => unread++ }));
    expect([exemplars.length, unread]).toEqual([count, unreadable]);
  });
  it.each([
    ["exemplars/axolotl.conversation.tokenized_llama2chat.json", /tokenized_llama2chat\.json: it holds token ids/],
    ["exemplars/dataset_info.json", /dataset_info\.json: it is a list of datasets/],
  ])("%s is refused as a whole", async (name, message) => {
    await expect(Array.fromAsync(readExemplars(join(shared, name), { onUnread: () => {} }))).rejects.toThrow(message);
  });
  it("every file of the two folders is one of those above", async () => {
    const files = [...(await readdir(join(shared, "exemplars"))), ...(await readdir(join(shared, "rag-instruct")))];
    expect(files).toHaveLength(19);
  });
  it("the method's own exemplars bring their documents and paradigms", async () => {
    const exemplars = await Array.fromAsync(readExemplars(join(shared, "rag-instruct/examplar_data.data.json")));
    expect(exemplars.filter(({ documents }) => documents!.length > 0)).toHaveLength(100);
    const perParadigm = Map.groupBy(exemplars, ({ paradigm }) => paradigm);
    expect(Object.fromEntries([...perParadigm].map(([id, group]) => [id, group.length]))).toEqual({
      "useless-doc": 27,
      "single-doc-support": 20,
      "multi-doc-support": 15,
      "single-doc-answer": 18,
      "multi-doc-answer": 20,
    });
    expect(exemplars.filter(({ source }) => source === "SlimOrca")).toHaveLength(29);
    expect(exemplars.filter(({ source }) => source === "slimOcar")).toHaveLength(0);
  });
});

it.each([
  ["Which of these is a mammal?\nA. shark\nB. whale", "multiple-choice"],
  ["Q: Which vitamins? options: (a) A, D (b) B and C (c) only C", "multiple-choice"],
  ["Pick one.\nOptions:\n- red\n- green\nAnswer:", "multiple-choice"],
  ["True or false: whales are fish.", "claim"],
  ["Claim: Vitamin C cures colds. Is this claim correct?", "claim"],
  ["How do I sharpen a knife?", "how-to"],
  ["Hi! Could you please explain how to sharpen a knife?", "how-to"],
  ["What is the difference between a crow and a raven?", "comparison"],
  ["Summarize the plot of Hamlet.", "summary"],
  ["Write an essay on the plot of Hamlet.", "long-form"],
  ["Create a blog article of 700 words on bees", "long-form"],
  ["Explain photosynthesis in great detail", "long-form"],
  ["Is the sky blue?\nOptions:\n- yes\n- no", "yes-no"],
  ["Question: Was Hamlet a Dane?\nAnswer:", "yes-no"],
  ["Name three moons of Saturn.", "list"],
  ["Can you describe Saturn?", "open"],
  ["Who wrote Hamlet?", "open"],
])("detectTask of %j is %s", (question, task) => expect(detectTask(question)).toBe(task));

it.each([
  ["Which is it? A) 48 cm B) 96 cm C) 120 cm D) 192 cm", "Which is it?", ["48 cm", "96 cm", "120 cm", "192 cm"]],
  ["Which is it?\n(A) one, two (B) three\nAnswer:", "Which is it?", ["one, two", "three"]],
  ["Which is it?\nOptions:\n- red\n- green", "Which is it?", ["red", "green"]],
  ["Which is it? a. red\nb. green\nc. blue", "Which is it?", ["red", "green", "blue"]],
] as const)("splitOptions of %j", (text, question, options) => {
  expect(splitOptions(text)).toEqual({ question, options });
});
it.each([
  "Is vitamin A. important?",
  "Compare plan A: cheap, with plan C: dear.",
  "Is it?\nOptions:\n- yes\n- no",
  "A. B. Yehoshua wrote what?",
])("splitOptions leaves %j as it is", (question) => expect(splitOptions(question)).toEqual({ question }));
