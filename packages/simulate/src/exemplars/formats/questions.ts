import { type BuiltinParadigmId, isObject } from "@rag-instruct/core";
import {
  asQuestion,
  asTask,
  type ExemplarFormat,
  optionList,
  otherShape,
  readDocuments,
  taskNames,
  textField,
} from "./format.ts";

// The names of the five scenarios in the method's own file.
const scenarios: Readonly<Record<string, BuiltinParadigmId>> = {
  "single-doc-useless": "useless-doc",
  "single-doc-support": "single-doc-support",
  "multi-doc-support": "multi-doc-support",
  "single-doc-answer": "single-doc-answer",
  "multi-doc-answer": "multi-doc-answer",
};

/** The paradigm of a scenario of the method's own files, such as "Single-Doc Useless"; undefined for another name. */
export function scenarioParadigm(scenario: string | undefined): string | undefined {
  return scenario === undefined ? undefined : scenarios[asId(scenario)];
}

function asId(name: string): string {
  return name.toLowerCase().replace(/\W+/g, "-");
}

// The file spells these datasets in ways of its own.
const sources: Readonly<Record<string, string>> = { slimOcar: "SlimOrca", camelai: "CamelAI" };

/** The method's own data.json: an example question with the source documents retrieved for it in `context`. */
export const ragInstructFormat: ExemplarFormat = {
  name: "rag-instruct",
  matches: (row) => "example_question" in row,
  read(row) {
    if (!("example_question" in row)) return otherShape(row, "example_question");
    const result = asQuestion(row.example_question, "its example_question");
    if ("unread" in result) return result;
    const documents = readDocuments(row.context);
    if (!documents) {
      return { unread: "bad-documents", detail: "its context is not a list of documents with id and text" };
    }
    const scenario = textField(row, "task");
    const source = textField(row, "source");
    const options = optionList(row.Options ?? row.options);
    return {
      ...result,
      source: source && (sources[source] ?? source),
      documents: documents.length > 0 ? documents : undefined,
      paradigm: scenarioParadigm(scenario) ?? (scenario && asId(scenario)),
      options,
    };
  },
};

/** OpenOrca: `system_prompt`, `question`, `response`. */
export const openorcaFormat: ExemplarFormat = {
  name: "openorca",
  matches: (row) => "system_prompt" in row && "question" in row && "response" in row,
  read: (row) => ("question" in row ? asQuestion(row.question, "its question") : otherShape(row, "question")),
};

/** Our own rows: `question`, and where known `id`, `source`, `task`, `options`, `documents`. */
export const exemplarFormat: ExemplarFormat = {
  name: "exemplar",
  matches: (row) => "question" in row,
  read(row) {
    if (!("question" in row)) return otherShape(row, "question");
    const result = asQuestion(row.question, "its question");
    if ("unread" in result) return result;
    const task = row.task === undefined ? undefined : asTask(row.task);
    if (row.task !== undefined && !task) {
      return { unread: "bad-task", detail: `task ${JSON.stringify(row.task)} is not one of: ${taskNames.join(", ")}` };
    }
    const documents = readDocuments(row.documents);
    if (!documents) return { unread: "bad-documents", detail: "its documents are not a list with id and text" };
    return {
      ...result,
      id: textField(row, "id"),
      source: textField(row, "source"),
      language: textField(row, "language"),
      paradigm: textField(row, "paradigm"),
      task,
      options: optionList(row.options),
      documents: documents.length > 0 ? documents : undefined,
    };
  },
};

/** LongForm and others: `input` and `output`, where the input is the whole instruction. */
export const longformFormat: ExemplarFormat = {
  name: "longform",
  matches: (row) => typeof row.input === "string" && typeof row.output === "string",
  read: (row) => ("input" in row ? asQuestion(row.input, "its input") : otherShape(row, "input")),
};

/** Rows with a `prompt`: a text, or a list of messages as in preference data. */
export const promptFormat: ExemplarFormat = {
  name: "prompt",
  matches: (row) => typeof row.prompt === "string" || isMessageList(row.prompt),
  read(row) {
    if (!("prompt" in row)) return otherShape(row, "prompt");
    const first = isMessageList(row.prompt) ? row.prompt.find(({ role }) => role === "user")?.content : row.prompt;
    return asQuestion(first, "its prompt");
  },
};

function isMessageList(value: unknown): value is Record<string, unknown>[] {
  return Array.isArray(value) && value.length > 0 && value.every((item) => isObject(item) && "role" in item);
}
