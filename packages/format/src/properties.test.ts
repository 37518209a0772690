import { renderInstruction } from "@rag-instruct/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { madeCorpus, madePassage, rankAll } from "../test/made-set.ts";
import { chatTemplate } from "./chat-template.ts";
import { parseInstruction } from "./exports/record-format.ts";
import { labelChat } from "./labels.ts";
import { sampleNoise } from "./noise.ts";

const corpus = madeCorpus(320);

describe("whatever the input", () => {
  it("noise is distinct, no source, from the ranks asked for unless marked, and complete or counted as missing", () => {
    const cases = fc.record({
      size: fc.integer({ min: 0, max: 320 }),
      count: fc.integer({ min: 0, max: 60 }),
      beyond: fc.integer({ min: 0, max: 300 }),
      width: fc.integer({ min: 1, max: 100 }),
      sources: fc.uniqueArray(fc.integer({ min: 0, max: 319 }), { maxLength: 4 }),
      seed: fc.integer(),
    });
    fc.assert(
      fc.property(cases, ({ size, count, beyond, width, sources, seed }) => {
        const ranked = rankAll(corpus, `q${seed}`).slice(0, size);
        const passages = sources.map(madePassage);
        const depth = beyond + width;
        const noise = sampleNoise({ ranked, sources: passages, count, beyond, depth, seed, id: "x" });
        const ids = noise.documents.map(({ id }) => id);
        expect(noise.documents.length + noise.missing).toBe(count);
        expect(new Set(ids).size).toBe(ids.length);
        for (const { id, rank, relaxed, role } of noise.documents) {
          expect(role).toBe("noise");
          expect(passages.some((passage) => passage.id === id)).toBe(false);
          expect(relaxed ? rank! <= beyond : rank! > beyond && rank! <= depth).toBe(true);
        }
        const inReach = ranked.filter(
          ({ rank, passage }) => rank <= depth && !passages.some(({ id }) => id === passage.id),
        );
        expect(noise.documents.length).toBe(Math.min(count, inReach.length));
      }),
    );
  });

  it("the method's layout is read back", () => {
    const documents = fc.array(
      fc.string().map((text) => text.replace(/[\r\n]+/g, " ")),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(documents, fc.string({ unit: "binary" }), (texts, question) => {
        const prompt = renderInstruction({ documents: texts.map((text) => ({ text })), question });
        expect(parseInstruction(prompt)).toEqual({ documents: texts, question });
      }),
    );
  });

  it("the trained span of an answer is the answer", () => {
    const source = "{% for m in messages %}[{{ m.role }}] {{ m.content }}</s>\n{% endfor %}";
    const template = chatTemplate(source);
    fc.assert(
      fc.property(fc.string(), fc.string({ minLength: 1 }), (question, answer) => {
        const messages = [
          { role: "user", content: question },
          { role: "assistant", content: answer },
        ];
        const { text, trained } = labelChat({ template, messages, on: "content" });
        expect(trained.map(({ start, end }) => text.slice(start, end))).toEqual([answer]);
      }),
    );
  });
});
