import type { Task } from "@rag-instruct/core";
import { z } from "zod";

/** The shape of a model's reply: question and answer, and options for a multiple-choice question. */
export type Reply = { question: string; answer: string; options?: string[] };

// Every field is required and none has a default: strict structured output accepts nothing else.
const openReply = {
  question: z.string().describe("the new question, complete in itself"),
  answer: z.string().describe("the answer to the new question"),
};

const choiceReply = {
  question: z.string().describe("the new question, without its options"),
  options: z.array(z.string()).describe("the options in order, without letters"),
  answer: z.string().describe("the letter of the right option, from A"),
};

/** Text fields that a paradigm asks for besides, by name, with what each is to hold. The model fills them in first. */
export type ReplyFields = Readonly<Record<string, string>>;

const noFields: ReplyFields = {};

// The same object for every call, so that whoever turns it to JSON Schema does so once.
const schemas = new WeakMap<ReplyFields, { open: z.ZodType<Reply>; choice: z.ZodType<Reply> }>();

/** The Zod schema of the reply to an exemplar of this task. */
export function replySchema(task: Task, fields: ReplyFields = noFields): z.ZodType<Reply> {
  const known = schemas.get(fields) ?? schemasWith(fields);
  schemas.set(fields, known);
  return task === "multiple-choice" ? known.choice : known.open;
}

function schemasWith(fields: ReplyFields): { open: z.ZodType<Reply>; choice: z.ZodType<Reply> } {
  const own = Object.fromEntries(Object.entries(fields).map(([name, meaning]) => [name, z.string().describe(meaning)]));
  return { open: z.object({ ...own, ...openReply }), choice: z.object({ ...own, ...choiceReply }) };
}

/** The reply's form in words, for servers that do not pass a schema on to the model. */
export function replyForm(task: Task, fields: ReplyFields = {}): string {
  const own = Object.keys(fields).map((name) => `"${name}": "…"`);
  const rest =
    task === "multiple-choice"
      ? ['"question": "…"', '"options": ["…", "…"]', '"answer": "A"']
      : ['"question": "…"', '"answer": "…"'];
  const meanings = Object.entries(fields).map(([name, meaning]) => `Under "${name}": ${meaning}.\n`);
  return `${meanings.join("")}Reply with one JSON object and nothing else: {${[...own, ...rest].join(", ")}}`;
}
