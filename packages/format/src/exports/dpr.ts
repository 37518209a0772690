import { hashOf, plainAnswer, standaloneQuestion, type TrainingDocument } from "@rag-instruct/core";
import { helpfulSources } from "../retrieval/retrieval-format.ts";
import type { RecordFormat } from "./record-format.ts";

/**
 * Training data for retrievers as DPR's own (Karpukhin et al. 2020): the sources are the positive contexts, the noise,
 * which was retrieved for the question all the same, the hard negatives. Examples without helpful sources have no place here.
 */
export const dpr: RecordFormat = {
  file: "dpr.json",
  layout: "array",
  toRecord(example) {
    const { documents } = example;
    const positives = helpfulSources(example);
    if (positives.length === 0) return undefined;
    return {
      question: standaloneQuestion(example),
      answers: [plainAnswer(example)],
      positive_ctxs: positives.map(toContext),
      negative_ctxs: [],
      hard_negative_ctxs: documents.filter(({ role }) => role === "noise").map(toContext),
    };
  },
  fromRecord({ question, answers, positive_ctxs, hard_negative_ctxs }) {
    const answer = Array.isArray(answers) ? answers[0] : undefined;
    if (typeof question !== "string" || typeof answer !== "string") return undefined;
    if (!isContexts(positive_ctxs) || !isContexts(hard_negative_ctxs)) return undefined;
    const documents = [
      ...positive_ctxs.map((context) => toDocument(context, "source")),
      ...hard_negative_ctxs.map((context) => toDocument(context, "noise")),
    ];
    const id = hashOf({ question, answer, documents });
    return { id, paradigm: "unknown", question, answer, documents };
  },
};

interface Context {
  title: string;
  text: string;
  passage_id: string;
}

function toContext({ id, title, text }: TrainingDocument): Context {
  return { title, text, passage_id: id };
}

function toDocument({ title, text, passage_id: id }: Context, role: "source" | "noise"): TrainingDocument {
  return { id, title, text, role };
}

function isContexts(value: unknown): value is Context[] {
  return (
    Array.isArray(value) &&
    value.every((one) => ["title", "text", "passage_id"].every((key) => typeof one?.[key] === "string"))
  );
}
