import { renderInstruction } from "@rag-instruct/core";
import { describe, expect, it } from "vitest";
import { benchmarks } from "./benchmarks.ts";
import type { EvalItem } from "./item.ts";
import { renderBenchmarkPrompt } from "./prompt.ts";

const documents = Array.from({ length: 12 }, (_, i) => ({ id: `${i}`, title: `T${i}`, text: `Text ${i}.` }));
const open: EvalItem = { id: "1", question: "Who wrote it?", golds: ["Ann"], documents };

describe("renderBenchmarkPrompt", () => {
  it("shows ten numbered paragraphs in the bytes of training", () => {
    const prompt = renderBenchmarkPrompt("popqa", open);
    expect(prompt).toBe(renderInstruction({ documents: documents.slice(0, 10), question: "Who wrote it?" }));
    expect(prompt).toMatch(/^### Paragraph:\n\[1\] Text 0\.\n/);
    expect(prompt).toMatch(/\n\[10\] Text 9\.\n\n### Instruction:\nWho wrote it\?\n$/);
    expect(prompt).not.toContain("[11]");
  });

  it("asks closed-book, and with the paragraphs that a retriever found", () => {
    expect(renderBenchmarkPrompt("popqa", open, { limit: 0 })).toBe("### Instruction:\nWho wrote it?\n");
    expect(renderBenchmarkPrompt("popqa", open, { documents: [{ id: "x", title: "", text: "Found." }] })).toContain(
      "[1] Found.\n\n",
    );
  });

  it("lists options by letter, whatever their number", () => {
    const item: EvalItem = { id: "1", question: "Which?", golds: ["C"], options: ["x", "y", "z"] };
    expect(renderBenchmarkPrompt("arc-challenge", item)).toBe(
      "### Instruction:\nChoose the best of the options below and answer with its letter.\n\n### Input:\nWhich?\nA. x\nB. y\nC. z\n",
    );
  });

  it("asks ConvFinQA with its page and the earlier turns", () => {
    const item: EvalItem = {
      id: "1",
      question: "and twice that?",
      golds: ["14"],
      context: "sales | 7",
      turns: ["sales? 7"],
    };
    expect(renderBenchmarkPrompt("convfinqa", item)).toMatch(
      /### Context:\nsales \| 7\n\n### Previous Questions and Answers:\nsales\? 7\n\n### Question:\nand twice that\?\n$/,
    );
    expect(renderBenchmarkPrompt("convfinqa", { ...item, turns: [] })).toContain(
      "### Previous Questions and Answers:\n\n### Question:\n",
    );
  });

  it("shows PubMedQA's own abstract as the one paragraph, whatever is retrieved", () => {
    const item: EvalItem = { id: "1", question: "Does it help?", golds: ["yes"], context: "An abstract." };
    const prompt = renderBenchmarkPrompt("pubmedqa", item, { documents });
    expect(prompt).toMatch(/^### Paragraph:\n\[1\] An abstract\.\n\n### Instruction:\n/);
    expect(prompt).toMatch(/yes, no or maybe\.\n\n### Question:\nDoes it help\?\n$/);
    expect(renderBenchmarkPrompt("pubmedqa", item, { limit: 0 })).not.toContain("An abstract.");
  });

  it("asks whether a claim is true", () => {
    expect(renderBenchmarkPrompt("pubhealth", { id: "1", question: "Water is wet.", golds: ["true"] })).toBe(
      "### Instruction:\nIs the following statement True or False?\nWater is wet.\n",
    );
  });

  it("lays the method's tasks out as its published evaluation does, in our sentences", () => {
    const choice: EvalItem = { id: "1", question: "Which?", golds: ["C"], options: ["x", "y", "z"], documents };
    const ask = "Choose the best of the options below and answer with its letter.";
    const paragraphs = "[1] Text 0.\n[2] Text 1.";
    expect(renderBenchmarkPrompt("arc-challenge", choice, { limit: 2, template: "published" })).toBe(
      `### Instruction:\nDocuments for reference:\n${paragraphs}\n\nAnswer the following question with the help of the documents above:\n${ask}\n\n### Input:\nWhich?\nA: x\nB: y\nC: z\nD: \n\n### Response:\n`,
    );
    expect(renderBenchmarkPrompt("arc-challenge", choice, { limit: 2, template: "published-plain" })).toBe(
      `### Paragraph:\n${paragraphs}\n\n### Instruction:\n${ask}\n\n### Input:\nWhich?\nA: x\nB: y\nC: z\nD: \n\n### Response:\n`,
    );
    expect(renderBenchmarkPrompt("popqa", open, { limit: 0, template: "published" })).toBe(
      "### Instruction:\nWho wrote it?\n\n### Response:\n",
    );
    const five = { ...choice, options: ["v", "w", "x", "y", "z"] };
    expect(renderBenchmarkPrompt("medqa", five, { template: "published" })).toContain(
      "\nD: y\nE: z\n\n### Response:\n",
    );
    const abstract: EvalItem = {
      id: "1",
      question: "Does it help?",
      golds: ["yes"],
      context: "An abstract.",
      documents,
    };
    expect(renderBenchmarkPrompt("pubmedqa", abstract, { template: "published-plain" })).toMatch(
      /^### Paragraph:\n\[1\] An abstract\.\n\n### Instruction:\n/,
    );
  });

  it("takes templates by name or as a function, and refuses unknown ones", () => {
    expect(renderBenchmarkPrompt("popqa", open, { limit: 1, template: "response" })).toBe(
      "### Paragraph:\n[1] Text 0.\n\n### Instruction:\nWho wrote it?\n\n### Response:\n",
    );
    expect(renderBenchmarkPrompt("popqa", open, { template: ({ question }) => `Q: ${question}` })).toBe(
      "Q: Who wrote it?",
    );
    expect(() => renderBenchmarkPrompt("popqa", open, { template: "nope" as "training" })).toThrow(
      /no template "nope"/,
    );
  });

  it("keeps the wording of every benchmark, because other words are other figures", () => {
    const item: EvalItem = { id: "1", question: "QUESTION", golds: ["A"], options: ["x", "y"], context: "CONTEXT" };
    const prompts = Object.values(benchmarks).map(({ id, task }) => {
      const { options, ...plain } = item;
      return `${id}\n${renderBenchmarkPrompt(id, task === "multiple-choice" ? { ...plain, options: options! } : plain)}`;
    });
    expect(prompts.join("\n")).toMatchSnapshot();
  });

  it("knows every benchmark by its own id", () => {
    expect(Object.values(benchmarks).map(({ id }) => id)).toEqual(Object.keys(benchmarks));
  });
});
