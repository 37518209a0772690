import { detectTask } from "../detect-task.ts";
import { firstUserTurn } from "./fields.ts";
import type { ExemplarFormat } from "./format.ts";

/** Chat data: `messages` of `role` and `content`, of which the first by a user counts. */
export const messagesFormat: ExemplarFormat = {
  name: "messages",
  matches: (record) => Array.isArray(record.messages),
  read(record) {
    const question = firstUserTurn(record.messages);
    return question
      ? { question, source: "messages", task: detectTask(question) }
      : { problem: "no message by a user" };
  },
};
