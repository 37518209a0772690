import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  citedNumbers,
  type Pair,
  type Review,
  type ReviewEdit,
  Reviews,
  seenHash,
  type TrainingExample,
} from "@rag-instruct/core";
import { describe, expect, it } from "vitest";
import { madeCorpus, madePair, madeRetriever } from "../test/made-set.ts";
import { assembleExamples } from "./assemble.ts";
import { exportExamples } from "./export-examples.ts";
import { readExamples } from "./read-examples.ts";
import { exampleRenderer } from "./render-example.ts";

const corpus = madeCorpus(300);
const retriever = madeRetriever(corpus);
const pairs = Array.from(
  { length: 40 },
  (_, i): Pair => ({
    ...madePair(`q${i}`, [i, i + 100]),
    answer: "The first says so [1]. Both do [2][1].",
    cites: true,
  }),
);

async function examplesOf(withoutSources = 0) {
  const outcomes = await Array.fromAsync(assembleExamples({ pairs, retriever, seed: 1, withoutSources }));
  return outcomes.map((outcome) => (outcome.status === "accepted" ? outcome.value : undefined)!);
}

describe("an answer that cites", () => {
  it("names its documents by the numbers that they have in the example", async () => {
    const examples = await examplesOf();
    for (const [i, { answer, documents, cites }] of examples.entries()) {
      const [first, second] = pairs[i]!.documents.map(
        (source) => documents.findIndex(({ id }) => id === source.id) + 1,
      );
      const both = [first!, second!].sort((a, b) => a - b);
      expect(answer).toBe(`The first says so [${first}]. Both do [${both[0]}][${both[1]}].`);
      expect(cites).toBe(true);
    }
    expect(new Set(examples.map(({ answer }) => answer)).size).toBeGreaterThan(10);
  });
  it("cites nothing where its documents are left out, and is marked as citing nothing", async () => {
    const bare = (await examplesOf(0.5)).filter(({ sourceIds }) => sourceIds!.length === 0);
    expect(bare.length).toBeGreaterThan(5);
    for (const { answer, cites } of bare) expect([answer, cites]).toEqual(["The first says so. Both do.", undefined]);
  });
  it("is still known to cite when it is read back from what keeps its documents, and cites nothing for DPR", async () => {
    const to = await mkdtemp(join(tmpdir(), "cited-"));
    const examples = await examplesOf();
    await exportExamples({ examples, to, formats: ["examples", "parquet", "dpr"] });
    const read = (file: string) => Array.fromAsync(readExamples(join(to, file)));
    for (const file of ["examples.jsonl", "examples.parquet"])
      expect((await read(file)).map(({ cites }) => cites)).toEqual(examples.map(() => true));
    expect(new Set((await read("dpr.json")).map(({ answer }) => answer))).toEqual(
      new Set(["The first says so. Both do."]),
    );
    await rm(to, { recursive: true });
  });
  it("is what people decided on its pair, by the numbers of the example, with its documents and without", async () => {
    const to = await mkdtemp(join(tmpdir(), "cited-"));
    const examples = await examplesOf(0.3);
    await exportExamples({ examples, to, formats: ["examples"] });
    const review = (pair: Pair, decision: Review["decision"], edit?: ReviewEdit): Review => {
      const { id, paradigm } = pair;
      return { id, paradigm, seen: seenHash(pair), decision, edit, reviewer: "r", time: "2026-01-01T00:00:00Z" };
    };
    const reviews = new Reviews(
      pairs.slice(0, 30).map((pair, i) => {
        const { question } = pair;
        if (i % 3 === 2)
          return review(pair, "edited", { question, answer: "The second says so [2]. The first too [1]." });
        return review(pair, i % 3 ? "accepted" : "rejected");
      }),
    );
    const read = await Array.fromAsync(readExamples(join(to, "examples.jsonl"), { reviews, onlyAccepted: true }));
    expect(read.map(({ id }) => id)).toEqual(pairs.flatMap(({ id }, i) => (i < 30 && i % 3 ? id : [])));
    for (const { answer, documents, edited, sourceIds } of read.filter(({ edited }) => edited)) {
      const [first, second] = sourceIds!.map((id) => documents.findIndex((one) => one.id === id) + 1);
      const wanted = first
        ? `The second says so [${second}]. The first too [${first}].`
        : "The second says so. The first too.";
      expect([edited, answer]).toEqual([true, wanted]);
    }
    expect(new Set(read.filter(({ edited }) => edited).map(({ sourceIds }) => sourceIds!.length))).toEqual(
      new Set([0, 2]),
    );
    // Once more, over what was assembled when the decisions were there.
    const applied = pairs.flatMap((pair) => reviews.apply(pair) ?? []);
    const again = assembleExamples({ pairs: applied, retriever, seed: 1, withoutSources: 0.3 });
    const later = (await Array.fromAsync(again)).flatMap((one) => (one.status === "accepted" ? one.value : []));
    await exportExamples({ examples: later, to, formats: ["examples"], overwrite: true });
    expect(await Array.fromAsync(readExamples(join(to, "examples.jsonl"), { reviews, onlyAccepted: true }))).toEqual(
      JSON.parse(JSON.stringify(read)).map((one: TrainingExample) => ({ ...one, seen: expect.any(String) })),
    );
    await rm(to, { recursive: true });
  });
  it("is shown in layouts that number documents alone", async () => {
    const examples = await examplesOf();
    const render = exampleRenderer({ template: "varied", seed: 1 });
    const used = new Set<string>();
    for (const [i, example] of examples.entries()) {
      for (let layout = 0; layout < 7; layout++) {
        const { prompt, template } = render(example, layout);
        used.add(template);
        for (const number of citedNumbers(example.answer))
          expect(prompt).toMatch(new RegExp(`\\b${number}\\D{1,4}${example.documents[number - 1]!.text.slice(0, 20)}`));
      }
      if (i === 0) expect(() => exampleRenderer({ template: "context-question" })(example)).toThrow(/number documents/);
    }
    expect([...used]).not.toContain("context-question");
    expect(used.size).toBe(6);
  });
});
