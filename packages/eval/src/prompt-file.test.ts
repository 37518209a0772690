import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { benchmarks } from "./benchmarks.ts";
import type { EvalItem } from "./item.ts";
import { readPromptTemplates, renderBenchmarkPrompt } from "./prompt.ts";

const documents = [
  { id: "a", title: "Not shown", text: "First {question}." },
  { id: "b", title: "", text: "Second $& text." },
];
const item: EvalItem = { id: "1", question: "Who, {options}?", golds: ["A"], documents };

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "prompts-"));
});
afterEach(() => rm(folder, { recursive: true }));

async function read(templates: unknown) {
  const path = join(folder, "prompts.json");
  await writeFile(path, typeof templates === "string" ? templates : JSON.stringify(templates));
  return readPromptTemplates(path);
}

describe("readPromptTemplates", () => {
  it("asks each of the eleven tasks with its own bytes", async () => {
    const tasks = Object.values(benchmarks).filter(({ column }) => column !== undefined);
    const head = "### Instruction:\nDocs:\n{documents}\n\nUse them:\n";
    const own = {
      open: "{question}",
      "multiple-choice": "Pick one, {A}.\n\n### Input:\n{question}\n{options}",
      claim: "True or not:\n{question}",
      "yes-no": "Yes?\n\n### Question:\n{question}",
    };
    const conversation =
      "Go on\n\n### Context:\n{context}\n\n### Previous Questions and Answers:{turns}\n\n### Question:\n{question}";
    const bodyOf = (id: string, task: string) => (id === "convfinqa" ? conversation : own[task as keyof typeof own]);
    // By the names of the method's own evaluation file, where it has one.
    const template = await read(
      Object.fromEntries(
        tasks.map(({ id, task, sources }) => [sources?.[0] ?? id, `${head}${bodyOf(id, task)}\n\n### Response:\n`]),
      ),
    );
    expect(tasks).toHaveLength(11);
    for (const { id, task, ownContext } of tasks) {
      const asked: EvalItem = {
        ...item,
        options: task === "multiple-choice" ? ["x", "y", "z"] : undefined,
        context: id === "convfinqa" || ownContext ? "a page" : undefined,
        turns: id === "convfinqa" ? ["sales? 7", "costs? 3"] : undefined,
      };
      const shown = ownContext ? "[1] a page" : "[1] First {question}.\n[2] Second $& text.";
      const body = bodyOf(id, task).replace("{question}", () => "Who, {options}?");
      const expected = {
        "multiple-choice": "Pick one, {A}.\n\n### Input:\nWho, {options}?\nA: x\nB: y\nC: z\nD: ",
        conversation:
          "Go on\n\n### Context:\na page\n\n### Previous Questions and Answers:\nsales? 7\ncosts? 3\n\n### Question:\nWho, {options}?",
      };
      const text =
        id === "convfinqa" ? expected.conversation : task === "multiple-choice" ? expected["multiple-choice"] : body;
      expect(renderBenchmarkPrompt(id, asked, { template })).toBe(
        `### Instruction:\nDocs:\n${shown}\n\nUse them:\n${text}\n\n### Response:\n`,
      );
    }
  });

  it("names a benchmark without a template, unless there is a default", async () => {
    const template = await read({ popqa: "{instruction}" });
    expect(renderBenchmarkPrompt("popqa", item, { template })).toBe("Who, {options}?");
    expect(() => renderBenchmarkPrompt("triviaqa", item, { template })).toThrow(/no template for triviaqa/);
    const any = await read({ default: "Q {question}" });
    expect(renderBenchmarkPrompt("triviaqa", item, { template: any })).toBe("Q Who, {options}?");
  });

  it.each([
    ["{", /is not JSON/],
    ["[]", /object of templates/],
    [{ popqa: 7 }, /template of popqa must be a text/],
    [{ popqa: "no question here" }, /template of popqa must be a text/],
    [{ nowhere: "{question}" }, /no benchmark "nowhere"/],
  ])("refuses %j", async (templates, message) => {
    await expect(read(templates)).rejects.toThrow(message);
  });

  it("says which file is not there", async () => {
    await expect(readPromptTemplates(join(folder, "none.json"))).rejects.toMatchObject({ code: "file-missing" });
  });
});
