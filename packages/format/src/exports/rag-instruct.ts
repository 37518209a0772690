import { questionWithOptions } from "@rag-instruct/core";
import { exampleFrom, type RecordFormat } from "./record-format.ts";

/** The published data set's own records: `{ question, answer, documents: string[] }`, choices following the question. */
export const ragInstructLines: RecordFormat = {
  file: "rag-instruct.jsonl",
  layout: "lines",
  toRecord: ({ question, answer, options, documents }) => ({
    question: questionWithOptions({ question, options }),
    answer,
    documents: documents.map(({ text }) => text),
  }),
  fromRecord({ question, answer, documents = [] }) {
    if (typeof question !== "string" || typeof answer !== "string") return undefined;
    if (!Array.isArray(documents) || !documents.every((document) => typeof document === "string")) return undefined;
    return exampleFrom({ question, answer, documents });
  },
};

/** The same records as one JSON array, as the method's training script reads them. */
export const ragInstructArray: RecordFormat = { ...ragInstructLines, file: "rag-instruct.json", layout: "array" };
