import type { TrainingDocument, TrainingExample } from "@rag-instruct/core";
import { describe, expect, it } from "vitest";
import { madeExample } from "../test/made-set.ts";
import { checkExample, type ExampleFlaw } from "./check-example.ts";
import { statedAnswers } from "./noise.ts";

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

  const forms: [answer: string, stating: string, other: string][] = [
    ["20 km", "It is 20 kilometres long.", "It is 200 kilometres long, and took 20 years."],
    ["20 kilometres", "It is twenty km long.", "It is 2.0 km long."],
    ["twenty-one", "There were 21 of them.", "There were 210 of them, the 21st in May."],
    ["1,500,000 euros", "It cost €1.5 million.", "It cost 1,050,000 euros."],
    ["150万欧元", "造价一百五十万欧元。", "造价十五万欧元。"],
    ["2,5 millones", "Costó 2.500.000 pesetas.", "Costó 2.500 pesetas."],
    ["45%", "It takes 45 per cent of the traffic.", "It takes 54 percent of the traffic on route 45."],
    ["45 Prozent", "Der Anteil beträgt 45 %.", "Der Anteil beträgt 4,5 %."],
    ["July 4, 1776", "It was signed on the 4th of July 1776.", "It was signed on 7 April 1776."],
    ["1999-03-03", "Sie wurde am 3. März 1999 eröffnet.", "Sie wurde am 3. Mai 1999 eröffnet."],
    ["14 juillet 1989", "Мост был открыт 14 июля 1989 года.", "Мост был открыт 4 июля 1989 года."],
    ["٣ مارس ٢٠٢١", "افتُتح الجسر في 3 مارس 2021.", "افتُتح الجسر في 5 مارس 2021."],
    ["2021年3月3日", "It was opened on 2021-03-03.", "エルム橋は2021年5月3日に開通した。"],
    ["Im März 2021", "Die Brücke ist lang; seit März 2021 wird sie genutzt.", "Im Mai 2021 war sie im Bau."],
  ];
  it.each(forms)("knows %j in another form: %s", (answer, stating, other) => {
    const flawsWith = (text: string) => flawsOf({ ...withNoise((document) => ({ ...document, text })), answer });
    expect(flawsWith(stating)).toEqual(["noise-states-answer"]);
    expect(flawsWith(other)).toEqual([]);
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
