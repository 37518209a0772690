import type { Task } from "@rag-instruct/core";
import { z } from "zod";

// Every field is required and none has a default: strict structured output accepts nothing else.
const openReply = z.object({
  question: z.string().describe("the new question, complete in itself"),
  answer: z.string().describe("the answer to the new question"),
});

const choiceReply = z.object({
  question: z.string().describe("the new question, without its options"),
  options: z.array(z.string()).describe("the options in order, without letters"),
  answer: z.string().describe("the letter of the right option, from A"),
});

/** The shape of a model's reply: question and answer, and options for a multiple-choice question. */
export type Reply = { question: string; answer: string; options?: string[] };

/** The Zod schema of the reply to an exemplar of this task. */
export function replySchema(task: Task): z.ZodType<Reply> {
  return task === "multiple-choice" ? choiceReply : openReply;
}

/** The reply's form in words, for servers that do not pass a schema on to the model. */
export function replyForm(task: Task): string {
  return task === "multiple-choice"
    ? 'Reply with one JSON object and nothing else: {"question": "…", "options": ["…", "…"], "answer": "A"}'
    : 'Reply with one JSON object and nothing else: {"question": "…", "answer": "…"}';
}
