import { isObject } from "@rag-instruct/core";
import { asTask } from "../task.ts";
import { readDocuments } from "./documents.ts";
import { asQuestion, optionList, textField } from "./fields.ts";
import { type ExemplarFormat, type FormatResult, otherShape } from "./format.ts";

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
      return { unread: "bad-task", detail: `task ${JSON.stringify(row.task)} is none of those there are` };
    }
    const known: Partial<Extract<FormatResult, { question: string }>> = {};
    for (const name of ["id", "source", "language", "paradigm"] as const) {
      const value = textField(row, name);
      if (value) known[name] = value;
    }
    const documents = readDocuments(row.documents);
    if (!documents) return { unread: "bad-documents", detail: "its documents are not a list with id and text" };
    const options = optionList(row.options);
    return {
      ...result,
      ...known,
      ...(task ? { task } : {}),
      ...(options ? { options } : {}),
      ...(documents.length > 0 ? { documents } : {}),
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
