import { detectTask } from "../detect-task.ts";
import { asTask } from "../task.ts";
import { textField } from "./fields.ts";
import type { ExemplarFormat } from "./format.ts";

/** Our own records: `question`, and where known `id`, `source`, `task`, `options`. */
export const exemplarFormat: ExemplarFormat = {
  name: "exemplar",
  matches: (record) => typeof record.question === "string",
  read(record) {
    const question = textField(record, "question");
    if (!question) return { problem: "question is empty" };
    const task = record.task === undefined ? detectTask(question) : asTask(record.task);
    if (!task) return { problem: `task ${JSON.stringify(record.task)} is none of those there are` };
    const id = textField(record, "id");
    const options = optionList(record.options);
    return {
      ...(id ? { id } : {}),
      question,
      source: textField(record, "source") ?? "exemplar",
      task,
      ...(options ? { options } : {}),
    };
  },
};

/** Choices as a list of texts or as an object of texts by letter. */
export function optionList(value: unknown): string[] | undefined {
  const items = Array.isArray(value) ? value : typeof value === "object" && value !== null ? Object.values(value) : [];
  return items.length > 1 && items.every((item) => typeof item === "string") ? items : undefined;
}
