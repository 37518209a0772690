import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { detectTask } from "./detect-task.ts";
import { readExemplars } from "./read.ts";

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

describe("readExemplars", () => {
  it("reads each format by its shape", async () => {
    const records = [
      { instruction: "Explain tides.", input: "For a child.", output: "…" },
      {
        conversations: [
          { from: "system", value: "s" },
          { from: "human", value: "What is a fjord?" },
          { from: "gpt", value: "…" },
        ],
      },
      { messages: [{ role: "user", content: "List three rivers." }] },
      { conversation: [{ role: "user", content: "Compare tea and coffee." }] },
      { question: "Is it raining?", source: "mine", id: "q1" },
      {
        example_question: "Which is it?",
        source: "ARC",
        task: "Single-Doc Answer",
        context: [{ id: 7, title: "T", text: "x", socre: 1 }],
        Options: ["red", "green"],
      },
    ];
    const exemplars = await read("all.json", records);
    expect(exemplars.map(({ question, source, task }) => [question, source, task])).toEqual([
      ["Explain tides.\nFor a child.", "alpaca", "open"],
      ["What is a fjord?", "sharegpt", "open"],
      ["List three rivers.", "messages", "list"],
      ["Compare tea and coffee.", "sharegpt", "comparison"],
      ["Is it raining?", "mine", "yes-no"],
      ["Which is it?", "ARC", "multiple-choice"],
    ]);
    expect(exemplars[4]!.id).toBe("q1");
    expect(exemplars[5]).toMatchObject({
      documents: [{ id: "7", title: "T", text: "x" }],
      paradigm: "single-doc-answer",
      options: ["red", "green"],
    });
    expect(new Set(exemplars.map(({ id }) => id)).size).toBe(6);
  });

  it("names file and line of what it cannot read, or counts it when asked to go on", async () => {
    const lines = '{"question":"A good one?"}\n{"colour":1}\nnot json\n[1]\n{"question":"Another?"}\n';
    await expect(read("bad.jsonl", lines)).rejects.toThrow(
      /bad\.jsonl:2: the keys colour fit no known exemplar format/,
    );
    const unread: number[] = [];
    const exemplars = await read("bad.jsonl", lines, { onUnread: ({ line }: { line: number }) => unread.push(line) });
    expect(exemplars).toHaveLength(2);
    expect(unread).toEqual([2, 3, 4]);
    await expect(read("x.jsonl", lines, { format: "nonsense" })).rejects.toThrow(
      /no exemplar format "nonsense"; choose from/,
    );
    await expect(Array.fromAsync(readExemplars(join(folder, "none.json")))).rejects.toThrow(/none\.json/);
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
  ])("%s has %i exemplars and %i that cannot be read", async (name, count, unreadable) => {
    let unread = 0;
    const exemplars = await Array.fromAsync(readExemplars(join(shared, name), { onUnread: () => unread++ }));
    expect([exemplars.length, unread]).toEqual([count, unreadable]);
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
  ["True or false: whales are fish.", "claim"],
  ["How do I sharpen a knife?", "how-to"],
  ["What is the difference between a crow and a raven?", "comparison"],
  ["Summarize the plot of Hamlet.", "summary"],
  ["Who wrote Hamlet?", "open"],
])("detectTask of %j is %s", (question, task) => expect(detectTask(question)).toBe(task));
