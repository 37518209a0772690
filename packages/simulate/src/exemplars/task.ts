import type { Task } from "@rag-instruct/core";

const tasks: Readonly<Record<Task, true>> = {
  open: true,
  comparison: true,
  "multi-hop": true,
  "yes-no": true,
  "multiple-choice": true,
  "how-to": true,
  summary: true,
  list: true,
  claim: true,
  "long-form": true,
};

/** The value as a task, or undefined where it is none. */
export function asTask(value: unknown): Task | undefined {
  return typeof value === "string" && Object.hasOwn(tasks, value) ? (value as Task) : undefined;
}
