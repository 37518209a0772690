import { detectTask } from "../detect-task.ts";
import { firstUserTurn } from "./fields.ts";
import type { ExemplarFormat } from "./format.ts";

/** ShareGPT, SlimOrca and LMSYS-chat-1M: `conversations` or `conversation`, of which the first turn by a person counts. */
export const sharegptFormat: ExemplarFormat = {
  name: "sharegpt",
  matches: (record) => Array.isArray(record.conversations) || Array.isArray(record.conversation),
  read(record) {
    const question = firstUserTurn(record.conversations ?? record.conversation);
    return question ? { question, source: "sharegpt", task: detectTask(question) } : { problem: "no turn by a person" };
  },
};
