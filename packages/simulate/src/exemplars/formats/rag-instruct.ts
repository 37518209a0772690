import type { BuiltinParadigmId, Passage, Task } from "@rag-instruct/core";
import { detectTask } from "../detect-task.ts";
import { optionList } from "./exemplar.ts";
import { asRecord, textField } from "./fields.ts";
import type { ExemplarFormat } from "./format.ts";

// The names of the five scenarios in the method's own file.
const scenarios: Readonly<Record<string, BuiltinParadigmId>> = {
  "Single-Doc Useless": "useless-doc",
  "Single-Doc Support": "single-doc-support",
  "Multi-Doc Support": "multi-doc-support",
  "Single-Doc Answer": "single-doc-answer",
  "Multi-Doc Answer": "multi-doc-answer",
};

// The file spells this dataset in a way of its own.
const sources: Readonly<Record<string, string>> = { slimOcar: "SlimOrca" };

/** The method's own data.json: an example question with the source documents retrieved for it in `context`. */
export const ragInstructFormat: ExemplarFormat = {
  name: "rag-instruct",
  matches: (record) => typeof record.example_question === "string",
  read(record) {
    const question = textField(record, "example_question");
    if (!question) return { problem: "example_question is empty" };
    const documents = readContext(record.context);
    if (!documents) return { problem: "context is not a list of documents with id and text" };
    const paradigm = scenarios[textField(record, "task") ?? ""];
    const source = textField(record, "source") ?? "rag-instruct";
    const options = optionList(record.Options ?? record.options);
    const task: Task = options ? "multiple-choice" : detectTask(question);
    return {
      question,
      source: sources[source] ?? source,
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
