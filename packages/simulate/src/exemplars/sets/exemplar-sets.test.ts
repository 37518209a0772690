import { nearDuplicateIndex, type Task } from "@rag-instruct/core";
import { describe, expect, it } from "vitest";
import { keepKnowledgeIntensive } from "../keep/keep-knowledge-intensive.ts";
import { detectTask } from "../question-form.ts";
import { readExemplars } from "../read.ts";
import { exemplarSet } from "./exemplar-sets.ts";
import { type ExemplarSetName, exemplarSetAbouts, isExemplarSet } from "./names.ts";

const names = Object.keys(exemplarSetAbouts) as ExemplarSetName[];

describe.each(names)("the set of exemplars %s", (name) => {
  const set = exemplarSet(name);

  it("has some dozens of instructions of nine tasks or more, short and long, each in the form of its task", () => {
    expect(set.length).toBeGreaterThanOrEqual(36);
    expect(new Set(set.map(({ task }) => task)).size).toBeGreaterThanOrEqual(9);
    const lengths = set.map(({ question }) => question.split(" ").length);
    expect(Math.min(...lengths)).toBeLessThanOrEqual(7);
    expect(Math.max(...lengths)).toBeGreaterThanOrEqual(20);
    // No form tells what needs several facts, or a choice, from a plain question.
    const untold = new Set<Task>(["multi-hop", "multiple-choice"]);
    const otherwise = set.filter(({ task, question }) => {
      const told = detectTask(question);
      return !untold.has(task) && told !== task && told !== "open";
    });
    expect(otherwise.map(({ task, question }) => `${task}, told as ${detectTask(question)}: ${question}`)).toEqual([]);
  });

  it("is kept whole by the rules, as what needs knowledge to answer", async () => {
    const refused: string[] = [];
    for await (const outcome of keepKnowledgeIntensive({ exemplars: set })) {
      if (outcome.status === "rejected")
        refused.push(`${outcome.reason}, ${outcome.detail}: ${JSON.stringify(outcome.input)}`);
    }
    expect(refused).toEqual([]);
  });

  it("is read by its name wherever a file is", async () => {
    expect(isExemplarSet(name)).toBe(true);
    expect(await Array.fromAsync(readExemplars(name))).toEqual(set);
    expect(set[0]!.source).toBe(`rag-instruct-${name}`);
  });
});

it("no two sets have an instruction in common, nor one that is like another's", () => {
  const seen = nearDuplicateIndex({ threshold: 0.5, size: 2 });
  const all = names.flatMap(exemplarSet);
  expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
  expect(all.filter(({ question }) => seen.findOrAdd(question)).map(({ question }) => question)).toEqual([]);
});

it("every instruction of every set stands in the documentation, by task", async () => {
  const how =
    "docs/reference/exemplar-sets.md is stale; write it anew: pnpm exec vitest run packages/simulate/src/exemplars -u";
  await expect(page(), how).toMatchFileSnapshot("../../../../../docs/reference/exemplar-sets.md");
});

it("a name is a set's alone where it is one, and a path where it says so", async () => {
  expect(isExemplarSet("./general")).toBe(false);
  expect(isExemplarSet("constructor")).toBe(false);
  await expect(Array.fromAsync(readExemplars("./general"))).rejects.toMatchObject({ code: "file-missing" });
});

function page(): string {
  const rows = names.map(
    (name) => `| [\`${name}\`](#${name}) | ${exemplarSet(name).length} | ${exemplarSetAbouts[name]} |`,
  );
  const sections = names.map((name) => {
    const byTask = Object.entries(Object.groupBy(exemplarSet(name), ({ task }) => task));
    const lines = byTask.map(
      ([task, ofTask]) =>
        `**${task}**\n\n${ofTask.map((one) => `- ${[one.question, ...(one.options ?? [])].join(" · ")}`).join("\n")}`,
    );
    return `## ${name}\n\n${lines.join("\n\n")}\n`;
  });
  return `# Exemplar sets

The sets of exemplars that come with the package, written for it and under its licence (Apache-2.0). A question that is made imitates the task, the form and the
length of its exemplar, never its subject: whatever a set asks about, the questions are about your documents. Name one, or several, wherever a file of exemplars can be
named: \`--exemplars handbook,facts\`, \`exemplars: ["handbook", "mine.jsonl"]\` in the config, \`readExemplars("handbook")\` in a program. A file or folder of the same name
is \`./handbook\`. Their sources are \`rag-instruct-handbook\` and so on, by which \`sample\` weighs them, and the manifest and the dataset card name them.

Some dozens are enough to begin with and too few to train on: questions of your own users, or a published set of instructions, make more varied data.

<!-- Written by packages/simulate/src/exemplars/sets/exemplar-sets.test.ts from the sets beside it: change it there. -->

| set | exemplars | what it asks for |
|---|---|---|
${rows.join("\n")}

${sections.join("\n")}`;
}
