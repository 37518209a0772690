import type { BuiltinParadigmId, Passage, Task } from "@rag-instruct/core";
import { detectTask } from "../detect-task.ts";
import { optionList } from "./exemplar.ts";
import { asRecord, textField } from "./fields.ts";
import type { ExemplarFormat } from "./format.ts";

// The names of the five scenarios in the method's own file, lower case without white space.
const scenarios: Readonly<Record<string, BuiltinParadigmId>> = {
  "useless-doc": "useless-doc",
  "single-doc-support": "single-doc-support",
  "multi-doc-support": "multi-doc-support",
  "single-doc-answer": "single-doc-answer",
  "multi-doc-answer": "multi-doc-answer",
};

/** The method's own data.json: an example question with the source documents retrieved for it in `context`. */
export const ragInstructFormat: ExemplarFormat = {
  name: "rag-instruct",
  matches: (record) => typeof record.example_question === "string",
  read(record) {
    const question = textField(record, "example_question");
    if (!question) return { problem: "example_question is empty" };
    const documents = readContext(record.context);
    if (!documents) return { problem: "context is not a list of documents with id and text" };
    const scenario = textField(record, "task")
      ?.toLowerCase()
      .replace(/[\s_]+/g, "-");
    const paradigm = scenario === undefined ? undefined : scenarios[scenario];
    const options = optionList(record.Options ?? record.options);
    const task: Task = options ? "multiple-choice" : detectTask(question);
    return {
      question,
      source: textField(record, "source") ?? "rag-instruct",
      task,
      documents,
      ...(paradigm ? { paradigm } : {}),
      ...(options ? { options } : {}),
    };
  },
};

function readContext(value: unknown): Passage[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const documents: Passage[] = [];
  for (const item of value) {
    const record = asRecord(item);
    const text = record && textField(record, "text");
    if (!record || !text || record.id === undefined) return undefined;
    documents.push({ id: String(record.id), title: textField(record, "title") ?? "", text });
  }
  return documents;
}
