import { RagInstructError, renderInstruction } from "@rag-instruct/core";
import { describe, expect, it } from "vitest";
import { madeExample } from "../test/made-set.ts";
import { parseInstruction } from "./exports/record-format.ts";
import { jinjaTemplate, promptTemplates, renderExample } from "./render-example.ts";

const example = madeExample(1);
const choice = { ...example, options: ["tin", "a crane"] };

describe("renderExample", () => {
  // The form of the prompt is that of the method's README: a head, numbered paragraphs one a line, a blank line, a head
  // and the question, closed by a line break.
  it("gives the method's own form, byte for byte", () => {
    const documents = ["is at risk from new works", "as the old stores\nwere", "Hope Street is under way"].map(
      (text, i) => ({
        ...example.documents[i]!,
        text,
      }),
    );
    expect(renderExample({ ...example, documents, question: "Which body uses a house there?" })).toBe(
      "### Paragraph:\n[1] is at risk from new works\n[2] as the old stores were\n[3] Hope Street is under way\n\n" +
        "### Instruction:\nWhich body uses a house there?\n",
    );
  });

  it("equals what evaluation prompts with", () => {
    expect(renderExample(choice)).toBe(renderInstruction(choice));
    expect(renderExample(choice, { titles: true })).toBe(renderInstruction(choice, { titles: true }));
    expect(renderExample(choice, { titles: true })).toContain(`[1] ${choice.documents[0]!.title}: `);
  });

  it("shows every document, the question and its choices in each of the seven templates", () => {
    const prompts = promptTemplates.map(({ id }) => renderExample(choice, { template: id }));
    expect(new Set(prompts).size).toBe(7);
    for (const prompt of prompts) {
      for (const { text } of choice.documents) expect(prompt).toContain(text);
      expect(prompt).toContain(`${choice.question}\nA. tin\nB. a crane`);
    }
  });

  it("varies the template by seed and id, each about as often", () => {
    const used = (seed: number) =>
      Array.from({ length: 700 }, (_, i) => {
        const one = madeExample(1, { id: `e${i}` });
        const prompt = renderExample(one, { template: "varied", seed });
        return promptTemplates.findIndex(({ id }) => renderExample(one, { template: id }) === prompt);
      });
    const first = used(1);
    expect(used(1)).toEqual(first);
    expect(used(2)).not.toEqual(first);
    for (const i of promptTemplates.keys())
      expect(Math.abs(first.filter((one) => one === i).length - 100)).toBeLessThan(40);
  });

  it("takes a function or a Jinja template", () => {
    const own = { id: "own", render: () => "" };
    const template = {
      ...own,
      render: (input: { question: string; documents: readonly { text: string }[] }) =>
        `${input.documents.map(({ text }) => text)} ${input.question}`,
    };
    expect(renderExample(example, { template })).toMatch(/ What stands on the quay of port 1\?$/);
    const source = "{% for d in documents %}<{{ d.title }}> {{ d.text }}\n{% endfor %}{{ instruction }}";
    const jinja = renderExample(choice, { template: jinjaTemplate({ id: "mine", source }) });
    expect(jinja).toContain(`<${choice.documents[9]!.title}> ${choice.documents[9]!.text}\n${choice.question}\nA. tin`);
    const paragraphs = jinjaTemplate({ id: "short", source: "{{ paragraphs }}\n{{ question }}" });
    expect(renderExample(example, { template: paragraphs })).toContain(`\n[2] ${example.documents[1]!.text}`);
  });

  it("refuses a template without a place for the question or the documents", () => {
    const render = (source: string) => () =>
      renderExample(example, { template: jinjaTemplate({ id: "mine", source }) });
    expect(render("{{ paragraphs }}")).toThrow(/template mine has no place for the question/);
    expect(render("{{ documents[0].text }} {{ question }}")).toThrow(/template mine does not show every document/);
    expect(render("{% for %}")).toThrow(/template mine is not valid Jinja/);
    expect(() => renderExample(example, { template: [] })).toThrow(RagInstructError);
  });
});

describe("parseInstruction", () => {
  it("reads back what the method's layout wrote", () => {
    const documents = example.documents.map(({ text }) => text);
    expect(parseInstruction(renderExample(example))).toEqual({ documents, question: example.question });
    expect(parseInstruction(renderExample({ ...example, documents: [] }))).toEqual({
      documents: [],
      question: example.question,
    });
  });

  it("keeps questions that hold the heads themselves", () => {
    const question = "### Paragraph:\n[1] x\n\n### Instruction:\nwhat?\n";
    expect(parseInstruction(renderExample({ ...example, question }))?.question).toBe(question);
  });

  it("knows other layouts for what they are", () => {
    for (const { id } of promptTemplates.slice(1)) {
      expect(parseInstruction(renderExample(example, { template: id })), id).toBeUndefined();
    }
    expect(parseInstruction("### Paragraph:\nno number\n\n### Instruction:\nwhat?\n")).toBeUndefined();
  });
});
