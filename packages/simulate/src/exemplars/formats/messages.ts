import { firstHumanTurn } from "./chat-turns.ts";
import { type ExemplarFormat, otherShape } from "./format.ts";

/** Chat data: `messages` of `role` and `content`, of which the first by a user counts. */
export const messagesFormat: ExemplarFormat = {
  name: "messages",
  matches: (row) => Array.isArray(row.messages),
  read: (row) => (row.messages === undefined ? otherShape(row, "messages") : firstHumanTurn(row.messages).result),
};
