import type { TrainingDocument, TrainingExample } from "@rag-instruct/core";
import { describe, expect, it } from "vitest";
import { madeExample } from "../test/made-set.ts";
import { checkExample, type ExampleFlaw } from "./check-example.ts";
import { statedAnswers } from "./stated-answers.ts";

const sound = madeExample(1);
const withNoise = (change: (document: TrainingDocument) => TrainingDocument): TrainingExample => {
  const at = sound.documents.findIndex(({ role }) => role === "noise");
  return { ...sound, documents: sound.documents.map((document, i) => (i === at ? change(document) : document)) };
};
const flawsOf = (example: TrainingExample, documents?: number | "any"): ExampleFlaw[] =>
  checkExample(example, documents === undefined ? {} : { documents }).map(({ flaw }) => flaw);
const source = sound.documents.find(({ role }) => role === "source")!;

describe("checkExample", () => {
  it("finds nothing in a sound example", () => {
    expect(checkExample(sound)).toEqual([]);
  });

  it.each<[ExampleFlaw, TrainingExample]>([
    ["empty-question", { ...sound, question: "\n" }],
    ["empty-answer", { ...sound, answer: "" }],
    ["document-count", { ...sound, documents: [...sound.documents, { ...source, id: "p999", text: "More." }] }],
    ["source-missing", { ...sound, sourceIds: [...sound.sourceIds!, "p404"] }],
    ["noise-is-source", withNoise((document) => ({ ...document, text: `${source.text} ` }))],
    ["noise-states-answer", withNoise((document) => ({ ...document, text: "There was a crane, number 1, on it." }))],
  ])("finds %s", (flaw, example) => {
    expect(flawsOf(example)).toEqual([flaw]);
  });

  it("finds a document that stands there twice, and a source that went missing for it", () => {
    const twice = { ...sound, documents: sound.documents.map((document) => ({ ...document, id: "p10" })) };
    expect(new Set(flawsOf(twice))).toEqual(new Set(["source-missing", "document-twice"]));
  });

  it("asks for a source unless the example says that none belongs there", () => {
    const { sourceIds: _, ...unsaid } = sound;
    const documents = sound.documents.map((document): TrainingDocument => ({ ...document, role: "noise" }));
    expect(flawsOf({ ...unsaid, documents })).toEqual(["no-source"]);
    expect(flawsOf({ ...sound, sourceIds: [], documents })).toEqual([]);
  });

  it("does not judge documents whose role is unknown", () => {
    const { sourceIds: _, ...unsaid } = sound;
    const documents = sound.documents.map((document): TrainingDocument => ({ ...document, role: "unknown" }));
    expect(flawsOf({ ...unsaid, documents })).toEqual([]);
  });

  it("takes another number of documents, or any", () => {
    const fewer = { ...sound, documents: sound.documents.filter(({ role }) => role === "source") };
    expect(flawsOf(fewer)).toEqual(["document-count"]);
    expect(flawsOf(fewer, 2)).toEqual([]);
    expect(flawsOf(fewer, "any")).toEqual([]);
  });
});

describe("statedAnswers", () => {
  it("exempts what any passage may hold", () => {
    for (const answer of ["Yes", "no.", "True", "false", "B", "(C)", "The"]) {
      expect(statedAnswers({ answer }), answer).toEqual([]);
    }
    expect(statedAnswers({ answer: "Oslo" })).toEqual(["Oslo"]);
  });

  it("takes the text of the right choice for its letter", () => {
    const options = ["a gull", "a heron"];
    for (const answer of ["B", "B.", "(B)", "B. a heron"]) {
      expect(statedAnswers({ answer, options }), answer).toEqual(["a heron"]);
    }
    expect(statedAnswers({ answer: "Both of them", options })).toEqual(["Both of them"]);
  });
});
