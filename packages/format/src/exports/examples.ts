import type { TrainingExample } from "@rag-instruct/core";
import type { RecordFormat } from "./record-format.ts";

/** Everything an example holds, one a line: roles, ranks, ids, paradigm, model. */
export const examplesLines: RecordFormat = {
  file: "examples.jsonl",
  layout: "lines",
  toRecord: (example) => example,
  fromRecord(record) {
    const { id, paradigm, question, answer, documents } = record;
    if ([id, paradigm, question, answer].some((value) => typeof value !== "string")) return undefined;
    if (!Array.isArray(documents) || !documents.every(isTrainingDocument)) return undefined;
    return record as unknown as TrainingExample;
  },
};

function isTrainingDocument(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { id, title, text, role } = value as Record<string, unknown>;
  return [id, title, text].every((field) => typeof field === "string") && /^(source|noise|unknown)$/.test(String(role));
}
