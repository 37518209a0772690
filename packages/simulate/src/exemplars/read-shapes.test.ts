import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { readExemplars } from "./read.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "exemplar-shapes-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

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

it.each(shapes)("readExemplars reads %s by its shape", async (_, row, question, source) => {
  const path = join(folder, "one.jsonl");
  await writeFile(path, JSON.stringify(row));
  const [exemplar] = await Array.fromAsync(readExemplars(path));
  expect(exemplar).toMatchObject({ question, source });
});
